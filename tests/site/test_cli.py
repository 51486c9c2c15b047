"""The command: exit code 0 good, 1 findings, 2 wrong usage; a sentence, never a traceback."""

import subprocess
import sys

import pytest

from reviewlib import EvidenceError, cli


def run(*argv):
    try:
        return cli.main(list(argv))
    except SystemExit as stop:
        return stop.code


@pytest.mark.parametrize(
    "argv",
    [
        (),
        ("nonsense",),
        ("render", "--jobs", "0"),
        ("render", "--timeout", "soon"),
        ("render", "--wrong"),
        ("check", "a", "b"),
    ],
)
def test_wrong_usage_is_2_and_says_how(argv, capsys):
    assert run(*argv) == 2
    assert "usage: reviewlib" in capsys.readouterr().err


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
    "error", [EvidenceError("results.csv line 2: look"), FileNotFoundError(2, "No such file", "a.csv")]
)
def test_what_a_user_got_wrong_is_one_sentence(monkeypatch, capsys, error):
    def refuse(path, *, form):
        raise error

    from types import SimpleNamespace

    monkeypatch.setitem(sys.modules, "reviewlib.evidence.check", SimpleNamespace(main=refuse))
    assert run("check") == 1
    told = capsys.readouterr().err
    assert told in ("results.csv line 2: look\n", "a.csv: No such file\n")


def test_check_hands_over_its_options_and_its_exit_code(monkeypatch):
    from types import SimpleNamespace

    seen = []
    check = SimpleNamespace(main=lambda path, *, form: seen.append((path, form)) or 1)
    monkeypatch.setitem(sys.modules, "reviewlib.evidence.check", check)
    assert run("check", "tables", "--json") == 1
    assert seen == [("tables", "json")]


def test_the_command_is_installed_with_the_environment():
    done = subprocess.run([sys.executable, "-m", "reviewlib", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("reviewlib ")
