"""The command: exit code 0 good, 1 findings, 2 wrong usage; a sentence, never a traceback."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from reviewlib import EvidenceError, MethodWarning, cli
from reviewlib.revise import WrongUsage
from reviewlib.site import SiteError

TABLES = Path(__file__).parents[1] / "evidence" / "tables"


def run(*argv):
    try:
        return cli.main(list(argv))
    except SystemExit as stop:
        return stop.code


@pytest.mark.parametrize(
    ("argv", "meant"),
    [
        (("chekc",), "check"),
        (("build",), "render"),
        (("nonsense",), ""),
        (("render", "--jobs", "0"), ""),
        (("render", "--timeout", "soon"), ""),
        (("render", "--noexecute"), "--no-execute"),
        (("check", "--evidnce", "x"), "--evidence"),
        (("check", "a", "b"), ""),
        (("export", "all", "--as", "bibtx"), "bibtex"),
        (("new", "topik", "x"), "topic"),
    ],
)
def test_wrong_usage_is_2_says_how_and_suggests_what_was_meant(argv, meant, capsys):
    assert run(*argv) == 2
    told = capsys.readouterr().err
    assert "usage: reviewlib" in told
    assert (f"Did you mean {meant}?" in told) if meant else ("Did you mean" not in told)


def test_a_sign_that_no_name_can_hold_is_told(capsys):
    for argv in (("check", "a\0b"), ("export", "all", "--as", "bibtex", "--output", "a\0b"), ("new", "review", "\0")):
        assert run(*argv) == 1 and "an option holds a NUL sign" in capsys.readouterr().err


def test_without_a_command_the_help_is_shown(capsys):
    assert run() == 0
    told = capsys.readouterr()
    assert "usage: reviewlib" in told.out and all(name in told.out for name in cli.COMMANDS) and not told.err


@pytest.mark.parametrize("argv", [(), *((name,) for name in cli.COMMANDS)])
def test_every_command_has_help(argv, capsys):
    assert run(*argv, "--help") == 0
    told = capsys.readouterr().out
    assert "usage: reviewlib" in told
    for name, (action, _) in cli.COMMANDS.items():
        assert argv or (name in told and action.__doc__.splitlines()[0] in " ".join(told.split()))


def test_rendering_says_where_to_look_and_what_is_stale(project, write, monkeypatch, capsys):
    path = write("start", "# A page", ("print('good')",))
    monkeypatch.chdir(project.root / "notebooks")
    assert run("render", "--jobs", "1") == 0
    told = capsys.readouterr()
    assert f"Open {(project.site / 'index.html').as_uri()}" in told.out
    assert "start: executed in" in told.err
    assert run("render", "--stale") == 0
    path.write_text(path.read_text().replace('"good\\n"', '"bad\\n"'))
    assert run("render", "--stale") == 1
    assert "notebooks/start.ipynb: cell 2" in capsys.readouterr().err
    assert run("render", "--no-execute") == 0
    assert "bad" in (project.site / "index.html").read_text()


def test_a_fault_is_a_finding(project, write, monkeypatch, capsys):
    write("start", "no heading")
    monkeypatch.chdir(project.root)
    assert run("render", "--no-execute") == 1
    assert "notebooks/start.ipynb: the page has 0 <h1>" in capsys.readouterr().err
    assert run("render", "--only", "nothing") == 1
    assert "no notebook named nothing: there are start" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "told", "code"),
    [
        (EvidenceError("results.csv line 2: look"), "results.csv line 2: look\n", 1),
        (EvidenceError('they agree too closely: use form="json"'), "they agree too closely: use --form json\n", 1),
        (FileNotFoundError(2, "No such file", "a.csv"), "a.csv: No such file\n", 1),
        (OSError(36, "File name too long", "n" * 300), f"{'n' * 300}: File name too long. Choose a shorter name\n", 1),
        (OSError(28, "No space left on device"), "the output cannot be written: No space left on device\n", 1),
        (WrongUsage("name one"), "name one\n", 2),
        (RecursionError(), "the input refers to itself, or is nested too deeply to be read\n", 1),
        (MemoryError(), "there is not enough memory for this input: use a part of it\n", 1),
        (KeyboardInterrupt(), "stopped\n", 130),
        (SiteError("cell 2: \x1b[2J\x1b]0;x\x07 f(a=1)"), "cell 2: \\u001b[2J\\u001b]0;x\\u0007 f(a=1)\n", 1),
    ],
)
def test_what_went_wrong_is_one_sentence(monkeypatch, capsys, error, told, code):
    def refuse(arguments):
        raise error

    monkeypatch.setitem(cli.COMMANDS, "check", (refuse, cli._check_options))
    monkeypatch.setattr(refuse, "__doc__", "Check", raising=False)
    assert run("check") == code
    assert capsys.readouterr().err == told


def test_a_warning_of_the_method_is_a_note_and_one_of_another_library_is_none(monkeypatch, capsys):
    import warnings

    def warn(arguments):
        "Check."
        warnings.warn("too close; level=0.9 is enough, insist=True overrides", MethodWarning, stacklevel=1)
        warnings.warn("divide by zero", RuntimeWarning, stacklevel=1)
        return 0

    monkeypatch.setitem(cli.COMMANDS, "check", (warn, cli._check_options))
    assert run("check") == 0
    assert capsys.readouterr().err == "Note: too close\n"


def test_check_hands_over_its_options_and_its_exit_code(monkeypatch):
    from types import SimpleNamespace

    seen = []
    check = SimpleNamespace(main=lambda path, *, form: seen.append((path, form)) or 1)
    monkeypatch.setitem(sys.modules, "reviewlib.evidence.check", check)
    assert run("check", "tables", "--json") == 1
    assert run("check", "--evidence", "tables") == 1
    assert seen == [("tables", "json"), ("tables", "text")]


@pytest.mark.parametrize(
    "argv",
    [
        ("check",),
        ("check", "--fix"),
        ("render",),
        ("export", "all", "--as", "bibtex"),
        ("diff",),
        ("hook", "run"),
        ("new", "topic", "neck-pain"),
        ("import", "a.csv", "--topic", "massage"),
    ],
)
def test_outside_a_project_no_command_acts_on_the_one_it_is_installed_from(argv, tmp_path, monkeypatch, capsys):
    (tmp_path / "a.csv").write_text("study,yi,vi\nA,0.1,0.2\nB,0.2,0.1\n")
    monkeypatch.chdir(tmp_path)
    assert run(*argv) in (1, 2)
    told = capsys.readouterr()
    assert "at or above" in told.err and "reviewlib new review" in told.err and not told.out
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


def test_evidence_names_the_folder_of_tables_or_the_one_that_holds_it(tmp_path, monkeypatch, capsys):
    shutil.copytree(TABLES, tmp_path / "review" / "evidence")
    (tmp_path / "review" / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path)
    for folder in ("review", "review/evidence"):
        assert run("check", "--evidence", folder) == 0
        assert run("export", "all", "--as", "bibtex", "--evidence", folder, "--output", "a.bib") == 0
        assert run("render", "--evidence", folder) == 1
        assert "notebooks/ holds no notebook" in capsys.readouterr().err


COMMANDS = [
    ("--help",),
    ("check",),
    ("check", "--json"),
    ("export", "all", "--as", "bibtex"),
    ("pool", "a.csv"),
    ("diff", "review", "review"),
    ("render",),
    ("new", "topic", "x y"),
    ("nonsense",),
]


@pytest.mark.skipif(os.name == "nt", reason="a shell of POSIX")
@pytest.mark.parametrize(
    ("streams", "code"), [(">&-", 0), ("2>&-", 0), (">&- 2>&-", 0), ("<&-", 0), ("2>/dev/full", 0), (">/dev/full", 1)]
)
def test_a_stream_that_is_closed_or_full_is_no_traceback(streams, code):
    if "full" in streams and not Path("/dev/full").exists():
        pytest.skip("no device that is always full")
    command = [sys.executable, "-m", "reviewlib", "check", str(TABLES)]
    done = subprocess.run(["sh", "-c", f'"$@" {streams}', "sh", *command], capture_output=True, text=True)
    assert "Traceback" not in done.stderr and "Exception ignored" not in done.stderr and done.returncode == code
    assert ("the output cannot be written: No space" in done.stderr) == (streams == ">/dev/full")


@pytest.mark.parametrize("argv", COMMANDS)
def test_a_reader_who_has_seen_enough_causes_no_traceback(argv, tmp_path):
    shutil.copytree(TABLES, tmp_path / "review" / "evidence")
    (tmp_path / "review" / "notebooks").mkdir()
    (tmp_path / "review" / "a.csv").write_text("study,yi,vi\nA,0.1,0.2\nB,0.2,0.1\n")
    ends = os.pipe()
    os.close(ends[0])
    command = [sys.executable, "-m", "reviewlib", *argv]
    done = subprocess.run(command, stdout=ends[1], stderr=subprocess.PIPE, text=True, cwd=tmp_path / "review")
    os.close(ends[1])
    assert "Traceback" not in done.stderr and "Exception ignored" not in done.stderr
    assert done.returncode in (0, 1, 2, 141)


def test_the_command_is_installed_with_the_environment():
    done = subprocess.run([sys.executable, "-m", "reviewlib", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("reviewlib ")


def test_only_the_options_of_the_command_that_runs_are_made(monkeypatch, capsys):
    made = []
    for name, (action, options) in list(cli.COMMANDS.items()):
        monkeypatch.setitem(cli.COMMANDS, name, (action, lambda p, n=name, o=options: made.append(n) or o(p)))
    assert cli.parser().parse_args(["diff", "HEAD"]).state == ["HEAD"] and made == ["diff"]
    code = "import sys\nfrom reviewlib.cli import parser\nparser().parse_args(['diff'])\nprint('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
