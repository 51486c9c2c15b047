"""References of every manager become the same row of sources.csv, and go back out."""

import json
import re
import shutil
import time

import pytest
from invented import ROOT, snapshot

from reviewlib.errors import EvidenceError
from reviewlib.evidence.check import check
from reviewlib.exchange import export
from reviewlib.exchange.bibliography import bibtex, csl_json
from reviewlib.exchange.detect import read_any
from reviewlib.exchange.importing import import_file
from reviewlib.exchange.incoming import Wishes
from reviewlib.exchange.placing import rows_of
from reviewlib.exchange.references import read
from reviewlib.exchange.settling import settle

RIS = """\
TY  - JOUR
AU  - M\u00fcller, Anna B.
AU  - de Wit, Cor
PY  - 2011/05/01
TI  - An invented trial
  of massage
JO  - J Invent
VL  - 12
IS  - 3
SP  - 45
EP  - 52
DO  - https://doi.org/10.1234/invented.11
ER  - 
"""
BIB = r"""
@comment{nothing}
@article{key1,
  author = {M{\"u}ller, Anna B. and Cor {de Wit}},
  title = "An {Invented} trial of massage",
  journal = {J Invent}, year = 2011, volume = {12}, number = {3}, pages = {45--52},
  doi = {10.1234/invented.11}
}
"""
CSL = json.dumps(
    [
        {
            "type": "article-journal",
            "title": "An invented trial of massage",
            "container-title": "J Invent",
            "author": [{"family": "M\u00fcller", "given": "Anna B."}, {"family": "de Wit", "given": "Cor"}],
            "issued": {"date-parts": [[2011, 5]]},
            "volume": 12,
            "issue": "3",
            "page": "45-52",
            "DOI": "10.1234/invented.11",
        }
    ]
)
PUBMED = """\
PMID- 1234567
DP  - 2011 May
TI  - An invented trial
      of massage.
FAU - M\u00fcller, Anna B
AU  - M\u00fcller AB
AU  - de Wit C
TA  - J Invent
VI  - 12
IP  - 3
PG  - 45-52
LID - 10.1234/invented.11 [doi]
PT  - Journal Article
PT  - Randomized Controlled Trial
"""
ALL = {"a.ris": RIS, "a.bib": BIB, "a.json": CSL, "a.nbib": PUBMED}


@pytest.mark.parametrize("name", ALL)
def test_every_format_gives_the_same_source(run, write, evidence, name):
    words = () if name == "a.nbib" else ("--set", "kind=rct")
    code, out, err = run("import", write(name, ALL[name]), "--evidence", evidence, *words, "--yes")
    assert code == 0, err
    row = next(r for r in rows_of((evidence / "sources.csv").read_bytes()) if r["source_id"] == "muller2011")
    assert row["authors"] in ("M\u00fcller AB, de Wit C", "M\u00fcller AB, {de Wit} C")
    assert row["title"].lower() == "an invented trial of massage"
    assert (row["journal"], row["doi"], row["year"]) == ("J Invent 12(3):45-52", "10.1234/invented.11", "2011")
    assert (row["kind"], row["read"]) == ("rct", "secondary") and "not yet read" in row["notes"]
    assert not [p for p in check(evidence) if p.severity == "error"]


def test_a_known_doi_is_left_out(run, write, evidence):
    text = RIS.replace("invented.11", "example.1")
    before = snapshot(evidence)
    code, out, _ = run("import", write("a.ris", text), "--evidence", evidence, "--set", "kind=rct", "--yes")
    assert code == 0 and "there already as example2001" in out and snapshot(evidence) == before


def test_two_of_one_author_and_year_get_letters(run, write, evidence):
    text = RIS + RIS.replace("invented.11", "invented.12")
    code, _, err = run("import", write("a.ris", text), "--evidence", evidence, "--set", "kind=rct", "--yes")
    assert code == 0, err
    ids = [row["source_id"] for row in rows_of((evidence / "sources.csv").read_bytes())]
    assert ids == sorted(ids) and {"muller2011", "muller2011b"} <= set(ids)


def test_the_kind_is_asked_for(run, write, evidence):
    code, _, err = run("import", write("a.ris", RIS), "--evidence", evidence, "--yes")
    assert code == 1 and "--set kind=..." in err


@pytest.mark.parametrize(
    ("name", "text", "word"),
    [
        ("a.ris", RIS[:80], "cut off"),
        ("a.bib", BIB[:-20], "line 3: the entry that begins here is damaged or cut off"),
        ("a.json", CSL[:-20], "cut off"),
        ("a.json", '{"a": 1}', "no reference"),
        ("a.json", '["a"]', "no list of references"),
    ],
)
def test_torn_files_are_told(run, write, evidence, name, text, word):
    code, _, err = run("import", write(name, text), "--evidence", evidence, "--set", "kind=rct", "--yes")
    assert code == 1 and word in err


@pytest.mark.parametrize(("fmt", "ending"), [("csl-json", ".json"), ("bibtex", ".bib")])
def test_our_sources_go_out_and_can_be_read_again(tmp_path, fmt, ending):
    path = tmp_path / f"all{ending}"
    export("all", fmt, path, path=ROOT / "evidence")
    ours = rows_of((ROOT / "evidence" / "sources.csv").read_bytes())
    found = read_any(path).records
    assert len(found) == len(ours)
    for row, record in zip(ours, found, strict=True):
        assert record.get("doi").lower() == row["doi"].lower()
        assert (record.get("year"), record.get("pmid")) == (row["year"], row["pmid"]), row["source_id"]
        squeezed = [
            t.replace("{", "").replace("}", "").rstrip(".").split() for t in (record.get("title"), row["title"])
        ]
        assert squeezed[0] == squeezed[1], row["source_id"]


def test_a_topic_brings_only_its_own_sources(tmp_path):
    path = tmp_path / "massage.json"
    export("massage", "csl-json", path, path=ROOT / "evidence")
    ids = {item["id"] for item in json.loads(path.read_text(encoding="utf-8"))}
    assert "cherkin2011" in ids and "delitto2015" not in ids


SIGNS = r"50% of R&D costs $5 #1 a_b {in} ~ ^ \x \emph{no} 'q' -- ``r''"


def sources(**words):
    row = dict.fromkeys(
        ("source_id", "authors", "year", "title", "journal", "doi", "pmid", "pmcid", "registry_id", "kind", "url"), ""
    )
    return [row | {"source_id": "a2001", "kind": "rct", "year": "2001"} | words]


def test_no_sign_of_a_source_becomes_a_command(tmp_path):
    rows = sources(
        authors=f"O'Brien P, {SIGNS}",
        title=SIGNS,
        journal=f"J {SIGNS}",
        registry_id=SIGNS,
        doi="10.1234/a_b{c}",
        url="https://x.org/?a=1&b=2%20{c}\\d#e",
    )
    text = bibtex(rows)
    path = tmp_path / "a.bib"
    path.write_text(text, encoding="utf-8")
    (record,) = read_any(path).records
    got = [record.get(name) for name in ("title", "journal", "authors", "doi")]
    assert got == [SIGNS, f"J {SIGNS}", f"O'Brien P, {SIGNS}", "10.1234/a_b%7Bc%7D"]
    bare = re.sub(r"\\(textbackslash|textasciitilde|textasciicircum)\{\}|\\[&%$#_{}]", "", text.split("  doi")[0])
    assert not re.search(r"[\\&%$#_~^]", bare) and bare.count("{") == bare.count("}") + 1


def test_a_line_break_or_a_terminal_command_in_a_source_stays_in_its_field():
    text = bibtex(sources(title="One\nER  - \n@article{b,\x1b[31m", authors="A\nB C"))
    assert len(text.splitlines()) == 5 and text.count("\n@") == 0 and "\x1b" not in text
    assert "\x1b" not in csl_json(sources(title="a\x1b[31m"))


def test_people_go_out_as_people():
    rows = sources(authors="van der Berg JA, King ML Jr, World Health Organization, et al.")
    names = "van der Berg, J. A. and King, Jr, M. L. and {World Health Organization} and others"
    assert f"author = {{{names}}}" in bibtex(rows)
    assert json.loads(csl_json(rows))[0]["author"] == [
        {"family": "van der Berg", "given": "JA"},
        {"family": "King", "given": "ML", "suffix": "Jr"},
        {"literal": "World Health Organization"},
        {"literal": "et al."},
    ]


LONG = "a" * 131_073
HUGE = {
    "pubmed": "PMID- 123\nTI  - A title\nAB  - x\n" + "      word\n" * 300_000 + "DP  - 2001\n",
    "ris": "".join(f"TY  - JOUR\nTI  - No author and no year {i}\nER  - \n" for i in range(5000)),
    "bibtex": "".join(f'@article(k{i}, title="No brace", year=2001)\n' for i in range(1000)) + "@a{b,c=" + "{{}" * 9,
}


@pytest.mark.parametrize(("fmt", "rows"), [("pubmed", 1), ("ris", 5000)])
def test_time_grows_with_the_length_of_a_file_and_no_faster(fmt, rows):
    start = time.process_time()
    found = read((HUGE[fmt], []), "f", fmt)
    settled = settle(found, {"kind": "rct"}, [], [])
    assert len({row["source_id"] for row in settled.sources}) == rows
    assert time.process_time() - start < 20


@pytest.mark.parametrize(
    ("fmt", "text"),
    [
        ("bibtex", f"@article{{a, title={{{LONG}}}, year=2001}}"),
        ("ris", f"TY  - JOUR\nTI  - {LONG}\nER  - \n"),
        ("pubmed", f"PMID- 1\nTI  - {LONG[:70_000]}\n      {LONG[70_000:]}\n"),
    ],
)
def test_a_text_that_no_table_can_hold_is_refused_at_its_line_without_showing_it(fmt, text):
    with pytest.raises(EvidenceError, match=r"f line [12]: (title|TI) has 131,07\d characters") as told:
        read((text, []), "f", fmt)
    assert len(str(told.value)) < 200


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HUGE["bibtex"], "line 1001: the entry that begins here is damaged"),
        ("@article{a, title={x}}\n@article{b, title={" + "{" * 200 + "}" * 200 + "}}", "line 2.*too many nested"),
        ('@article{a, title="x } y"}', "unbalanced braces"),
        ("".join(f"@a{{k{i}, title={{x}}, crossref={{k{i + 1}}}}}\n" for i in range(30)), "crossref leads on"),
    ],
)
def test_braces_and_references_that_lead_nowhere_are_a_sentence(text, said):
    with pytest.raises(EvidenceError, match=said):
        read((text, []), "f", "bibtex")


def test_a_year_that_is_none_is_refused_before_any_reference_goes_out(tmp_path):
    folder = tmp_path / "evidence"
    shutil.copytree(ROOT / "evidence", folder)
    table = folder / "sources.csv"
    table.write_text(re.sub(r",(19|20)\d\d,", ",2004b,", table.read_text(encoding="utf-8"), count=1), encoding="utf-8")
    for fmt in ("csl-json", "bibtex"):
        with pytest.raises(EvidenceError, match="sources.csv line 2, column year"):
            export("all", fmt, str(tmp_path / "out"), path=folder)
    assert not (tmp_path / "out").exists()


def test_an_edit_that_somebody_makes_while_the_command_asks_is_not_overwritten(tmp_path):
    folder = tmp_path / "evidence"
    shutil.copytree(ROOT / "evidence", folder)
    file, table = tmp_path / "new.ris", folder / "sources.csv"
    file.write_text("TY  - JOUR\nAU  - Newman, A.\nTI  - Brand new\nPY  - 2024\nER  - \n", encoding="utf-8")

    def edited(question):
        table.write_bytes(table.read_bytes() + b"\n")
        return "y"

    before = table.read_bytes() + b"\n"
    with pytest.raises(EvidenceError, match="sources.csv changed meanwhile. Nothing was written"):
        import_file(file, Wishes(evidence=folder, constants={"kind": "rct"}), say=lambda line: None, ask=edited)
    assert table.read_bytes() == before


HOSTILE = (
    "a } b { c }}", "{", "}", "}{", "{a} {b", "@comment{", "@article{evil, title={x}}",
    "ends in \\", "\\{ \\} \\input{x}",
    "100% of $5 & #1_2 ~x^2", "?` !` ,, << >> -- --- `` ''", 'He said "no"', "%", "x, and y and z, Jr",
)  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_no_title_journal_or_name_ends_its_field_of_bibtex(text):
    """Read by pybtex, and by braces counted as BibTeX does: with or without a backslash before them."""
    from pybtex.database import parse_string

    row = sources(title=text, journal=text, authors="A B")
    entries = bibtex([row[0] | {"source_id": "one2001"}, row[0] | {"source_id": "two2001"}])
    found = parse_string(entries, "bibtex").entries
    assert list(found) == ["one2001", "two2001"]
    for entry in found.values():
        depth = 0
        for sign in entry.fields["title"]:
            depth += (sign == "{") - (sign == "}")
            assert depth >= 0
        assert depth == 0 and {"author", "title", "year"} <= set(entry.fields) | set(entry.persons)
    back = read((entries, []), "a.bib", "bibtex").records
    assert [record.get("title") for record in back] == [text, text]
