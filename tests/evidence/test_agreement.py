"""Numbers of one row that tell the same thing twice must tell the same; each kind beside a look-alike that is right."""

import pytest

from reviewlib.evidence.check import check

RESULTS = "example/results.csv"
NONE = dict.fromkeys(("measure", "estimate", "ci_low", "ci_high", "ci_level", "p_value", "contrast"), "")
MEANS = {"sd_int": "", "sd_ctl": "", "p_value": ""}


@pytest.fixture
def warned(cells):
    """Return the warnings about one row of the invented results, with some cells changed: column and rule."""

    def told(row="example2001-r1", **new):
        problems = [p for p in check(cells(RESULTS, row, **new)) if p.record == row]
        assert [p for p in problems if p.severity == "error"] == []
        return [(p.column, p.rule) for p in problems]

    return told


def difference(a, b, estimate, low, high, contrast="int-ctl", **more):
    names = ("mean_int", "mean_ctl", "estimate", "ci_low", "ci_high", "contrast")
    return MEANS | dict(zip(names, (a, b, estimate, low, high, contrast), strict=True)) | {"favours": ""} | more


EXCHANGED = {
    "arms exchanged": difference("9.4", "7.1", "-2.3", "-4.1", "-0.5"),
    "direction exchanged": difference("7.1", "9.4", "-2.3", "-4.1", "-0.5", "ctl-int"),
    "a sign lost": difference("7.1", "9.4", "2.3", "0.5", "4.1"),
    "arms exchanged, no interval": difference("9.4", "7.1", "-2.3", "", "", ci_level=""),
    "arms exchanged, nothing shown": difference("9.4", "7.1", "-2.3", "-6.3", "1.7"),
    "arms exchanged, adjusted": difference("9.4", "7.1", "-2.3", "-4.1", "-0.5", analysis="ANCOVA, adjusted for age"),
    "changes exchanged": difference("-2.0", "-7.0", "-5.0", "-8.0", "-2.0", value_kind="change"),
}


@pytest.mark.parametrize("name", EXCHANGED)
def test_arms_on_the_other_side_of_their_estimate_are_seen(warned, name):
    ((column, rule),) = warned(**EXCHANGED[name])
    assert column == "estimate" and rule.startswith("the arms give ")


def test_the_message_gives_both_numbers(warned):
    ((_, rule),) = warned(**EXCHANGED["arms exchanged"])
    assert rule == "the arms give int-ctl 2.3, the estimate is -2.3"


def test_a_mean_mistyped_is_seen_by_the_estimate(warned):
    ((column, rule),) = warned(**difference("17.1", "9.4", "-2.3", "-4.1", "-0.5"))
    assert column == "estimate" and "7.7" in rule
    ((column, _),) = warned(**difference("1.7", "9.4", "-2.3", "-4.1", "-0.5"))
    assert column == "estimate", "on the right side, but far away"


@pytest.mark.parametrize(
    ("p", "said"),
    [
        ("0.02", ""),
        ("<0.05", ""),
        ("<0.10", ""),
        ("0.051", ""),
        ("0.20", "excludes"),
        ("NS", "excludes"),
        (">0.05", "excludes"),
    ],
)
def test_a_p_value_and_an_interval_say_the_same_of_no_effect(warned, p, said):
    given = difference("7.1", "9.4", "-2.3", "-4.1", "-0.5", p_value=p)
    found = [rule for column, rule in warned(**given) if column == "p_value"]
    assert found == ([f"the interval {said} no effect, which this P value contradicts"] if said else [])


RIGHT = {
    "as printed": difference("7.1", "9.4", "-2.3", "-4.1", "-0.5"),
    "taken the other way": difference("7.1", "9.4", "2.3", "0.5", "4.1", "ctl-int"),
    "rounded": difference("7", "9", "-2.9", "-4.7", "-1.1"),
    "adjusted, another size": difference("6.0", "9.4", "-2.3", "-4.1", "-0.5", analysis="adjusted for baseline"),
    "adjusted, near none": difference("8.1", "8.0", "-0.3", "-1.3", "0.7", analysis="mixed model"),
    "imputed": difference("6.9", "9.4", "-2.3", "-4.1", "-0.5"),
}


@pytest.mark.parametrize("name", RIGHT)
def test_arms_that_fit_their_estimate_are_left_alone(warned, name):
    assert warned(**RIGHT[name]) == []


@pytest.mark.parametrize(
    ("changed", "seen"),
    [
        ({"events_int": "10", "events_ctl": "20"}, True),  # the arms give 0.5
        ({"contrast": "ctl-int"}, True),
        ({"measure": "OR", "estimate": "0.36", "ci_low": "0.14", "ci_high": "0.91"}, True),
        ({"measure": "RD", "estimate": "-22.2", "ci_low": "-41", "ci_high": "-3.4"}, True),
        ({"measure": "OR", "estimate": "2.80", "ci_low": "1.13", "ci_high": "6.96"}, False),
        ({"measure": "RD", "estimate": "22.2", "ci_low": "3.4", "ci_high": "41"}, False),
        ({"estimate": "0.50", "ci_low": "0.26", "ci_high": "0.95", "contrast": "ctl-int"}, False),
        ({"estimate": "2.20", "ci_low": "1.15", "ci_high": "4.20", "analysis": "adjusted"}, False),
    ],
)
def test_events_and_their_ratio_or_difference_lie_on_one_side(warned, changed, seen):
    columns = [column for column, _ in warned("example2002-r2", **changed)]
    assert columns == (["estimate"] if seen else [])


LEVELS = {
    "90% typed as 95": (dict(estimate="-6.0", ci_low="-10.2", ci_high="-1.8"), "about 90%, not 95%"),
    "99% typed as 95": (dict(estimate="-6.0", ci_low="-12.6", ci_high="0.6", p_value=""), "about 99%, not 95%"),
    "a third of n": (dict(n_ctl="20"), "about 83.3%, not 95%"),
    "an SD mistyped": (dict(sd_ctl="19.0", sd_int="19.0"), "about 85.1%, not 95%"),
}


@pytest.mark.parametrize("name", LEVELS)
def test_an_interval_of_another_level_than_its_arms_give_is_seen(warned, name):
    changed, words = LEVELS[name]
    ((column, rule),) = warned(**changed)
    assert column == "ci_level" and words in rule


@pytest.mark.parametrize(
    "changed",
    [
        dict(estimate="-6.0", ci_low="-11.1", ci_high="-0.9"),  # Student's t
        dict(estimate="-6.0", ci_low="-10.2", ci_high="-1.8", ci_level="90", notes="The table prints 90% intervals."),
        dict(estimate="-6.0", ci_low="-10.2", ci_high="-1.8", analysis="ANCOVA"),  # a covariate makes it narrower
        dict(estimate="-6.0", ci_low="-10", ci_high="-2", sd_int="13", sd_ctl="13"),  # rounding
        dict(estimate="-6.0", ci_low="-10.2", ci_high="-1.8", n_ctl="", p_value=""),  # nothing to hold it against
        dict(estimate="-6.0", ci_low="-10.2", ci_high="-1.8", n_int="", n_ctl="", p_value=""),
        dict(estimate="-6.0", ci_low="-10.2", ci_high="-1.8", sd_int="", p_value=""),
        dict(n_int="8", n_ctl="8", ci_low="-21", ci_high="9", p_value="", favours="neither"),  # small arms: t is wide
    ],
)
def test_an_interval_that_its_arms_can_give_is_left_alone(warned, changed):
    assert warned(**changed) == []


@pytest.mark.parametrize(("mean", "sd"), [("4", "25"), ("96", "25"), ("18.0", "39.0")])
def test_an_sd_above_what_mean_and_bounds_allow_is_seen(warned, mean, sd):
    ((column, rule),) = warned(**NONE, favours="", mean_int=mean, sd_int=sd, sd_ctl="25")
    assert column == "sd_int" and rule.startswith(f"with a mean of {float(mean):g} on 0 to 100 no standard deviation")


@pytest.mark.parametrize(("mean", "sd"), [("4", "19"), ("50", "34"), ("18.0", "34.0")])
def test_a_wide_but_possible_sd_is_left_alone(warned, mean, sd):
    assert warned(**NONE, favours="", mean_int=mean, sd_int=sd, sd_ctl="30") == []


FAVOURS = {
    "ratio": ("example2002-r2", dict(favours="ctl"), "contrast"),
    "hazard ratio": ("example2002-r2", dict(favours="ctl", measure="HR"), "contrast"),
    "mean difference": ("example2001-r1", dict(favours="ctl"), "contrast"),
    "means alone": ("example2001-r1", NONE | dict(favours="ctl"), "favours"),
}


@pytest.mark.parametrize("name", FAVOURS)
def test_the_side_named_must_be_the_side_of_the_number(warned, cells, name):
    row, new, column = FAVOURS[name]
    cells("instruments.csv", "example-100", better="lower")
    if row == "example2002-r2":
        responders = {"instrument_id": "responders", "scale_min": "", "scale_max": "", "better": "higher"}
        _append_instrument(cells, responders)
        new = new | {"instrument_id": "responders"}
    ((where, rule),) = warned(row, **new)
    assert where == column and "favours the other side" in rule
    assert warned(row, **new | {"favours": "int"}) == []


def _append_instrument(cells, new):
    path = cells("instruments.csv", "example-100") / "instruments.csv"
    head, *rest = path.read_text(encoding="utf-8").splitlines()
    row = {name: "" for name in head.split(",")} | {"name": "Responders", "unit": "people"} | new
    path.write_text("\n".join([head, *rest, ",".join(row[name] for name in head.split(","))]) + "\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "week", "seen"),
    [
        ("12w", "13", True),
        ("a-52w", "12", True),
        ("26w-b", "2", True),
        ("12w", "12", False),
        ("26w-b", "26.0", False),
        ("r9", "9", False),
    ],
)
def test_a_week_in_the_identifier_is_the_week_of_the_row(cells, name, week, seen):
    folder = cells(RESULTS, "example2001-r2", result_id=f"example2001-{name}", timepoint_weeks=week)
    found = [p.column for p in check(folder) if "the identifier says" in p.rule]
    assert found == (["timepoint_weeks"] if seen else [])
