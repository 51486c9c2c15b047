"""A folder of invented tables, a file written, a command run: what the tests of the exchange share."""

import io
import shutil
from pathlib import Path

import pytest
from invented import TABLES


@pytest.fixture
def evidence(tmp_path) -> Path:
    """Path of a copy of the invented evidence folder, which has no fault."""
    return Path(shutil.copytree(TABLES, tmp_path / "evidence"))


@pytest.fixture
def write(tmp_path):
    """Write a file and return its path: ``write(name, text or bytes)``."""

    def made(name, content):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return made


@pytest.fixture
def run(monkeypatch, capsys):
    """Run the command without a terminal: ``run("pool", path)`` gives exit code, output, errors."""
    from reviewlib.cli import main

    def called(*words, answers=None):
        monkeypatch.setattr("sys.stdin", io.StringIO("" if answers is None else "\n".join(answers)))
        try:
            code = main([str(word) for word in words])
        except SystemExit as stop:
            code = stop.code
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return code, said.out, said.err

    return called
