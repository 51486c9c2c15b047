"""One protocol for every public result class, discovered: sentence, table, HTML, frame, JSON and back."""

import json
import warnings
from html.parser import HTMLParser
from importlib import import_module
from pkgutil import walk_packages

import numpy as np
import pandas as pd
import pytest

import reviewlib as rl
from reviewlib.results import Result
from tests.cases.test_gate import FOUND, call, trials

FEW = {"estimate": [0.1, 0.3, 0.2, 0.5, 0.4], "variance": [0.02, 0.03, 0.01, 0.04, 0.02]}
COUNTS = {"events_int": [4, 6, 3], "n_int": [50, 60, 40], "events_ctl": [9, 11, 6], "n_ctl": [50, 61, 41]}


def classes(of=Result):
    for module in walk_packages(rl.__path__, "reviewlib."):
        if not module.name.startswith(("reviewlib.site", "reviewlib.page", "reviewlib.__main__")):
            import_module(module.name)
    return {c for c in every(of) if c.__module__.startswith("reviewlib.")}


def every(of):
    for found in of.__subclasses__():
        yield found
        yield from every(found)


def more():
    """Results that no function of a table returns, or only one that is asked for them."""
    table = trials()
    regression = rl.meta_regression("~ dose", table, insist=True)
    fit = rl.meta_analysis(table, measure="OR")
    ratings = [[8, 7, 9, 8, 7, 8, 9, 7, 8], [2, 5, 9, 1, 4, 6, 3, 8, 2]]
    panel = rl.appropriateness(ratings)
    evidence = rl.load_evidence()
    topic = evidence["massage"]
    yield from (fit, regression, regression.permutation_test(50, seed=1), regression.coefficients, fit.heterogeneity())
    yield from (rl.robust(rl.multilevel(table, cluster="unit"), "unit"), rl.mantel_haenszel(COUNTS).exact())
    yield rl.coverage_simulation([0.1, 0.2, 0.3], 0.1, 200, seed=1)
    yield from (rl.cace(-3.0, 1.5, 0.8, 0.3), rl.e_value(0.6, (0.4, 0.9)), rl.convert.nnt(0.1, 0.05, 0.2))
    yield rl.convert.mean_sd_from_quantiles(n=40, median=3.0, q1=2.0, q3=5.0)
    yield from (panel, rl.class_stability(panel), rl.summary_of_findings(topic))
    for name in evidence.topics:
        for found in rl.findings(evidence[name]).values():
            yield found
            yield from (found.certainty, *found.published)
            yield from _people(evidence[name], found)
    yield from _summaries(evidence)


def _people(topic, found):
    from reviewlib.meaning.people import Share, absolute_rows, shares_beyond_mid

    yield from absolute_rows(topic, found)
    yield from shares_beyond_mid(topic, found)
    yield Share("A", "a1", 0.4, 0.5, 0.45, 0.55, -2.0, "SDs as printed")  # no trial of ours gives one today


def _summaries(evidence):
    from reviewlib.meaning.plain_language import plain_language

    for name in evidence.topics:
        yield plain_language(evidence[name])


@pytest.fixture(scope="module")
def results():
    made = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rl.MethodWarning)
        for name in sorted(set(FOUND) - {"align"}):
            made.setdefault(type(got := call(name, trials(name))), got)
        for got in more():
            made.setdefault(type(got), got)
    subgroup = made[import_module("reviewlib.synthesis.interaction").Subgroups].groups[0]
    made[type(subgroup)] = subgroup
    return {kind: got for kind, got in made.items() if issubclass(kind, Result)}


def test_every_result_class_is_made_here(results):
    assert {c.__name__ for c in classes()} == {c.__name__ for c in results}


def test_repr_is_the_sentence(results):
    for kind, got in results.items():
        assert repr(got) == str(got) and str(got), kind
        assert "object at 0x" not in str(got) and not str(got).startswith(f"{kind.__name__}("), kind


def test_the_summary_holds_the_sentence_or_the_rows(results):
    for kind, got in results.items():
        assert len(got.summary().splitlines()) >= 3, kind


class Balance(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.seen = [], []

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)
        if tag not in ("br", "img", "hr"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_a_notebook_shows_sentence_short_table_and_the_rest_folded(results):
    from reviewlib.html import cell

    for kind, got in results.items():
        html = got._repr_html_()
        read = Balance()
        read.feed(html)
        assert not read.open, kind
        if kind.__name__ in ("SummaryOfFindings",):
            continue
        assert html.startswith(f"<p>{cell(str(got))}</p>"), kind
        assert read.seen.count("tr") <= 12, kind
        if getattr(got, "methods", None):
            assert "<details><summary>Method and cautions</summary>" in html and cell(got.methods) in html, kind


def test_frames_are_frames(results):
    for kind, got in results.items():
        frame = got.to_frame()
        assert isinstance(frame, pd.DataFrame) and len(frame), kind


def test_json_and_back(results):
    for kind, got in results.items():
        text = got.to_json()
        document = json.loads(text)
        assert document["result"] == kind.__name__
        back = rl.from_json(text)
        assert type(back) is kind is type(kind.from_json(text))
        assert str(back) == str(got) and back.summary() == got.summary() and back._repr_html_() == got._repr_html_(), (
            kind
        )
        pd.testing.assert_frame_equal(back.to_frame(), got.to_frame())
        assert back.to_json() == text, kind
        assert "kept" not in json.loads(got.to_json(complete=False))


def test_what_comes_back_can_do_all_that_it_could():
    table = trials()
    fit = rl.from_json(rl.meta_analysis(table, measure="OR").to_json())
    whole = rl.meta_analysis(table, measure="OR")
    assert fit == whole and fit.tau2_ci == whole.tau2_ci and rl.leave_one_out(fit).ci == rl.leave_one_out(whole).ci
    pd.testing.assert_frame_equal(fit.studies, whole.studies)
    pd.testing.assert_frame_equal(fit.blup(), whole.blup())
    regression = rl.meta_regression("~ dose + group", table, insist=True)
    again = rl.from_json(regression.to_json())
    new = {"dose": [2.0], "group": ["b"]}
    assert again.predict(new).equals(regression.predict(new))
    assert again.permutation_test(50, seed=3).to_json() == regression.permutation_test(50, seed=3).to_json()
    nested = rl.multilevel(table, cluster="unit")
    assert rl.from_json(nested.to_json()).robust("CR2").to_json() == nested.robust("CR2").to_json()
    bayes = rl.bayesian(FEW, ("half-normal", 0.5))
    assert rl.from_json(bayes.to_json()).probability(0.1) == bayes.probability(0.1)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "null",
        '{"kept": 3}',
        '{"kept": {"#": "os.path.join", "is": []}}',
        "not json",
        '{"kept": {"#": "errors.Problem", "is": {}}}',
        '{"kept": {"#": "synthesis.result.MetaAnalysis", "is": {}}}',
    ],
)
def test_what_is_no_result_is_refused(text):
    with pytest.raises(rl.EvidenceError):
        rl.from_json(text)


def test_a_document_whose_numbers_were_changed_where_people_read_them_is_refused():
    document = json.loads(rl.meta_analysis(FEW).to_json())
    with pytest.raises(rl.EvidenceError, match=r"edited \(estimate\): what it shows is not what it keeps"):
        rl.from_json(json.dumps(document | {"estimate": 0.9}))
    nested = json.loads(rl.multilevel(FEW | {"study": list("aabbc")}, "study").to_json())
    with pytest.raises(rl.EvidenceError, match=r"edited \(sigma2_outer\)"):
        rl.from_json(json.dumps(nested | {"sigma2_outer": 9.0}))
    assert rl.from_json(json.dumps(document | {"methods": "The words of an older version."})).k == document["k"]


def test_a_result_of_another_class_is_refused():
    with pytest.raises(rl.EvidenceError, match="holds a RankTest, not a MetaAnalysis"):
        rl.MetaAnalysis.from_json(rl.begg(trials()).to_json())


def test_the_text_table_shows_effects_as_people_read_them_too():
    fit = rl.meta_analysis(trials(), measure="OR")
    line = next(row for row in fit.summary().splitlines() if row.startswith("estimate "))
    assert f"({np.exp(fit.estimate):.4g})" in line and f"{fit.estimate:.4g}" in line
    assert f"<td>{np.exp(fit.estimate):.4g}</td>" in fit._repr_html_()
    assert f"se (analysis scale)</th><td>{fit.se:.4g}</td>" in fit._repr_html_()  # a ratio has none of its own


def test_a_file_of_a_result_that_cannot_be_written_leaves_the_old_one(tmp_path, monkeypatch):
    place, fit = tmp_path / "fit.csv", rl.meta_analysis(FEW)
    fit.to_csv(place)
    assert place.read_text() == fit.to_csv()
    monkeypatch.setattr("os.replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(rl.EvidenceError, match=r"fit\.csv"):
        rl.meta_analysis(FEW, method="DL").to_csv(place)
    assert place.read_text() == fit.to_csv() and [f.name for f in tmp_path.iterdir()] == ["fit.csv"]
