"""People out of 100: the ratio goes to the named baseline, shares come from printed changes, and nothing else."""

from math import exp, log
from types import SimpleNamespace

import pandas as pd
import pytest
from scipy.stats import norm, t

from reviewlib.errors import EvidenceError
from reviewlib.meaning.few_trials import widest
from reviewlib.meaning.finding import finding, findings
from reviewlib.meaning.people import absolute_rows, shares_beyond_mid, why_not_people
from reviewlib.page.people import people


def _rows(measure, ratios, percent):
    table = pd.DataFrame(
        [
            {
                "assumption_id": "base",
                "quantity": "baseline-risk",
                "used_in": "a-comparison",
                "value": percent,
                "origin": "one trial's control group",
                "source_id": "one2000",
            }
        ]
    )
    estimate, low, high = map(log, ratios)
    found = SimpleNamespace(
        comparison={"id": "a-comparison", "measure": measure}, estimate=estimate, ci=(low, high), pooled=None
    )
    return absolute_rows(SimpleNamespace(tables={"assumptions": table}), found)


def test_risk_ratio_is_applied_to_the_named_baseline():
    (row,) = _rows("RR", (1.5, 1.2, 2.0), 25)
    assert (row.comparator, row.intervention, row.low, row.high) == pytest.approx((25, 37.5, 30, 50))
    assert (row.out_of, row.assumption_id, row.source_id, row.cut) == (100, "base", "one2000", False)


def test_odds_ratio_goes_through_the_odds_of_the_baseline():
    # 25 % is odds of 1/3; times 3 gives odds of 1, that is 50 %. Swapped arguments would give another number.
    (row,) = _rows("OR", (3.0, 1.0, 9.0), 25)
    assert (row.comparator, row.intervention, row.low, row.high) == pytest.approx((25, 50, 25, 75))


def test_hazard_ratio_keeps_the_share_without_the_event_to_its_power():
    (row,) = _rows("HR", (2.0, 1.0, 3.0), 50)
    assert (row.intervention, row.low, row.high) == pytest.approx((75, 50, 87.5))


def test_rare_outcomes_are_told_out_of_a_thousand():
    (row,) = _rows("RR", (2.0, 1.0, 3.0), 0.5)
    assert (row.comparator, row.intervention, row.out_of) == (pytest.approx(5), pytest.approx(10), 1000)


def test_a_limit_past_everybody_is_cut_and_said():
    (row,) = _rows("RR", (1.5, 1.0, 3.0), 50)
    assert row.high == 100 and row.cut and row.intervention == pytest.approx(75)


def test_a_ratio_that_cannot_hold_at_its_baseline_is_refused_with_the_row():
    with pytest.raises(EvidenceError, match=r"assumptions\.csv \(base\).*Name a baseline risk"):
        _rows("RR", (3.0, 1.0, 4.0), 50)


@pytest.mark.parametrize("measure", ["MD", "SMD", "RD"])
def test_a_difference_says_nothing_of_people(measure):
    assert _rows(measure, (1.5, 1.2, 2.0), 25) == []


CHANGE = dict(
    trial="Trial",
    result_id="t-r01",
    value_kind="change",
    measure="MD",
    contrast="int-ctl",
    better="lower",
    mean_int=-20.0,
    sd_int=10.0,
    n_int=50,
    mean_ctl=-10.0,
    sd_ctl=20.0,
    n_ctl=50,
    ci_low=-14.0,
    ci_high=-6.0,
    ci_level=95,
)


def _shares(threshold_kind="within-person", **changed):
    rows = pd.DataFrame([{**CHANGE, **changed}]).astype(object)
    topic = SimpleNamespace(rows=lambda comparison, use: rows)
    about = {"comparison": {"id": "c", "measure": "MD"}, "threshold": 15.0, "unit": "points"}
    found = SimpleNamespace(**about, threshold_kind=threshold_kind)
    return shares_beyond_mid(topic, found)


def test_shares_beyond_the_threshold_come_from_a_normal_distribution_in_each_arm():
    (share,) = _shares()
    assert share.intervention == pytest.approx(norm.cdf(-15, -20, 10))
    assert share.comparator == pytest.approx(norm.cdf(-15, -10, 20))
    assert share.route == "SDs of the changes as printed" and share.threshold == -15


def test_where_higher_is_better_the_picture_is_mirrored():
    (low,) = _shares()
    (high,) = _shares(better="higher", mean_int=20.0, mean_ctl=10.0, ci_low=6.0, ci_high=14.0)
    assert (high.intervention, high.comparator) == pytest.approx((low.intervention, low.comparator))
    assert (high.low, high.high) == pytest.approx((low.low, low.high))


def test_the_range_holds_the_share_and_a_turned_contrast_gives_the_same():
    (share,) = _shares(sd_ctl=10.0)
    assert share.low < share.intervention < share.high
    (turned,) = _shares(sd_ctl=10.0, contrast="ctl-int", ci_low=6.0, ci_high=14.0)
    assert (turned.low, turned.high) == pytest.approx((share.low, share.high))


def test_an_sd_is_derived_from_the_interval_and_its_route_is_said():
    # SE = 8 / (2 t_98), SD = SE / sqrt(2/50); R: 8/(2*qt(.975,98))/sqrt(2/50) = 10.0782
    (share,) = _shares(sd_int=None, sd_ctl=None)
    assert share.intervention == pytest.approx(norm.cdf(-15, -20, 10.0782), abs=1e-4)
    spread = 8 / (2 * t.ppf(0.975, 98)) / (2 / 50) ** 0.5
    assert share.intervention == pytest.approx(norm.cdf(-15, -20, spread), abs=1e-9)
    (small,) = _shares(sd_int=None, sd_ctl=None, n_int=4, n_ctl=3)
    spread = 8 / (2 * t.ppf(0.975, 5)) / (1 / 4 + 1 / 3) ** 0.5
    assert small.intervention == pytest.approx(norm.cdf(-15, -20, spread), abs=1e-9)
    assert small.comparator == pytest.approx(norm.cdf(-15, -10, spread), abs=1e-9)
    assert "from the interval of the mean difference and n" in share.route and "10.1" in share.route


def test_an_sd_is_derived_at_the_level_of_its_interval_and_at_95_where_none_is_given():
    none = {"sd_int": None, "sd_ctl": None}
    usual, unsaid, wide = (_shares(**none, ci_level=level)[0].route for level in (95, None, 99))
    assert usual == unsaid
    spread = 8 / (2 * t.ppf(0.995, 98)) / (2 / 50) ** 0.5
    assert f"({spread:.3g})" in wide and f"({spread:.3g})" not in usual


@pytest.mark.parametrize(
    "changed",
    [{"value_kind": "final"}, {"mean_ctl": None}, {"sd_int": None, "n_int": None}, {"sd_int": None, "ci_low": None}],
)
def test_without_changes_or_a_spread_there_is_no_share(changed):
    assert _shares(**changed) == []


def test_a_threshold_between_groups_gives_no_share():
    assert _shares(threshold_kind="between-group") == []


def test_every_comparison_is_told_in_people_or_says_why_not(evidence):
    for topic in evidence:
        for key, found in findings(topic).items():
            told = bool(absolute_rows(topic, found) or shares_beyond_mid(topic, found))
            assert told != bool(why_not_people(topic, found)), key


def test_numbers_of_the_page_follow_from_the_pool_and_lead_to_rows(evidence):
    topic, key = evidence["massage"], "neck-pain-responder-short"
    found = finding(topic, key)
    (row,) = absolute_rows(topic, found)
    low, high = (exp(limit) for limit in widest(found.pooled, found.ci))
    assert (row.intervention, row.low) == pytest.approx([row.comparator * r for r in (found.shown[0], low)])
    assert row.cut and row.high == row.out_of < row.comparator * high
    block = people(topic, key)
    assert (
        f"about {row.comparator:.0f} have" in block.text and f"{row.intervention:.0f} ({row.low:.0f} to" in block.text
    )
    assert block.png and block.html.count("<svg") == 2 and block.html.count(" of 100 have clearly less neck pain") >= 2
    usable = found.studies[found.studies["estimate"].notna()]
    for result in usable["result_ids" if "result_ids" in usable else "result_id"]:
        for name in str(result).replace(";", ",").split(","):
            assert f'href="#row-massage-{name.strip()}"' in block.html
