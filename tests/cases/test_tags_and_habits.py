"""Tags of references that say one thing twice, editors in the place of authors, and calls in the habits of metafor."""

import pytest

import reviewlib as rl
from reviewlib.errors import UsageError
from reviewlib.exchange.detect import read_any

END = "ER  - \n"


@pytest.fixture
def read(tmp_path):
    def of(text, name="a.ris"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        found = read_any(path)
        return found.records, " ".join(found.noticed)

    return of


@pytest.mark.parametrize(
    ("lines", "authors", "said"),
    [
        ("AU  - Second, B\nA1  - First, A\n", "First A, Second B", "those of A1 were taken as the first"),
        ("A1  - First, A\nAU  - Second, B\n", "First A, Second B", "those of A1 were taken as the first"),
        ("A1  - First, A\nAU  - First, Anna\nAU  - Second, B\n", "First A, Second B", ""),
        ("AU  - First, A\nAU  - Second, B\nA1  - First, A\nA1  - Second, B\n", "First A, Second B", ""),
        ("AU  - First, Anna\nA1  - First, A.\n", "First A", ""),
        ("AU  - Wang, Y\nAU  - Wang, Y\n", "Wang Y, Wang Y", ""),
        ("AU  - First, A\nA2  - Editor, E\nED  - Other, O\n", "First A", ""),
        ("A2  - Editor, E\n", "Editor E", "no author is named; the editors stand in their place"),
    ],
)
def test_authors_of_ris_under_all_of_their_tags(read, lines, authors, said):
    (record,), noticed = read(f"TY  - JOUR\n{lines}TI  - One\nPY  - 2001\n{END}")
    assert record.get("authors") == authors and said in noticed and bool(said) == bool(noticed)


@pytest.mark.parametrize(
    ("lines", "year", "title", "said"),
    [
        ("T1  - One\nY1  - 2001/03/04/\n", "2001", "One", ""),
        ("TI  - One\nT1  - One.\nPY  - 2001//\nDA  - 2001/05/06\n", "2001", "One", ""),
        ("TI  - One\nDA  - 2001///Spring\nY2  - 2020/01/01\n", "2001", "One", ""),
        ("TI  - One\nY2  - 2020/01/01\n", "", "One", ""),  # the day on which somebody looked
        ("TI  - One\nPY  - 2001\nDA  - 2003\n", "2001", "One", "PY and DA give different years; that of PY"),
        ("TI  - One\nT1  - Another\nPY  - 2001\n", "2001", "One", "TI and T1 give different titles; that of TI"),
    ],
)
def test_title_and_year_of_ris_under_all_of_their_tags(read, lines, year, title, said):
    (record,), noticed = read(f"TY  - JOUR\nAU  - First, A\n{lines}{END}")
    assert (record.get("year"), record.get("title")) == (year, title)
    assert said in noticed and bool(said) == bool(noticed)


def test_pubmed_and_endnote_keep_authors_groups_and_editors_apart(read):
    text = (
        "PMID- 1\nDP  - 2001 Mar\nTI  - A title that goes\n      on here.\nFAU - First, Anna\nAU  - First A\n"
        "CN  - Study Group\nLID - 10.1000/abc [doi]\n\nPMID- 2\nDP  - 2002\nBTI - Book\nTI  - Chapter\nED  - Editor E\n"
    )
    (one, two), noticed = read(text, "a.nbib")
    assert (one.get("authors"), one.get("title")) == ("First A, Study Group", "A title that goes on here")
    assert (two.get("authors"), two.get("year")) == ("Editor E", "2002") and "the editors stand" in noticed
    article = "%0 Journal Article\n%T One\n%A First, Anna\n%D 2001\n%8 2003/04\n\n"
    (one, two), noticed = read(article + "%0 Book\n%E Editor, Ed\n%T Two\n%D 2002\n", "a.enw")
    assert (one.get("authors"), one.get("year"), two.get("authors")) == ("First A", "2001", "Editor E")
    assert "%D and %8 give different years; that of %D was taken" in noticed


CELLS = {"ai": [4, 6], "bi": [46, 50], "ci": [9, 10], "di": [42, 45]}


def test_data_is_the_table_of_every_function():
    want = rl.effect_sizes(CELLS, "RR")["estimate"].tolist()
    assert rl.effect_sizes(data=CELLS, measure="RR")["estimate"].tolist() == want
    rows = {"events_int": [4, 6], "n_int": [50, 56], "events_ctl": [9, 10], "n_ctl": [51, 55]}
    assert rl.study_effects(data=rows, measure="RR")["estimate"].tolist() == pytest.approx(want)
    with pytest.raises(UsageError, match="put the columns into the table"):
        rl.effect_sizes(measure="RR", **CELLS)


@pytest.mark.parametrize(("test", "words"), [("knha", "Hartung-Knapp-Sidik-Jonkman limits"), ("z", "normal (Wald)")])
def test_the_command_takes_test_for_the_interval(tmp_path, capsys, test, words):
    from reviewlib.cli import main

    path = tmp_path / "a.csv"
    path.write_text("study,OR,se\nA,0.81,0.10\nB,0.56,0.20\nC,0.75,0.15\n")
    assert main(["pool", str(path), "--test", test]) == 0
    assert words in capsys.readouterr().out
