"""A judgement of bias uses the words and domains of its tool; people at risk are not those still followed."""

import pytest

from reviewlib.evidence.check import check
from reviewlib.evidence.reading import read_table
from reviewlib.evidence.row_rules import row_problems
from reviewlib.evidence.schema import schemas

HEAD = "rob_id,trial,trial_source_id,result_id,tool,domain,judgement,judged_by,source_id,read,locator,notes"


def judged(folder, tool, domain, judgement):
    row = f"b1,Example 2001,,,{tool},{domain},{judgement},one assessor,,,,"
    (folder / "example" / "risk_of_bias.csv").write_text(f"{HEAD}\n{row}\n")
    about = folder / "example" / "topic.yml"
    about.write_text(about.read_text().replace("words:\n", f"words:\n  tool: [{tool}]\n"))
    return [(p.severity, p.column) for p in check(folder) if p.record == "b1"]


@pytest.mark.parametrize(
    ("tool", "domain", "judgement"),
    [
        ("RoB 2", "randomization process", "unclear"),
        ("Cochrane RoB 2", "overall", "serious"),
        ("ROBINS-I", "confounding", "high"),
        ("ROBINS-I", "overall", "some concerns"),
        ("PEDro", "blind subjects", "low"),
        ("PEDro scale", "total", "12/10"),
        ("Cochrane risk of bias (first version)", "allocation concealment", "some concerns"),
        ("RoB 1", "allocation concealment", "yes"),
    ],
)
def test_a_word_of_another_tool_is_an_error(good, tool, domain, judgement):
    assert judged(good, tool, domain, judgement) == [("error", "judgement")]


@pytest.mark.parametrize(
    ("tool", "domain", "judgement"),
    [
        ("RoB 2", "allocation concealment", "low"),
        ("ROBINS-I", "randomization process", "moderate"),
        ("PEDro", "selective reporting", "yes"),
        ("Cochrane risk of bias", "confounding", "low risk"),
    ],
)
def test_a_domain_of_another_tool_is_warned_of(good, tool, domain, judgement):
    assert judged(good, tool, domain, judgement) == [("warning", "domain")]


@pytest.mark.parametrize(
    ("tool", "domain", "judgement"),
    [
        ("RoB 2 (22 August 2019)", "Randomisation process", "some concerns"),
        ("Cochrane risk of bias 2", "selection-of-the-reported-result", "Low"),
        ("ROBINS-I", "bias in selection of participants", "no information"),
        ("PEDro scale", "eligibility criteria (not scored)", "yes"),
        ("PEDro", "total", "7/10"),
        ("Cochrane risk of bias (first tool)", "blinding_patients", "unclear risk"),
        ("a checklist of our own", "luck", "plenty"),
    ],
)
def test_the_words_of_a_tool_are_left_alone_however_spelled(good, tool, domain, judgement):
    assert judged(good, tool, domain, judgement) == []


@pytest.mark.parametrize(
    ("note", "seen"),
    [
        ("60 of 66 were still followed at 12 weeks", True),
        ("n is those followed up at one year", True),
        ("60 people remained in follow-up", True),
        ("12 weeks is the last follow-up named", False),
    ],
)
def test_people_still_followed_are_not_those_at_risk(edit, note, seen):
    folder = edit("example/adverse_events.csv", "full-text,Table 4,", f"full-text,Table 4,{note}")
    assert [p.column for p in check(folder)] == (["n_at_risk"] if seen else [])


@pytest.mark.parametrize(
    ("domain", "question", "fact", "words"),
    [
        ("missing outcome data", "concealment", "Sealed envelopes", "belongs to the domain randomization process"),
        ("randomization process", "retention by arm", "30 of 40", "belongs to the domain missing outcome data"),
        ("randomization process", "sequence", "Low risk of bias", "is a judgement, not a fact"),
        ("randomization process", "sequence", "Some concerns, said the review", "is a judgement, not a fact"),
        ("selection of the reported result", "registration", "NCT0001 before the first patient", ""),
        ("deviations from intended interventions", "size", "29 people at low cost", ""),
    ],
)
def test_a_fact_for_a_signalling_question_is_a_fact_under_its_own_domain(domain, question, fact, words):
    cells = {"domain": domain, "question": question, "fact": fact}
    schema = schemas()["rob2_facts"]
    line = ",".join(f'"{cells.get(name, "")}"' for name in schema.names)
    table = read_table(f"{','.join(schema.names)}\n{line}\n".encode(), "rob2_facts.csv", schema)
    found = " ".join(problem.rule for problem in row_problems(table))
    assert words in found if words else not found
