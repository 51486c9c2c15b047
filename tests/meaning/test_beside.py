"""What stands beside the headline comes from rows: other answers, who changed sides, the best published review."""

from types import SimpleNamespace

import pandas as pd
import pytest

from reviewlib import load_evidence
from reviewlib.meaning import beside

POOL = {
    "pooled_id": "p1",
    "source_id": "roe2015",
    "k": "2",
    "n": "315",
    "measure": "MD",
    "estimate": "-4.43",
    "ci_low": "-7.91",
    "ci_high": "-0.96",
    "ci_level": "95",
    "certainty": "low",
    "searched": "February 2015",
    "trials": "BREATHE; BEACON",
}


def told(ours=("BREATHE",), **cells):
    """Return the sentence of a published pool beside an answer that rests on the trials `ours`."""
    entry = {"row": "p1", "say": "Symptoms at one year, inhaler minus usual care"}
    topic = SimpleNamespace(
        info={"first_screen": {"reviews": [entry]}},
        text={"pooled_published": pd.DataFrame([POOL | cells])},
        comparisons=(1,),
    )
    studies = pd.DataFrame({"trial": list(ours), "estimate": [1.0] * len(ours)})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(beside, "headline", lambda _: SimpleNamespace(studies=studies))
        ((_, source, sentence),) = beside.published_reviews(topic)
    assert source == "roe2015"
    return sentence


def test_a_review_is_told_with_size_search_result_certainty_and_shared_trials():
    assert told() == (
        "2 trials; 315 people; searched until February 2015. Symptoms at one year, inhaler minus usual care: "
        "MD −4.43 (95% CI −7.91 to −0.96); its authors rate the certainty low. 1 of its trials is in the answer above."
    )


@pytest.mark.parametrize(
    ("ours", "said"),
    [
        (("BREATHE", "BEACON"), "Our answer rests on the same trials."),
        (("BREATHE", "BEACON", "THIRD"), "2 of its trials are in the answer above, which holds 1 trial more."),
        (("THIRD",), "None of its trials (BREATHE, BEACON) is in the answer above; they are elsewhere on this page."),
    ],
)
def test_whose_trials_they_are_is_counted(ours, said):
    assert told(ours).endswith(said)


def test_what_was_not_read_is_said_and_never_guessed():
    sentence = told(k="", n="", certainty="", searched="", trials="")
    for words in (
        "number of trials not read",
        "date of its search not read",
        "no rating of its certainty was read",
        "cannot be said whether ours are among them",
    ):
        assert words in sentence
    assert told(k="3").endswith("1 of its trials is in the answer above; one of its trials could not be named.")


def test_the_first_screen_of_stenosis_names_pain_and_those_who_changed_sides():
    topic = load_evidence()["stenosis"]
    (pain,) = beside.other_answers(topic)
    assert pain.certainty.level == "low" and pain.estimate > 0
    assert beside.other_sentence(pain).endswith("(low certainty)")
    assert [text for *_, text in beside.crossed_over(topic)] == [
        "57% of those assigned to physical therapy had surgery within 2 years (Delitto 2015)."
    ]


def test_rows_of_an_analysis_are_not_called_trials():
    assert told(k="18", k_counts="comparisons", trials="").startswith("18 comparisons; 315 people; ")
    assert told(k="", trials="").startswith("number of trials not read; ")


def test_a_list_of_trials_that_is_not_whole_says_so():
    assert told(
        ("BREATHE", "BEACON"), k="16", k_counts="comparisons", trials="BREATHE; BEACON; OTHER; and others"
    ).endswith("All 2 of our trials are among its own; not all of its trials could be named.")
    whole = told(("THIRD",), k="18", k_counts="comparisons", trials="; ".join(f"T{i}" for i in range(16)))
    assert whole.startswith("18 comparisons of 16 trials; ") and "None of its 16 trials is in the answer above" in whole
