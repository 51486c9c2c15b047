"""Plain-language summaries: readable at 12 to 14, as sure as the certainty, every number from the finding."""

import re

import pytest

from reviewlib.meaning.few_trials import widest
from reviewlib.meaning.finding import finding, findings
from reviewlib.meaning.plain_language import easy, harms_plainly, message, plain_language, plain_words
from reviewlib.meaning.statement import overclaims
from reviewlib.page.plain_language import plain_language as block

TOPICS = ("massage", "mobilization", "rand-appropriateness", "stenosis")
GRADES = (5.0, 9.0)  # Flesch-Kincaid: 9 is read at about 14; below 5 the text falls into fragments


@pytest.mark.parametrize("topic", TOPICS)
def test_the_reading_grade_is_that_of_12_to_14(evidence, topic):
    low, high = GRADES
    assert low <= grade(" ".join(plain_language(evidence[topic]).sentences)) <= high


def syllables(word):
    """Return about how many syllables an English word has: its groups of vowels, without a silent end."""
    silent = re.search(r"[^aeiouyl]e$|[^aeiouytd]ed$|[^aeiouycsgz]es$", word)
    return max(len(re.findall(r"[aeiouy]+", word)) - bool(silent), 1)


def grade(text):
    """Return the reading grade of Flesch and Kincaid (1975)."""
    words = re.findall(r"[a-z]+(?:['\u2019-][a-z]+)*", text.lower())
    sentences = len(re.findall(r"[.?!](?=\s|$)", text))
    return 0.39 * len(words) / sentences + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def test_the_grade_is_that_of_the_formula():
    assert grade("The cat sat on the mat.") == pytest.approx(-1.45, abs=0.005)
    known = {"table": 2, "evidence": 3, "disability": 5, "moved": 1, "wanted": 2, "sizes": 2, "here": 1, "surgery": 3}
    assert {word: syllables(word) for word in known} == known


@pytest.mark.parametrize("topic", TOPICS)
def test_no_sentence_is_long_or_claims_too_much(evidence, topic):
    said = plain_language(evidence[topic])
    assert not overclaims(str(said))
    for sentence in said.sentences:
        assert len(sentence.split()) <= 45, sentence
        assert sentence.endswith(".") and sentence[0].isupper(), sentence
        assert ".." not in sentence and "None" not in sentence and "nan" not in sentence.split(), sentence


@pytest.mark.parametrize("topic", ("massage", "mobilization", "stenosis"))
def test_the_parts_answer_what_readers_ask(evidence, topic):
    heads = [head for head, _ in plain_language(evidence[topic]).parts]
    assert heads == [
        "What did we find?",
        "How sure are we?",
        "How big is the difference?",
        "What about harms?",
        "Who is this for?",
        "How up to date is this?",
    ]


@pytest.mark.parametrize("topic", ("massage", "mobilization", "stenosis"))
def test_the_headline_finding_comes_first_with_its_own_numbers(evidence, topic):
    topic = evidence[topic]
    said = dict(plain_language(topic).parts)
    first = next(f for f in findings(topic).values() if f.comparison.get("headline"))
    assert said["What did we find?"][0] == message(first, plain_words(topic))
    assert f"“{first.certainty.level}”" in " ".join(said["How sure are we?"])
    size = " ".join(said["How big is the difference?"])
    for value in (first.shown[0], *widest(first.pooled, first.ci)):
        assert f"{abs(value):.1f} points {'lower' if value < 0 else 'higher'}" in size
    if first.threshold is not None:
        assert f" {first.threshold:g} points" in size


LEVELS = {"high": "Massage eases ", "moderate": "Massage probably eases ", "low": "Massage may ease "}


@pytest.mark.parametrize("level", [*LEVELS, "very low"])
def test_the_words_are_as_sure_as_the_certainty(evidence, level):
    from dataclasses import replace

    found = finding(evidence["massage"], "lbp-pain-short")
    said = message(replace(found, certainty=replace(found.certainty, level=level)))
    if level == "very low":
        assert said.startswith("We do not know if massage is better or worse")
    else:
        assert said.startswith(LEVELS[level])


def test_a_trivial_or_small_effect_is_called_so(evidence):
    from dataclasses import replace

    found = finding(evidence["massage"], "lbp-pain-short")
    found = replace(found, certainty=replace(found.certainty, level="low"))
    assert "may make little to no difference to" in message(replace(found, size="trivial"))
    assert "may slightly ease" in message(replace(found, size="small"))


def test_plain_words_name_a_direction_only_where_the_sentence_does(evidence):
    """The sentence of a finding and its plain message stand on the same page."""
    either = ("leaves room for a better and for a worse", "too few to decide", "very uncertain")
    seen = set()
    for topic in evidence:
        for found in findings(topic).values() if topic.comparisons else ():
            if found.certainty is None or found.estimate is None:
                continue
            open_, plain = any(words in found.sentence for words in either), message(found, plain_words(topic))
            assert open_ == plain.startswith(("It is not clear", "We do not know")), (found.sentence, plain)
            assert "less the" not in plain and "for for" not in plain, plain
            seen |= {words for words in either if words in found.sentence}
    assert seen == set(either)


def test_without_an_effect_or_a_rating_nothing_is_claimed(evidence):
    from dataclasses import replace

    found = finding(evidence["massage"], "lbp-pain-short")
    for unknown in (replace(found, certainty=None), replace(found, estimate=None)):
        assert message(unknown).startswith("We cannot say yet how massage changes")


def test_where_no_line_says_it_harms_are_among_the_results_or_nothing_was_entered(evidence):
    from dataclasses import replace
    from types import MappingProxyType

    topic = evidence["massage"]
    tables = MappingProxyType({**topic.tables, "adverse_events": topic.tables["adverse_events"].head(0)})

    def told(benefit):
        outcomes = [dict(outcome, benefit=benefit) for outcome in topic.info["outcomes"]]
        info = {**topic.info, "harm_line": None, "outcomes": outcomes}
        return harms_plainly(replace(topic, info=info, tables=tables))

    assert told("harm") == ("Harms are among the results of this page.",)
    assert told(True) == ("Nothing about harms was entered here. That does not mean that there were none.",)


def test_a_question_without_a_number_is_named(evidence):
    topic = evidence["mobilization"]
    waiting = [f for f in findings(topic).values() if f.comparison.get("headline") and f.basis == "direction only"]
    said = str(plain_language(topic))
    assert waiting and said.count("that we could read.") == min(len(waiting), 3)
    assert easy(waiting[0].comparison["say"]["comparator"], plain_words(topic)) in said


def test_terms_are_replaced_whole_and_longest_first(evidence):
    assert easy("Serious adverse events and adverse events") == "serious harms and harms"
    assert easy("adverse eventsx") == "adverse eventsx"
    words = plain_words(evidence["massage"])
    again = [plain for plain in words.values() if easy(plain, words) != plain]
    assert not again, "a replacement holds a term that is replaced again"


def test_panel_counts_are_those_of_the_table(evidence):
    topic = evidence["rand-appropriateness"]
    said = str(plain_language(topic))
    rows = topic.ratings[(topic.ratings["round"] == topic.info["headline"]["round"]) & topic.ratings["n_total"].notna()]
    for procedure, mine in rows.groupby("procedure"):
        n = mine.groupby("category")["n"].sum()
        total = mine[mine["category"] == "appropriate"]["n_total"].sum()
        fits = f"{procedure} fits in {n['appropriate']} of {total} cases and does not fit in {n['inappropriate']}."
        assert fits in said
    assert "not a share of the patients" in said


@pytest.mark.parametrize("topic", TOPICS)
def test_the_block_links_its_numbers_to_rows(evidence, topic):
    said, shown = plain_language(evidence[topic]), block(evidence[topic])
    assert re.findall(rf'href="#row-{topic}-([^"]+)"', shown.html) == list(said.rows)
    assert all(sentence in shown.text for sentence in said.sentences)
