"""Methods and proof: printed values, the reference at full precision, the guide, the rules, the arithmetic."""

import re

import pandas as pd
import pytest

from reviewlib.html import Html
from reviewlib.page import methods, methods_rules
from reviewlib.page.agreement import agreement, families
from reviewlib.page.provenance import READ
from reviewlib.page.reference import DIGITS, digits_shared, guide_values, printed_values, read_rows


@pytest.fixture(scope="module")
def values(evidence):
    return printed_values()


def test_every_printed_value_follows_or_its_difference_has_a_reason(values):
    unexplained = values[~values["agrees"] & (values["differs"] == "")]
    assert unexplained.empty, unexplained[["example_id", "printed", "ours"]].to_string()
    stale = values[values["agrees"] & (values["differs"] != "")]
    assert stale.empty, "these agree now: " + ", ".join(stale["example_id"])


def test_where_print_and_ours_part_metafor_gives_ours(values):
    assert values["digits"].min() >= 9, values.sort_values("digits")[["example_id", "ours", "reference"]].head()


def test_printed_values_say_where_they_stand(evidence, values):
    sources = set(evidence.sources["source_id"])
    assert values["example_id"].is_unique
    assert set(values["source_id"]) <= sources
    assert set(values["read"]) <= set(READ)
    assert set(values["printed_in"]) == {"article", "documentation"}
    assert values["locator"].str.len().min() > 5
    assert values["printed"].str.fullmatch(r"-?\d+(\.\d+)?").all()


def test_the_examples_cover_what_a_reviewer_uses(evidence, values):
    sets = read_rows("data_sets")
    assert set(values["data"]) == set(sets["data"]) and len(sets) >= 9
    assert "bcg" in set(values["data"])
    assert set(values["family"]) == {
        "Effect sizes",
        "Conversions",
        "Pooling",
        "Heterogeneity",
        "Counts",
        "Moderators",
        "Dependence",
        "Missing evidence",
    }
    estimators = {re.search(r'method="(\w+)"', call)[1] for call in values["call"] if "method=" in call}
    assert estimators == {"CE", "DL", "PM", "ML", "REML", "EB", "HE", "HS", "SJ"}


def test_every_family_agrees_with_the_reference(evidence):
    full = agreement()
    assert len(full) == len(families()) and set(full["family"]) == set(methods.FAMILIES)
    assert (full["values"] >= 20).all()
    assert full["least"].min() >= 8, full.to_string()
    assert (full[["11", "10", "9", "8", "7"]].sum(axis=1) == full["values"]).all()


def test_every_call_of_the_guide_runs_and_gives_metafors_value(evidence):
    guide = guide_values()
    assert len(guide) == 20 and guide["task"].is_unique
    for row in guide.itertuples():
        assert row.digits >= (6 if row.task == "Trim and fill" else 9), row.task


def test_the_numbers_worth_keeping_are_the_known_ones(evidence):
    results = [result for _, _, result in methods_rules.worth_keeping()]
    assert results == [
        "-2.25 to 2.82",
        "-0.10 to 0.68",
        "0.091 to 0.110",
        "-0.035 to 0.236",
        "-0.035 to 0.236",
        "-0.7145 (-1.1084 to -0.3206)",
        "0.3132 (0.1197 to 1.1115)",
        "92.2%",
        "-1.996 to 0.567",
        "4.30; 12.71",
        "2.78; 3.18",
        "2.36; 2.45",
        "2.18; 2.20",
    ]


FAR = ["Krekoukias", "Sarker", "Wilkey"]


def test_arithmetic_of_the_stored_rows_is_what_was_written_down(evidence):
    topic = evidence["mobilization"]
    table = methods_rules.arithmetic_rows(topic, "arithmetic-rubinstein2019", "MD", [FAR[:1], FAR])
    means = list(table["MD, mean (95% CI)"])
    assert means == ["-3.17 (-7.85 to 1.51)", "-1.52 (-5.19 to 2.14)", "-0.39 (-2.41 to 1.62)"]
    assert list(table["I²"]) == ["92%", "86%", "44%"] and table["tau²"].iloc[0] == "112"
    assert list(table["Which"])[1:] == ["without Krekoukias", "without Krekoukias, Sarker and Wilkey"]
    other = methods_rules.arithmetic_rows(topic, "arithmetic-paige2017", "SMD")
    assert list(other["SMD, mean (95% CI)"]) == ["-0.39 (-0.66 to -0.12)"] and list(other["I²"]) == ["72%"]


def test_arithmetic_is_never_called_evidence(evidence):
    block = methods.arithmetic(evidence["mobilization"], "arithmetic-paige2017", "SMD")
    assert "not clinical evidence" in block.text


def test_rules_lead_to_sources_on_the_page(evidence):
    listed = str(methods.papers(evidence).html)
    html = "".join(
        str(block(evidence).html)
        for block in (methods.house_rule, methods.printed, methods.not_as_printed, methods.panels)
    )
    wanted = set(re.findall(r'href="#(source-[^"]+)"', html))
    assert len(wanted) > 20
    for anchor in wanted:
        assert f'id="{anchor}"' in listed, anchor


def test_reference_values_are_not_called_printed(evidence):
    assert "Reference implementation, not print" in methods.reference(evidence).text


def test_panels_as_published_follow_from_the_formula(evidence):
    block = methods.panels(evidence)
    assert "In none of them" in block.text and block.text.count("people, basger") == 9


@pytest.mark.parametrize(
    ("ours", "theirs", "want"),
    [
        (1.0, 1.0, DIGITS),
        (0.0, 0.0, DIGITS),
        (1.0, 1.0 + 1e-14, DIGITS),
        (1.0, 1.001, 3),
        (1.0, -1.0, 0),
        (None, 1.0, 0),
    ],
)
def test_digits_shared(ours, theirs, want):
    assert digits_shared(ours, theirs) == digits_shared(theirs, ours) == want


def test_cells_of_html_stay_such_whether_or_not_pyarrow_is_installed(evidence):
    """Seen with pyarrow: pandas made plain texts of them, so that pages showed their tags and lost their links."""
    assert pd.get_option("mode.string_storage") == "python"
    kept = pd.DataFrame({"a": [Html("<b>x</b>"), Html("<i>y</i>")]})["a"].iloc[0]
    assert isinstance(kept, Html) and "&lt;" not in str(methods.not_as_printed(evidence).html)
