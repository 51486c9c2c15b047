"""What differs between machines stays outside: encodings, line ends, separators, codepages, folders with blanks."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = [*(ROOT / "reviewlib").rglob("*.py"), *(ROOT / "docs").glob("*.py"), *(ROOT / ".ci").glob("*.py")]


def text_files(tree):
    """Return (line, what is missing) of every call that opens a text file and leaves its form to the machine."""
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if name not in ("open", "fdopen", "read_text", "write_text", "NamedTemporaryFile", "TextIOWrapper"):
            continue
        owner = ast.unparse(call.func)
        if owner.split(".")[0] in ("tarfile", "zipfile", "Image", "os", "archive", "tar", "book", "webbrowser"):
            continue
        literals = [a.value for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        modes = [word for word in literals if word and set(word) <= set("rwxabt+")]
        modes += [k.value.value for k in call.keywords if k.arg == "mode" and isinstance(k.value, ast.Constant)]
        if any("b" in mode for mode in modes):
            continue
        given = {keyword.arg for keyword in call.keywords}
        if "encoding" not in given and None not in given:
            yield call.lineno, "encoding"
        writes = name == "write_text" or any(set("wxa+") & set(mode) for mode in modes)
        if writes and "newline" not in given and None not in given:
            yield call.lineno, "newline"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_text_file_takes_the_form_of_the_machine(path):
    assert list(text_files(ast.parse(path.read_text(encoding="utf-8")))) == []


@pytest.mark.parametrize(
    ("code", "missing"),
    [
        ("p.read_text()", ["encoding"]),
        ("p.write_text(t, encoding='utf-8')", ["newline"]),
        ("p.open('w')", ["encoding", "newline"]),
        ("open(p, 'rb'); p.open('wb'); p.write_text(t, encoding='utf-8', newline='\\n'); tarfile.open(p)", []),
    ],
)
def test_the_search_sees_what_it_is_for(code, missing):
    assert [what for _, what in text_files(ast.parse(code))] == missing


def commands(folder):
    return [
        ["new", "review", "own", "--title", "\u00c9t\u00e9 \u2265 2 \U0001f4d6"],
        ["new", "topic", "speed", "--title", "Vitesse", "--evidence", "own"],
        ["check", "--evidence", "own"],
        ["check", "--fix", "--evidence", "own"],
        ["pool", str(folder / "trials.csv"), "--measure", "MD"],
        ["export", "speed", "--as", "csl-json", "--evidence", "own"],
    ]


@pytest.mark.parametrize("codepage", ["cp1252", "cp437", "ascii"])
def test_commands_run_under_the_codepages_of_windows(tmp_path, codepage):
    """As a console of Windows has it: a narrow codepage, no UTF-8 mode, a folder with blanks and accents."""
    folder = tmp_path / "Mes \u00e9tudes & notes"
    folder.mkdir()
    (folder / "trials.csv").write_bytes("trial,estimate,se\r\n\u00c5ngstr\u00f6m,-1,1\r\nB,-2,1\r\nC,-3,1\r\n".encode())
    code = f"""
import sys
from reviewlib import cli
codes = [cli.main(words) for words in {commands(folder)!a}]
print(codes)
sys.exit(any(codes))
"""
    env = os.environ | {"PYTHONIOENCODING": codepage, "PYTHONUTF8": "0"}
    words = [sys.executable, "-X", "warn_default_encoding", "-c", code]
    done = subprocess.run(words, cwd=folder, env=env, capture_output=True)
    told = (done.stdout + done.stderr).decode(codepage, errors="replace")
    assert done.returncode == 0 and "Traceback" not in told, told
    ours = [line for line in told.splitlines() if "EncodingWarning" in line and f"{os.sep}reviewlib{os.sep}" in line]
    assert ours == []
    review = (folder / "own" / "evidence" / "review.yml").read_bytes()
    assert "\u00c9t\u00e9 \u2265 2 \U0001f4d6".encode() in review
    made = [path for path in (folder / "own").rglob("*") if path.is_file()]
    assert made and not any(b"\r" in path.read_bytes() for path in made)


def test_paths_in_files_and_answers_have_one_separator():
    """A path that is written into a file, or compared with one, goes through as_posix: Windows has another sign."""
    for path in (ROOT / "reviewlib").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "str" and node.args:
                inner = ast.unparse(node.args[0])
                assert ".relative_to(" not in inner, f"{path.name} line {node.lineno}: str({inner})"


@pytest.mark.skipif(os.name == "nt", reason="file names of Windows are Unicode")
@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["pool", "essais_\u00e9.csv", "--measure", "MD"], 0),
        (["pool", "essais_\u00e9.csv", "--measure", "MD", "--forest", "for\u00eat.svg"], 0),
        (["pool", "manque_\u00e9.csv", "--measure", "MD"], 1),
        (["check"], 0),
        (["import", "r\u00e9fs.bib", "--set", "kind=rct", "--set", "read=abstract", "--yes"], 1),
        (["new", "topic", "speed", "--title", "\u00c9t\u00e9"], 1),
        (["new", "topic", "\u00e9t\u00e9"], 2),
        (["new", "review", "r\u00e9vision"], None),
        (["export", "example", "--as", "bibtex", "--output", "sortie_\u00e9"], 0),
        (["diff", "evidence", "evidence", "--format", "markdown", "--output", "diff_\u00e9.md"], 0),
        (["render", "--no-execute", "--evidence", "\u00e9vidence"], 1),
    ],
    ids=lambda value: "-".join(map(str, value)).encode("ascii", "replace").decode() if isinstance(value, list) else "",
)
def test_a_system_that_knows_ascii_only_is_told_so_in_a_sentence(tmp_path, words, code):
    """Names and options with accents under LC_ALL=C: they work, or a sentence says how; nothing is half written."""
    folder = tmp_path / "Mes \u00e9tudes"
    shutil.copytree(ROOT / "tests" / "evidence" / "tables", folder / "evidence")
    (folder / "notebooks").mkdir()
    (folder / "essais_\u00e9.csv").write_text("trial,estimate,se\n\u00c5,-1,1\nB,-2,1\nC,-3,1\n", "utf-8")
    (folder / "r\u00e9fs.bib").write_text("@article{a, title={T}, author={A, B}, year={2020}}\n")
    env = {k: v for k, v in os.environ.items() if not k.startswith("LC_")}
    env |= {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    before = {path for path in folder.rglob("*") if path.is_file()}
    done = subprocess.run([sys.executable, "-m", "reviewlib", *words], cwd=folder, env=env, capture_output=True)
    told = (done.stdout + done.stderr).decode("ascii", "replace")
    assert "Traceback" not in told and (done.returncode == code or code is None), told
    if code and "import" in words or "--title" in words:
        assert "PYTHONUTF8=1" in told
    if done.returncode:
        assert {path for path in folder.rglob("*") if path.is_file()} == before
