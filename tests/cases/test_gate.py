"""What enters through the Python API: every public function that takes a table, discovered, by the same gate.

A function belongs to the tests when its first argument is called `studies`, `table`, `tables` or `rows`. What else it
needs is given by the argument's name; a new name stops here until the test knows a value for it.
"""

import inspect
import warnings
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

import reviewlib as rl

GIVEN = {
    "by": "group",
    "prior": ("half-normal", 0.5),
    "measure": "OR",
    "formula": "~ dose",
    "insist": True,
    "cluster": "unit",
    "rho": 0.5,
    "subsets": 50,
    "seed": 1,
}
SPECIAL = {"correlation_sensitivity": {"rho"}}
TAKES_A_TABLE = ("studies", "table", "tables", "rows")


ALSO = ("insist", "rho", "cluster", "subsets", "seed")  # given wherever they exist


def discovered():
    """Yield (name, function, options) for every public function that takes a table."""
    for name in rl.__all__:
        function = getattr(rl, name)
        if not inspect.isfunction(function) or function.__module__.startswith("reviewlib.meaning"):
            continue
        parameters = inspect.signature(function).parameters
        if not any(word in parameters for word in TAKES_A_TABLE):
            continue
        named = [p for p in parameters.values() if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)]
        required = [p.name for p in named if p.default is p.empty and p.name not in TAKES_A_TABLE]
        unknown = [word for word in required if word not in GIVEN]
        assert not unknown, f"{name} needs {unknown}: say in GIVEN what to give"
        wanted = {*required, *(word for word in ALSO if word in parameters)}
        yield name, function, {word: GIVEN[word] for word in wanted - SPECIAL.get(name, set())}


FOUND = {name: (function, options) for name, function, options in discovered()}
# What is computed from arms or counts does not look at estimate, variance and se.
FROM_ARMS = {"effect_sizes", "mantel_haenszel", "peto", "study_effects"}
FROM_EFFECTS = [name for name in FOUND if name not in FROM_ARMS | {"align"}]


def trials(name=""):
    rng = np.random.default_rng(5)
    k = 14
    n, few, many = rng.integers(40, 120, k), rng.integers(5, 25, k), rng.integers(8, 30, k)
    counts = {"events_int": many, "n_int": n, "events_ctl": few, "n_ctl": n + 3}
    made = rl.effect_sizes({"trial": [f"T{i}" for i in range(k)], **counts}, "OR")
    made.attrs.clear()  # a list of records has none
    made["group"] = list("ab") * 7
    made["dose"] = np.arange(k) % 5
    made["unit"] = np.repeat(list("opqrstu"), 2)
    left = ["estimate", "variance", "se"] if name == "study_effects" else []
    return made.drop(columns=["excluded", "corrected", "route", *left])


def call(name, table, **more):
    function, options = FOUND[name]
    word = next(w for w in TAKES_A_TABLE if w in inspect.signature(function).parameters)
    given = {"all": table} if word == "tables" else table
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rl.MethodWarning)
        return function(**{word: given, **options, **more})


def told(result):
    """Return what a result says, as comparable text with every digit (its own table of studies apart)."""
    if not isinstance(result, pd.DataFrame):
        return str(result), result.to_json(complete=False)
    return result.drop(columns=["se", "variance"], errors="ignore").astype(str).to_csv(index=False)


def test_the_functions_are_found():
    assert {"meta_analysis", "trim_and_fill", "egger", "multilevel", "gosh", "bayesian", "subgroups"} <= set(
        FROM_EFFECTS
    )
    assert len(FROM_EFFECTS) > 18
    assert all(hasattr(function, "__wrapped__") for function, _ in FOUND.values()), "a public function lacks @door"


# ------------------------------------------------------------------------------------------ se and variance


@pytest.mark.parametrize("name", FROM_EFFECTS)
def test_a_table_of_standard_errors_equals_a_table_of_variances(name):
    whole = trials()
    with_variance, with_se = whole.drop(columns="se"), whole.drop(columns="variance")
    with_variance["variance"] = with_se["se"] ** 2
    assert told(call(name, with_se)) == told(call(name, with_variance))


def test_trim_and_fill_keeps_the_real_studies_of_a_table_of_standard_errors():
    whole = trials()
    lean = whole.assign(estimate=4 * whole["se"] ** 2).drop(columns="variance")
    filled = call("trim_and_fill", lean)
    assert filled.k == len(lean) + filled.k0 and filled.k0 > 0
    assert filled.studies["filled"].sum() == filled.k0
    again = rl.meta_analysis(filled.studies, ci="wald")
    assert again.estimate == pytest.approx(filled.estimate, rel=1e-12) and again.k == filled.k


@pytest.mark.parametrize("name", FROM_EFFECTS)
@pytest.mark.parametrize("column", ["se", "variance"])
def test_a_negative_spread_is_refused_everywhere(name, column):
    table = trials().drop(columns={"se": "variance", "variance": "se"}[column])
    table.loc[3, column] *= -1
    with pytest.raises(rl.EvidenceError, match=rf"column {column} \(T3\).*cannot be negative"):
        call(name, table)


# ------------------------------------------------------------------------------------------ frames and cells


def as_polars(frame):
    return pytest.importorskip("polars").DataFrame({c: frame[c].to_list() for c in frame})


def as_arrow(frame):
    return pytest.importorskip("pyarrow").table({c: frame[c].to_list() for c in frame})


class LikePolars:
    """What a polars frame shows of itself, for where polars is not installed."""

    def __init__(self, frame):
        self.columns, self._data = list(frame), {c: frame[c].to_list() for c in frame}

    def get_columns(self):
        return list(self._data.values())

    def to_dict(self, as_series=True):
        assert not as_series
        return self._data


class LikeArrow:
    def __init__(self, frame):
        self._data = {c: frame[c].to_list() for c in frame}

    def to_pydict(self):
        return self._data


FRAMES = {
    "a mapping of lists": lambda f: {c: f[c].to_list() for c in f},
    "a mapping of arrays": lambda f: {c: f[c].to_numpy() for c in f},
    "a list of records": lambda f: f.to_dict("records"),
    "a tuple of records": lambda f: tuple(f.to_dict("records")),
    "named tuples": lambda f: list(f.itertuples(index=False)),
    "polars": as_polars,
    "pyarrow": as_arrow,
    "the shape of polars": LikePolars,
    "the shape of pyarrow": LikeArrow,
    "nullable columns": lambda f: f.convert_dtypes(),
    "object columns": lambda f: f.astype(object),
    "Decimal": lambda f: f.assign(estimate=[Decimal(repr(float(x))) for x in f["estimate"]]),
    "numbers as text": lambda f: f.assign(estimate=[repr(float(x)) for x in f["estimate"]]),
    "None instead of NaN elsewhere": lambda f: f.assign(note=None),
    "another index": lambda f: f.set_index(pd.Index(range(100, 100 + len(f)))),
    "a doubled index": lambda f: f.set_index(pd.Index([7] * len(f))),
    "categories": lambda f: f.assign(trial=f["trial"].astype("category"), group=f["group"].astype("category")),
    "a column called studies": lambda f: f.assign(studies="x"),
    "metafor's names": lambda f: f.rename(columns={"estimate": "yi", "variance": "vi", "se": "sei"}),
}


OWN_COLUMNS = (
    "nullable columns",
    "object columns",
    "None instead of NaN elsewhere",
    "a column called studies",
    "Decimal",
    "numbers as text",
    "another index",
    "a doubled index",
    "categories",
)


@pytest.mark.parametrize("kind", FRAMES)
@pytest.mark.parametrize("name", FOUND)
def test_every_kind_of_table_gives_the_same_result(name, kind):
    table = trials(name)
    if kind in ("Decimal", "numbers as text") and name == "study_effects":
        pytest.skip("there are counts only")
    if kind == "metafor's names" and name == "align":
        pytest.skip("align turns what it is given under our names")
    options = {"better": "lower"} if name == "align" else {}
    want, got = told(call(name, table, **options)), told(call(name, FRAMES[kind](table), **options))
    if isinstance(want, str) and kind in OWN_COLUMNS:
        return  # the frame that comes back keeps the person's own columns and types
    assert got == want


NOT_TABLES = {
    "nothing": (None, "must be a table"),
    "a number": (3.0, "must be a table"),
    "a file name": ("trials.csv", "read_csv"),
    "a plain array": (np.ones((3, 2)), "must be a table"),
    "a column": (pd.Series([1.0, 2.0]), "must be a table"),
    "a list of numbers": ([0.1, 0.2], "must be a table"),
    "a set": ({1, 2}, "must be a table"),
    "one study as a mapping": ({"estimate": 0.1, "variance": 0.2}, "one value each"),
    "columns of several lengths": ({"estimate": [0.1, 0.2], "variance": [0.1]}, "differ in length"),
    "several header lines": (pd.DataFrame([[1.0]], columns=pd.MultiIndex.from_tuples([("a", "b")])), "levels"),
}


@pytest.mark.parametrize("kind", NOT_TABLES)
@pytest.mark.parametrize("name", FOUND)
def test_what_is_no_table_is_refused_in_a_sentence(name, kind):
    given, message = NOT_TABLES[kind]
    with pytest.raises(rl.EvidenceError, match=message):
        call(name, given, **({"better": "lower"} if name == "align" else {}))


CELLS = {
    "words": ("about 2", "is not a number"),
    "a decimal comma": ("0,5", "is not a number"),
    "a date": (date(2020, 1, 2), "is a date"),
    "a time": (pd.Timestamp("2020-01-02"), "is a date"),
    "true": (True, "is true or false"),
    "infinity": (np.inf, "is infinite"),
    "a list": ([1], "is not a number"),
    "a complex number": (1 + 2j, "is not a number"),
}


@pytest.mark.parametrize("kind", CELLS)
@pytest.mark.parametrize("name", FROM_EFFECTS)
def test_a_cell_that_is_no_number_is_refused_by_its_row(name, kind):
    cell, rule = CELLS[kind]
    values = trials()["estimate"].astype(object).tolist()
    values[4] = cell
    with pytest.raises(rl.EvidenceError, match=rf"estimate \(T4\).*{rule}"):
        call(name, {**trials().to_dict("list"), "estimate": values})


def test_whole_columns_of_dates_and_truths_are_refused():
    table = trials()
    for column in (pd.date_range("2020-01-01", periods=14), table["estimate"] > 0, pd.to_timedelta(range(14), "D")):
        with pytest.raises(rl.EvidenceError, match="not a number"):
            rl.meta_analysis(table.assign(estimate=column))


def test_fractions_and_numpy_scalars_are_numbers():
    odd = {"estimate": [Fraction(1, 10), np.float32(0.25), 0.5], "variance": [Decimal("0.02"), 0.03, 1]}
    plain = {"estimate": [0.1, 0.25, 0.5], "variance": [0.02, 0.03, 1.0]}
    assert rl.meta_analysis(odd, ci="wald").estimate == rl.meta_analysis(plain, ci="wald").estimate


# ------------------------------------------------------------------------------------------ excluded

OUT = [True, np.True_, 1, 1.0, "TRUE", "yes", "fatal flaw", "double publication"]
IN = [False, np.False_, 0, 0.0, None, float("nan"), pd.NA, "", "  "]
UNDECIDED = ["no", "No", "FALSE", "false", "0", "n", "NaN", "none", "NA", 2, 0.5, -1, date(2020, 1, 1)]


@pytest.mark.parametrize("name", FROM_EFFECTS)
def test_excluded_true_leaves_out_and_false_does_not(name):
    table = trials()
    without = table.drop(index=[2, 5]).reset_index(drop=True)
    marks = np.zeros(len(table), bool)
    marks[[2, 5]] = True
    if name in ("align", "combine_within"):
        return
    want = call(name, without)
    got = call(name, table.assign(excluded=marks))
    assert _numbers(got) == pytest.approx(_numbers(want), rel=1e-9, nan_ok=True)


def _numbers(result):
    if is_dataclass(result):
        values = [getattr(result, f.name) for f in fields(result) if not f.name.startswith("_")]
        return [v for v in values if isinstance(v, float)]
    frame = result if hasattr(result, "columns") else result.to_frame()
    return frame.select_dtypes(float).to_numpy().ravel().tolist()


@pytest.mark.parametrize("cell", OUT, ids=repr)
def test_a_mark_or_a_reason_leaves_the_study_out(cell):
    fit = rl.meta_analysis(trials().assign(excluded=[cell, *[None] * 13]))
    assert fit.k == 13
    assert fit.studies["excluded"].iloc[0] == (cell if isinstance(cell, str) and len(cell) > 4 else "excluded")


@pytest.mark.parametrize("cell", IN, ids=repr)
def test_no_mark_keeps_the_study(cell):
    assert rl.meta_analysis(trials().assign(excluded=pd.Series([cell] * 14, dtype=object))).k == 14


@pytest.mark.parametrize("cell", UNDECIDED, ids=repr)
def test_a_mark_that_can_be_read_both_ways_is_refused(cell):
    for function in (rl.meta_analysis, lambda t: rl.effect_sizes(t, "OR"), rl.egger):
        with pytest.raises(rl.EvidenceError, match=r"excluded \(T1\).*may mean that the study is in or that it is out"):
            function(trials().assign(excluded=pd.Series([None, cell, *[None] * 12], dtype=object)))


# ------------------------------------------------------------------------------------------ level

WITH_LEVEL = [
    name
    for name in rl.__all__
    if inspect.isfunction(getattr(rl, name))
    and "level" in inspect.signature(getattr(rl, name)).parameters
    and getattr(rl, name).__module__.split(".")[1] in ("effects", "synthesis")
]
OTHERS = {"cace": {"itt_estimate": -3.0, "itt_se": 1.5, "uptake_int": 0.8, "uptake_ctl": 0.3}, "study_effects": {}}


def leveled(name, level):
    if name == "cace":
        return rl.cace(**OTHERS["cace"], level=level)
    if name == "coverage_simulation":
        return rl.coverage_simulation([0.1, 0.2, 0.3], 0.1, 200, seed=1, level=level)
    return call(name, trials(), level=level)


@pytest.mark.parametrize("level", [95, 95.0, 99, np.float64(90), Decimal(95)])
@pytest.mark.parametrize("name", WITH_LEVEL)
def test_a_level_in_per_cent_is_refused_with_the_fraction_to_write(name, level):
    with pytest.raises(rl.EvidenceError, match=rf"level is a fraction .* write 0\.{str(int(level)).rstrip('0')}$"):
        leveled(name, level)


@pytest.mark.parametrize("level", [0, 1, -0.5, 100, 950, float("nan"), float("inf"), "0.95", True, [0.95], 1 + 0j])
@pytest.mark.parametrize("name", WITH_LEVEL)
def test_a_level_that_is_no_coverage_is_refused(name, level):
    if name == "multilevel" and level == "0.95":
        return  # the name of a column there
    with pytest.raises(rl.EvidenceError, match="level is a fraction between 0 and 1"):
        leveled(name, level)


def test_conversions_refuse_a_level_in_per_cent_too():
    for name in dir(rl.convert):
        function = getattr(rl.convert, name)
        if inspect.isfunction(function) and "level" in inspect.signature(function).parameters:
            numbers = [0.5, 2.0, 40, 1.5][
                : sum(p.default is p.empty for p in inspect.signature(function).parameters.values())
            ]
            with pytest.raises(rl.EvidenceError, match="level is a fraction"):
                function(*numbers, level=95)


@pytest.mark.parametrize("level", [0.8, 0.975, 0.999])
def test_the_level_is_printed_as_it_was_asked_for(level):
    fit = rl.meta_analysis(trials(), level=level)
    assert f"({100 * level:g}% CI " in str(fit) and f"{100 * level:g}% prediction interval" in str(fit)


# ------------------------------------------------------------------------------------------ priors


@pytest.mark.parametrize(
    ("prior", "message"),
    [
        (("half-normal", float("inf")), "a half-normal prior takes a scale: finite"),
        (("half-normal", float("nan")), "finite"),
        (("half-normal", -1.0), "the scale above 0"),
        (("half-normal", 0.0), "the scale above 0"),
        (("log-normal", 0.0), "a location and a scale"),
        (("log-t", float("inf"), 1.0), "finite"),
        (("half-student", 1.0), "unknown prior"),
        ("half-normal", "a family with its parameters"),
        (None, "a family with its parameters"),
        (("half-normal", "wide"), "a half-normal prior takes a scale: finite"),
        ((), "a family with its parameters"),
    ],
)
def test_a_prior_that_is_none_is_refused(prior, message):
    with pytest.raises(rl.EvidenceError, match=message):
        rl.bayesian(trials(), prior)


@pytest.mark.parametrize(
    "mean_prior", [(0, float("nan")), (0, -1), (0, 0), (float("inf"), 1), (0,), 3, "flat", (0, 1, 2)]
)
def test_a_prior_of_the_mean_that_is_none_is_refused(mean_prior):
    with pytest.raises(rl.EvidenceError, match="mean_prior is \\(mean, standard deviation\\)"):
        rl.bayesian(trials(), ("half-normal", 0.5), mean_prior=mean_prior)


# ------------------------------------------------------------------------------------------ counts

COUNTS = {"events_int": [4, 6], "n_int": [50, 60], "events_ctl": [9, 11], "n_ctl": [50, 61]}


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        ("events_int", 10.5, "is not a whole number"),
        ("n_ctl", 49.5, "is not a whole number"),
        ("events_ctl", -1, "events cannot be negative"),
        ("n_int", 0, "at least 1 person"),
        ("events_int", 51, "more events"),
    ],
)
def test_counts_of_people_are_whole_and_possible(column, value, rule):
    broken = {**COUNTS, column: [value, COUNTS[column][1]]}
    for function in (lambda t: rl.effect_sizes(t, "RR"), rl.mantel_haenszel, rl.peto):
        with pytest.raises(rl.EvidenceError, match=rf"column {column} \(0\).*{rule}"):
            function(broken)


def test_fractional_people_are_refused_for_means_and_correlations_too():
    arms = {"mean_int": [1.0], "sd_int": [1.0], "n_int": [1.2], "mean_ctl": [1.0], "sd_ctl": [1.0], "n_ctl": [20]}
    with pytest.raises(rl.EvidenceError, match=r"n_int \(0\).*1.2.*whole number.*rounded down first"):
        rl.effect_sizes(arms, "MD")
    with pytest.raises(rl.EvidenceError, match="whole number"):
        rl.effect_sizes({"r": [0.2], "n": [20.4]}, "ZCOR")
    with pytest.raises(rl.EvidenceError, match="whole number"):
        rl.effect_sizes({"events": [2.5], "n": [20]}, "PLO")


# ------------------------------------------------------------------------------------------ habits and wrong calls

R_NAMES = {"events_int": "ai", "n_int": "n1i", "events_ctl": "ci", "n_ctl": "n2i"}


def test_counts_under_the_names_of_metafor_are_read():
    ours = rl.effect_sizes(COUNTS, "OR")["estimate"].tolist()
    assert rl.effect_sizes({R_NAMES[c]: v for c, v in COUNTS.items()}, "OR")["estimate"].tolist() == ours
    four = {"ai": [4, 6], "bi": [46, 54], "ci": [9, 11], "di": [41, 50]}
    assert rl.effect_sizes(four, "OR")["estimate"].tolist() == ours
    assert rl.peto(four).estimate == rl.peto(COUNTS).estimate
    means = {"m1i": [1.0], "sd1i": [2.0], "n1i": [20], "m2i": [0.5], "sd2i": [2.0], "n2i": [21]}
    assert rl.effect_sizes(means, "MD")["estimate"].tolist() == [0.5]
    assert rl.effect_sizes({"xi": [3], "ni": [20]}, "PR")["estimate"].tolist() == [0.15]
    rates = rl.effect_sizes({"x1i": [3], "t1i": [20.5], "x2i": [4], "t2i": [20.5]}, "IRR")
    assert rates["estimate"].tolist() == pytest.approx([np.log(3 / 4)])


def test_half_a_set_of_foreign_names_is_not_read():
    with pytest.raises(rl.EvidenceError, match="missing: events_int"):
        rl.effect_sizes({"ai": [4], "n1i": [50], "n2i": [40]}, "OR")


def test_the_habits_of_metafor_are_accepted_or_answered():
    table = trials()
    want = rl.meta_analysis(table, ci="hksj")
    assert rl.meta_analysis(table, test="knha") == want == rl.meta_analysis(table, method="reml", ci="knha")
    assert rl.meta_analysis(table, test="z", method="DL") == rl.meta_analysis(table, ci="wald", method="DL")
    assert rl.meta_analysis(table, method="FE").method == "CE"
    named = table.rename(columns={"estimate": "g", "variance": "vg"}).drop(columns="se")
    assert rl.meta_analysis(named, yi="g", vi="vg").estimate == want.estimate
    with pytest.raises(rl.EvidenceError, match="estimate names a column: put the numbers into the table"):
        rl.meta_analysis(table, yi=[0.1, 0.2])
    with pytest.raises(rl.EvidenceError, match="meta_regression"):
        rl.meta_analysis(table, mods="~ dose")


@pytest.mark.parametrize("name", FOUND)
def test_a_wrong_keyword_is_answered_with_those_there_are(name):
    with pytest.raises(rl.EvidenceError, match=r"has no argument 'wrong_keyword'.*It takes ") as caught:
        call(name, trials(), wrong_keyword=1)
    assert isinstance(caught.value, TypeError)


def test_a_misspelled_keyword_is_answered_with_the_nearest():
    for function in (rl.leave_one_out, rl.influence, rl.gosh):
        with pytest.raises(rl.EvidenceError, match="has no argument 'estimat': did you mean estimate"):
            function(trials(), estimat="g")


def test_a_missing_argument_is_named():
    with pytest.raises(rl.EvidenceError, match="subgroups: missing a required argument: 'by'. It takes studies, by"):
        rl.subgroups(trials())


@pytest.mark.parametrize("formula", [None, 3, ["~ dose"], b"~ dose"])
def test_a_formula_that_is_none_is_refused(formula):
    with pytest.raises(rl.EvidenceError, match="formula"):
        rl.meta_regression(formula, trials(), insist=True)


def test_what_is_no_collection_of_tables_is_refused_by_multiverse():
    fit = rl.meta_analysis(trials())
    for given in (fit, trials(), [trials()], None):
        with pytest.raises(rl.EvidenceError, match="write multiverse"):
            rl.multiverse(given)
    for given in ({"a": 3}, {"a": "trials.csv"}, trials().to_dict("list"), {}):
        with pytest.raises(rl.EvidenceError):
            rl.multiverse(given)
    assert told(rl.multiverse({"all": fit})) == told(rl.multiverse({"all": trials()}))


def test_an_order_that_does_not_exist_is_refused_by_cumulative():
    with pytest.raises(rl.EvidenceError, match="no common order"):
        rl.cumulative(trials().assign(year=[2001, "2002", *range(12)]), by="year")
    with pytest.raises(rl.EvidenceError, match="no common order"):
        rl.cumulative(trials().assign(year=[date(2001, 1, 1), 2002, *range(12)]), by="year")
    with pytest.raises(rl.EvidenceError, match="no column 'when'"):
        rl.cumulative(trials(), by="when")


# ------------------------------------------------------------------------------------------ level of multilevel


def test_level_is_coverage_in_multilevel_and_a_text_still_names_the_inner_column():
    table = trials().assign(study=trials()["unit"])
    wide, usual = rl.multilevel(table, level=0.99), rl.multilevel(table)
    assert wide.level == 0.99 and wide.ci.high - wide.ci.low > usual.ci.high - usual.ci.low
    assert rl.multilevel(table, cluster="study", level="row") == usual == rl.multilevel(table, "study", "row")
    assert rl.multilevel(table, inner="trial").estimate == rl.multilevel(table, level="trial").estimate
