"""What goes out: R repeats our analysis, RevMan's and Metapsy's columns read back, the data package is valid."""

import csv
import io
import subprocess
import warnings
import zipfile
from pathlib import Path

import pytest
from invented import ROOT

import reviewlib as rl
from reviewlib.cells import safe
from reviewlib.errors import EvidenceError, MethodWarning
from reviewlib.exchange import export, pool_file
from reviewlib.exchange.detect import read_any
from reviewlib.exchange.exporting import FORMATS
from reviewlib.exchange.outgoing import pooled_comparisons, studies_of
from reviewlib.exchange.revman_web import read as read_package

REAL = ROOT / "evidence"


@pytest.fixture(scope="module")
def evidence():
    return rl.load_evidence(REAL)


def pooled(evidence):
    """(stem, studies, our pool) of every pooled comparison."""
    for topic in evidence:
        for comparison in pooled_comparisons(topic):
            studies = studies_of(topic, comparison)
            if studies["excluded"].isna().sum() > 1:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore", MethodWarning)
                    yield f"{topic.id}-{comparison['id']}", studies, rl.house_rule(studies)


def close(got, want):
    assert got == pytest.approx(want, rel=1e-7, abs=1e-9)


@pytest.mark.r
def test_r_gives_the_same_numbers(tmp_path, evidence):
    export("all", "metafor", tmp_path, path=REAL)
    count = 0
    for stem, _, want in pooled(evidence):
        done = subprocess.run(["Rscript", f"{stem}.R"], cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        got = {name: float(value) for name, value in (line.split() for line in done.stdout.splitlines() if line)}
        close((got["k"], got["estimate"], got["ci_low"], got["ci_high"]), (want.k, want.estimate, *want.ci))
        close((got["tau2"], got["i2"], got["q"]), (want.tau2, want.i2, want.q))
        if want.prediction:
            close((got["prediction_low"], got["prediction_high"]), tuple(want.prediction))
        count += 1
    assert count >= 3


@pytest.mark.r
def test_r_follows_the_house_rule_with_many_studies(tmp_path, evidence):
    """Invented studies: enough for a prediction interval, once with Wald and once with HKSJ as the wider interval."""
    script = (Path(rl.__file__).parent / "exchange" / "metafor.R").read_text(encoding="utf-8")
    for name, estimates in (("spread", [0.1, 0.9, -0.4, 0.5, 0.2, 1.3]), ("close", [0.31, 0.3, 0.29, 0.3, 0.31, 0.3])):
        variances = [0.02, 0.03, 0.05, 0.02, 0.04, 0.03]
        want = rl.house_rule({"estimate": estimates, "variance": variances})
        lines = [f"s{i},{y},{v}" for i, (y, v) in enumerate(zip(estimates, variances, strict=True))]
        (tmp_path / f"{name}.csv").write_text("\n".join(["slab,yi,vi", *lines]) + "\n")
        (tmp_path / f"{name}.R").write_text(script.format(title="Invented", stem=name, atransf=""))
        done = subprocess.run(["Rscript", f"{name}.R"], cwd=tmp_path, capture_output=True, text=True)
        got = {key: float(value) for key, value in (line.split() for line in done.stdout.splitlines() if line)}
        close((got["estimate"], got["ci_low"], got["ci_high"], got["tau2"]), (want.estimate, *want.ci, want.tau2))
        close((got["prediction_low"], got["prediction_high"]), tuple(want.prediction))


def test_the_csv_for_metafor_pools_to_our_number(tmp_path, evidence):
    export("all", "metafor", tmp_path, path=REAL)
    for stem, studies, want in pooled(evidence):
        quick = pool_file(tmp_path / f"{stem}.csv", studies.attrs["measure"])
        close((quick.pooled.estimate, *quick.pooled.ci), (want.estimate, *want.ci))
        with open(tmp_path / f"{stem}.csv", encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        assert [float(row["yi"]) for row in rows if row["yi"]] == studies["estimate"].dropna().tolist()


def test_revman_rows_read_back_to_the_same_effects(tmp_path, evidence):
    path = tmp_path / "massage.zip"
    export("massage", "revman", path, path=REAL)
    found = read_package(path.read_bytes(), path.name)
    topic, by_analysis = evidence["massage"], {}
    for record in found.records:
        by_analysis.setdefault(record.get("outcome"), []).append(record)
    for comparison in topic.comparisons:
        studies = studies_of(topic, comparison)
        used = studies[studies["excluded"].isna()]
        records = by_analysis.get(comparison["title"], [])
        assert [r.get("trial") for r in records] == used["trial"].tolist()
        for record, (_, study) in zip(records, used.iterrows(), strict=True):
            if record.get("estimate"):
                close((float(record.get("estimate")), float(record.get("se"))), (study["estimate"], study["se"]))
            elif record.get("mean_int"):
                difference = float(record.get("mean_int")) - float(record.get("mean_ctl"))
                assert comparison["measure"] != "MD" or difference == pytest.approx(study["estimate"])


def test_metapsy_columns_read_back_to_the_same_cells(tmp_path, evidence):
    path = tmp_path / "stenosis.csv"
    export("stenosis", "metapsy", path, path=REAL)
    text = evidence["stenosis"].text["results"].set_index("result_id")
    found = read_any(path)
    assert "Metapsy" in found.format
    with open(path, encoding="utf-8", newline="") as file:
        ids = [row["result_id"] for row in csv.DictReader(file)]
    assert ids
    for name, record in zip(ids, found.records, strict=True):
        for column in ("mean_int", "sd_int", "n_int", "mean_ctl", "sd_ctl", "n_ctl", "events_int", "events_ctl"):
            assert record.get(column) == text.loc[name, column] or not record.get(column), (name, column)


@pytest.mark.parametrize("topic", ["massage", "all"])
def test_the_data_package_is_valid_for_frictionless(tmp_path, topic):
    frictionless = pytest.importorskip("frictionless")
    path = tmp_path / "package"
    export(topic, "datapackage", path, path=REAL)
    report = frictionless.Package(str(path / "datapackage.json")).validate()
    assert report.valid, report.flatten(["fieldName", "rowNumber", "message"])[:5]
    for file in path.rglob("*.csv"):
        assert file.read_bytes() == (REAL / file.relative_to(path)).read_bytes()


def test_an_archive_is_the_same_twice(tmp_path):
    one, two = tmp_path / "a.zip", tmp_path / "b.zip"
    export("massage", "datapackage", one, path=REAL)
    export("massage", "datapackage", two, path=REAL)
    assert one.read_bytes() == two.read_bytes()
    assert "datapackage.json" in zipfile.ZipFile(io.BytesIO(one.read_bytes())).namelist()


def test_the_data_package_says_that_its_cells_are_text(tmp_path):
    (path,) = (p for p in export("massage", "datapackage", tmp_path / "p", path=REAL) if p.name == "datapackage.json")
    assert "begins with =, +, - or @ for a formula" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("text", ["=1+1", "+SUM(A1)", "-x", "@x", "\t=1", "\n=1", " =1+1", "\uff1d1+1"])
def test_text_that_a_spreadsheet_would_run_gets_an_apostrophe(text):
    assert safe(text) == f"'{text}"
    assert safe("-1.5") == "-1.5" and safe("plain") == "plain" and safe(None) == ""


def test_no_exported_cell_starts_a_formula(tmp_path):
    for fmt in ("metafor", "revman", "metapsy"):
        target = tmp_path / (fmt + FORMATS[fmt].replace(".zip", ""))
        for path in export("all", fmt, target, path=REAL):
            if path.suffix == ".csv":
                with open(path, encoding="utf-8", newline="") as file:
                    cells = [cell for row in csv.reader(file) for cell in row]
                for cell in cells:
                    assert cell[:1] not in ("=", "+", "-", "@") or cell.lstrip("-").replace(".", "", 1).isdigit(), cell


@pytest.mark.parametrize("fmt", FORMATS)
def test_the_command_says_what_it_wrote(run, tmp_path, fmt):
    target = tmp_path / f"out{FORMATS[fmt]}"
    code, out, err = run("export", "massage", "--as", fmt, "--output", target, "--evidence", REAL)
    assert code == 0 and err == ""
    assert str(target) in out and target.exists()


def test_wrong_wishes_are_told(run, tmp_path, evidence):
    code, _, err = run("export", "nowhere", "--as", "excel", "--evidence", REAL, "--output", tmp_path / "a.xlsx")
    assert code == 1 and "massage" in err
    code, _, err = run("export", "massage", "--as", "excel", "--evidence", REAL, "--output", tmp_path / "no" / "a.xlsx")
    assert code == 1 and "does not exist" in err
    assert run("export", "massage", "--as", "word")[0] == 2
    (tmp_path / "file").write_text("x")
    code, _, err = run("export", "massage", "--as", "metafor", "--evidence", REAL, "--output", tmp_path / "file")
    assert code == 1 and "is a file" in err
    with pytest.raises(EvidenceError, match="not known"):
        export("massage", "word", path=REAL)
    for fmt, place in (("bibtex", "sources.csv"), ("datapackage", ""), ("excel", "new.xlsx"), ("metafor", "massage")):
        with pytest.raises(EvidenceError, match="lies in the evidence itself"):
            export("massage", fmt, REAL / place, path=REAL)
