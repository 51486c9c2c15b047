"""Every term of a formula is in the design, or refused by its name: nothing vanishes on the way."""

import datetime
import re
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

import reviewlib as rl
from reviewlib.errors import EvidenceError

K = 24
RNG = np.random.default_rng(1)
X = RNG.normal(size=K)
ROWS = pd.DataFrame(
    {
        "estimate": RNG.normal(size=K),
        "variance": RNG.uniform(0.1, 0.3, K),
        "x": X,
        "x2": X**2,
        "copy": 3 * X - 1,
        "one": 1,
        "two": 2.0,
        "zero": 0.0,
        "drug": ["a", "b"] * 12,
        "half": ["p"] * 12 + ["q"] * 12,
        "same": "a",
        "group": pd.Categorical(["low", "mid", "high"] * 8, ["low", "mid", "high", "never"]),
        "alone": pd.Categorical(["low"] * K, ["low", "high"]),
        "corner": ["u"] * 6 + ["w"] * 18,
        "yes": [True, False] * 12,
        "always": True,
        "typed": [str(i % 3) for i in range(K)],
        "comma": [f"{i},5" for i in range(K)],
        "ragged": ["rct", "RCT ", "obs"] * 8,
        "exact": [Decimal(i) / 8 for i in range(K)],
        "bits": pd.array([True, False] * 12, dtype="boolean"),
        "whole": pd.array(range(K), dtype="Int64"),
        "words": pd.array(["a", "b", "c"] * 8, dtype="string"),
        "word": pd.array(["a"] * K, dtype="string"),
        "mixed": [1, "a"] * 12,
        "when": pd.date_range("2020-01-01", periods=K),
        "date": [datetime.date(2020, 1, 1 + i) for i in range(K)],
        "span": pd.to_timedelta(range(K), unit="D"),
        "month": pd.period_range("2020-01", periods=K, freq="M"),
        "bins": pd.interval_range(0, K),
        "binned": pd.cut(X, 3),
        "complex": [1 + 2j] * K,
        "lists": [[1]] * K,
        "endless": [np.inf, *[1.0] * (K - 1)],
        "log": RNG.normal(size=K),
        "scale": RNG.normal(size=K),
        "mean dose": RNG.normal(size=K),
        "x-y": RNG.normal(size=K),
        "by_row": [f"trial {i}" for i in range(K)],
    }
)


def fit(formula, rows=ROWS, **options):
    return rl.meta_regression(formula, rows, insist=True, **options)


@pytest.mark.parametrize(
    ("formula", "terms", "tested"),
    [
        ("~ x", ["Intercept", "x"], 1),
        ("~ 1", ["Intercept"], 1),
        ("~ x + drug", ["Intercept", "x", "drug[T.b]"], 2),
        ("~ group", ["Intercept", "group[T.mid]", "group[T.high]"], 2),
        ("~ drug:half", ["Intercept", "half[T.q]", "drug[T.b]:half[p]", "drug[T.b]:half[q]"], 3),
        ("~ 0 + drug", ["drug[a]", "drug[b]"], 2),
        ("~ drug - 1", ["drug[a]", "drug[b]"], 2),
        ("~ 0 + drug + half", ["drug[a]", "drug[b]", "half[T.q]"], 3),
        ("~ 0 + x", ["x"], 1),
        # only a column of ones is an intercept, as in metafor
        ("~ 0 + one + x", ["one", "x"], 1),
        ("~ 0 + two + x", ["two", "x"], 2),
        ("~ yes", ["Intercept", "yes"], 1),
        ("~ bits + whole", ["Intercept", "bits", "whole"], 2),
        ("~ exact", ["Intercept", "exact"], 1),
        ("~ words", ["Intercept", "words[T.b]", "words[T.c]"], 2),
        ("~ C(typed)", ["Intercept", "C(typed)[T.1]", "C(typed)[T.2]"], 2),
        ("~ x + I(x ** 2)", ["Intercept", "x", "I(x ** 2)"], 2),
        ("~ log + scale", ["Intercept", "log", "scale"], 2),
        ("~ scale(x)", ["Intercept", "scale(x)"], 1),
        ("~ drug + center(x)", ["Intercept", "drug[T.b]", "center(x)"], 2),
        ("~ np.log(x2) + np.exp(`mean dose`)", ["Intercept", "np.log(x2)", "np.exp(`mean dose`)"], 2),
        ("~ `mean dose` + `x-y`", ["Intercept", "mean dose", "x-y"], 2),
        ("~ x + drug - drug", ["Intercept", "x"], 1),
    ],
)
def test_every_term_reaches_the_design(formula, terms, tested):
    got = fit(formula)
    assert sorted(got.params.index) == sorted(terms)
    assert got.qm_df[0] == tested


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        ("~ drug + center(dose)", "no column 'dose'"),
        ("~ same", 'same is "a" in all 24 studies in use; a factor needs two levels'),
        ("~ drug + same", 'same is "a" in all'),
        ("~ 0 + same", 'same is "a" in all'),
        ("~ x:same", 'same is "a" in all'),
        ("~ drug * same", 'same is "a" in all'),
        ("~ alone", 'alone is "low" in all'),
        ("~ word", 'word is "a" in all'),
        ("~ C(same)", 'C(same) is "a" in all'),
        ("~ C(one)", 'C(one) is "1.0" in all'),
        ("~ np.where(x > 100, 'big', 'small')", "cannot be turned into moderators"),
        ("~ one", "one adds nothing that Intercept"),
        ("~ 0 + zero", "zero adds nothing that a column of zeros"),
        ("~ x + always", "always adds nothing"),
        ("~ x + copy", "copy adds nothing that Intercept, x"),
        ("~ I(x - x)", "I(x - x) adds nothing"),
        ("~ I(x > 100)", "I(x > 100) adds nothing"),
        ("~ half * corner", "half[T.q]:corner[T.w] adds nothing"),
        ("~ x + zero:x", "adds nothing"),
        ("~ by_row", "24 coefficients need at least 25 studies"),
        ("~ np.log(x)", "np.log(x) has no value for some studies"),
        ("~ scale(one)", "scale(one) has no value"),
        ("~ endless", "endless is infinite or not a number in row 0"),
        ("~ exp(x * 1000)", "is infinite or not a number in row"),
        ("~ np.log(drug)", "np.log(drug) cannot be computed"),
        ("~ scale + scale(x)", "no column may have the function's name"),
        ("~ typed", "'typed' holds numbers written as text"),
        ("~ comma", "'comma' holds numbers written as text"),
        ("~ ragged", "'RCT ' and 'rct' in column 'ragged' would be two groups"),
        ("~ mixed", "'mixed' holds numbers and text"),
        ("~ when", "'when' holds dates"),
        ("~ date", "'date' holds dates"),
        ("~ span", "'span' holds dates"),
        ("~ month", "'month' holds dates"),
        ("~ bins", "'bins' holds Interval objects"),
        ("~ complex", "'complex' holds complex numbers"),
        ("~ lists", "'lists' holds list objects"),
        ("~ x ^ 2", "write I(x ** 2) for a square"),
        ("~ x ** 2", "write I(x ** 2) for a square"),
        ("~ x * x", "x with itself is x"),
        ("~ drug:drug", "drug with itself is drug"),
        ("~ x-y", "takes away y, which is not in it"),
        ("~ mean dose", "mean and dose stand side by side"),
        ("~ dose", "no column 'dose'"),
        ("~ Drug", "no column 'Drug'; did you mean drug?"),
        ("~ goup", "did you mean group"),
        ("~ foo(x)", "no column 'foo'"),
        ("~ I(x", "not a formula: a bracket or a quotation mark is not closed"),
        ("~ (x", "a bracket or a quotation mark is not closed"),
        ("~ x +", "a term is missing beside +"),
        ("~ 'x", "not a formula"),
        ("~ x; drug", "; is not an operator"),
        ("~ 2", "a number by itself is no moderator"),
        ("~ .", "name the columns one by one"),
        ("~ x | drug", "has several parts"),
        ("~ x ~ drug", "has several parts"),
        ("~ 0", "nothing to estimate"),
        ("~", "names no moderator"),
        ("", "write the moderators as '~ dose + year'"),
        ("x", "write the moderators as"),
        ("estimate ~ x", "nothing left of the tilde"),
        (None, "a formula is a text such as '~ dose + year', got None"),
        (3, "a formula is a text"),
        (["x"], "formula is one text"),
    ],
)
def test_what_cannot_reach_it_is_refused_by_name(formula, words):
    with pytest.raises(EvidenceError, match=re.escape(words)):
        fit(formula)
    with pytest.raises(EvidenceError):
        rl.multilevel(ROWS.assign(study=ROWS.index // 2), moderators=formula)


@pytest.mark.parametrize("why", ["excluded", "estimate", "moderator"])
def test_a_level_emptied_by_rows_left_out_is_no_level(why):
    rows = ROWS.assign(arm=["a"] * 20 + ["b"] * 4, excluded="", other=1.0)
    last = rows.index >= 20
    changes = {"excluded": ("excluded", "retracted"), "estimate": ("estimate", np.nan), "moderator": ("x", np.nan)}
    column, value = changes[why]
    rows.loc[last, column] = value
    with pytest.raises(EvidenceError, match='arm is "a" in all 20 studies in use'):
        fit("~ x + arm", rows)


@pytest.mark.parametrize("formula", ["~ center(x)", "~ scale(x)", "~ np.exp(x)", "~ x", "~ poly(x, 2)", "~ I(x ** 2)"])
def test_a_row_without_a_value_inside_a_function_is_left_out_with_its_reason(formula):
    rows = ROWS.assign(x=[np.nan, *X[1:]])
    got = fit(formula, rows)
    assert got.k == K - 1 and got.studies["excluded"].iloc[0] == "no x"


def test_an_empty_text_is_a_missing_value():
    rows = ROWS.assign(drug=["a", "b", "", " "] * 6)
    got = fit("~ drug", rows)
    assert got.k == 12 and list(got.studies["excluded"].iloc[:4]) == ["", "", "no drug", "no drug"]


def test_two_columns_of_one_name_are_refused():
    rows = pd.concat([ROWS[["estimate", "variance", "x"]], ROWS[["x"]]], axis=1)
    with pytest.raises(EvidenceError, match="2 columns named 'x'"):
        fit("~ x", rows)


@pytest.mark.parametrize(
    ("newdata", "words"),
    [
        ({"x": 1.0, "drug": "c"}, "is a group that no fitted study has"),
        ({"x": "much", "drug": "a"}, "x is text where the fit had numbers"),
        ({"x": [1.0, None], "drug": "a"}, "newdata"),
        ({"x": [1.0, np.nan], "drug": ["a", "b"]}, "empty cells in x"),
        ({"drug": ["a"]}, "newdata has no column 'x'"),
        ([1.0, 2.0], "newdata is a table"),
    ],
)
def test_new_rows_are_coded_as_the_fitted_ones_or_refused(newdata, words):
    got = fit("~ x + drug")
    with pytest.raises(EvidenceError, match=words):
        got.predict(newdata)


def test_one_new_row_may_come_as_plain_values():
    got = fit("~ x + drug")
    want = got.params["Intercept"] + 2 * got.params["x"] + got.params["drug[T.b]"]
    assert got.predict({"x": 2, "drug": "b"})["estimate"][0] == pytest.approx(want, rel=1e-12)
