"""References that were once read wrongly, with what they say; what cannot be known is refused with its line."""

import json
from pathlib import Path

import pytest

from reviewlib.errors import EvidenceError
from reviewlib.exchange.bibtex import plain
from reviewlib.exchange.detect import read_any
from reviewlib.exchange.people import Person, people, person, read_back, written
from reviewlib.exchange.placing import rows_of

CASES = Path(__file__).resolve().parents[1] / "cases" / "references"
RIGHT = json.loads((CASES / "right.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", RIGHT)
def test_every_reference_says_what_its_file_says(name):
    found = read_any(CASES / name)
    assert len(found.records) == len(RIGHT[name])
    for record, want in zip(found.records, RIGHT[name], strict=True):
        assert {field: record.get(field) for field in want} == want, record.place


def test_every_case_has_its_right_values():
    assert {path.name for path in CASES.iterdir()} == {*RIGHT, "right.json"}


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        (
            "a.bib",
            '@string{a0 = "xxxxxxxxxx"}\n'
            + "".join(f"@string{{a{i} = a{i - 1} # a{i - 1}}}\n" for i in range(1, 40))
            + "@article{k, author={A, B}, title=a39, year=2001}",
            ["line 20", "@string macros come to over 10,000,000 characters"],
        ),
        ("a.bib", "@article{a, author={A, B}, title={T},\n journal = jx, year=2001}", ["line 1", "jx", "@string"]),
        ("a.bib", "\n\n@article{a, title={T}, year=2001", ["line 3", "cut off"]),
        ("a.bib", "@article{a, title={T} year=2001}", ["line 1", "damaged"]),
        ("a.bib", "@article{a, author={A, B, C, D}, title={T}, year=2001}", ["line 1", "comma too many"]),
        ("a.bib", "@article{a, title={T}, year=2001,\n year=2002}", ["line 1", "two different year"]),
        ("a.bib", "@misc{x, title={x}}\n% @article{a, title={T}, year=2001}", ["line 2", "%"]),
        ("a.ris", "TY  - JOUR\nTI  - T\nTY  - JOUR\nTI  - U\nER  - \n", ["line 1", "no end (ER)"]),
        ("a.ris", "TY  - JOUR\nTI  - T\n", ["line 1", "cut off"]),
        ("a.ris", "TY  - JOUR\nER  - \nTI  - T\n", ["line 3", "stands before the first line (TY)"]),
        ("a.ris", "TY  - JOUR\nAU  - A, B\nAB  - It was\nAU  - rum\nER  - ", ["line 4", "behind the abstract"]),
        ("a.ris", "TY  - JOUR\nPY  - 2001\nAB  - It was\nPY  - 2002\nER  - ", ["line 4", "PY comes again"]),
        ("a.ris", "TY  - JOUR\nAU  - Smith, J., Jones, B., Brown, C.\nER  - ", ["line 1", "several authors"]),
        ("a.ris", "TY  - JOUR\nAU  - Smith, J. and Jones, B.\nER  - ", ["line 1", "several authors"]),
        ("a.enw", "%0 Journal Article\n%T T\n%X It was\n%T U\n", ["line 4", "%T comes again"]),
    ],
)
def test_what_a_file_leaves_open_is_refused_with_its_line(tmp_path, name, text, words):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(EvidenceError) as told:
        read_any(path)
    assert all(word in str(told.value) for word in (name, *words)), str(told.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("@article{a, author={A, B}, title={A \\foo{bar} baz}, year=2001}", "line 1: \\foo is not known"),
        ("TY  - JOUR\nTI  - One\nTI  - Two\nER  - ", "line 1: of several values for title the first was taken"),
        ("TY  - JOUR\nTI  - One\nDO  - 11.1/x\nER  - ", "'11.1/x' is no DOI"),
    ],
)
def test_what_was_left_out_is_said(tmp_path, text, said):
    path = tmp_path / "a.txt"
    path.write_text(text, encoding="utf-8")
    assert any(said in notice for notice in read_any(path).noticed)


def test_the_same_reference_twice_in_a_file_is_one_source(run, write, evidence):
    one = "TY  - JOUR\nAU  - M\u00fcller, Anna\nTI  - An invented trial\nPY  - 2011\nER  - \n"
    other = one.replace("An invented trial", "Another trial")
    marked = one.replace("ER  -", "DO  - 10.1234/a\nER  -").replace("An invented trial", "With a DOI")
    loud = one.replace("An invented trial", "AN INVENTED TRIAL.")
    text = one + loud + other + marked + marked.replace("M\u00fc", "Mo")
    code, out, err = run("import", write("a.ris", text), "--evidence", evidence, "--set", "kind=rct", "--yes")
    assert code == 0, err
    ids = [row["source_id"] for row in rows_of((evidence / "sources.csv").read_bytes()) if "a.ris" in row["notes"]]
    assert ids == ["muller2011", "muller2011b", "muller2011c"]
    assert out.count("is there already as muller2011;") == 1 and "is there already as muller2011c;" in out
    assert "muller2011 is another publication; this one is called muller2011b" in out


def test_a_title_that_is_there_without_a_doi_is_asked_about(run, write, evidence):
    known = next(row for row in rows_of((evidence / "sources.csv").read_bytes()) if row["source_id"] == "example2001")
    first = known["authors"].split(",")[0]
    text = f"TY  - JOUR\nAU  - {first}\nTI  - {known['title']}\nPY  - {known['year']}\nER  - \n"
    path, words = write("a.ris", text), ("--evidence", evidence, "--set", "kind=rct", "--yes")
    code, _, err = run("import", path, *words)
    assert code == 1 and "line 1 may be example2001" in err
    code, out, _ = run("import", path, *words, "--source", "line 1=example2001")
    assert code == 0 and "left out" in out
    code, out, err = run("import", path, *words, "--source", "line 1=example2001b")
    assert code == 0, err
    assert "example2001b" in {row["source_id"] for row in rows_of((evidence / "sources.csv").read_bytes())}


@pytest.mark.parametrize(
    ("name", "want"),
    [
        ("Smith, John", "Smith J"),
        ("Smith, JA", "Smith JA"),
        ("Smith, J.-P.", "Smith J-P"),
        ("Smith JA", "Smith JA"),
        ("King, Martin Luther, Jr.", "King ML Jr."),
        ("King, Jr., Martin Luther", "King ML Jr."),
        ("King ML Jr", "King ML Jr"),
        ("King, Martin Luther III", "King ML III"),
        ("SMITH, JOHN", "SMITH J"),
        ("Ostelo, RWJG", "Ostelo RWJG"),
        ("UK BEAM", "UK BEAM"),
        ("Plato", "Plato"),
        ("Board, John", "Board J"),
        ("SMITH J", "SMITH J"),
        ("King Jr., Martin Luther", "King ML Jr."),
        ("King, Jr.", "King Jr."),
        ("Ministry of Health, Labour", "Ministry of Health, Labour"),
        ("\u738b, \u5c0f\u660e", "\u738b \u5c0f\u660e"),
    ],
)
def test_a_name_is_family_and_initials(name, want):
    assert str(person(name)) == want


@pytest.mark.parametrize("name", ["Smith, J., Jones, B.", "Smith, J. & Jones, B.", "a, b, c, d"])
def test_two_people_in_one_name_are_refused(name):
    with pytest.raises(ValueError, match="several authors"):
        person(name)


def test_authors_of_a_cell_come_back():
    names = ["van der Berg, Jan", "King, Martin Luther, Jr", "World Health Organization"]
    authors, others = people([*names, "et al."])
    assert others and written(authors, others) == "van der Berg J, King ML Jr, World Health Organization, et al."
    assert read_back(written(authors, others)) == (
        [Person("van der Berg", "J"), Person("King", "ML", "Jr"), Person("World Health Organization")],
        True,
    )
    assert read_back("(author names not in the excerpt)") == ([], False)
    assert read_back("Institute for Pain / PMU") == ([Person("Institute for Pain / PMU")], False)


def test_plain_text_is_left_alone():
    for text in ("Plain words, 50% of R&D #1", "a_b ^ c", "\u738b"):
        assert plain(text) == text


@pytest.mark.parametrize("damaged", [r"\frac", r"\frac{1", r"A \frac{x} of all", r"\sqrt", r"$\frac$", r"\href"])
def test_a_command_without_its_arguments_is_refused_and_nothing_else_is_printed(damaged, capfd):
    try:
        found = plain(damaged)
    except ValueError as error:
        assert "cannot be read. Write it as plain text" in str(error)
    else:
        assert "%" not in found and "\\" not in found
    assert capfd.readouterr() == ("", "")
