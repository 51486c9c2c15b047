"""Files of other programs, made here from their public structure. Every study, number and name in them is invented."""

import io
import shutil
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TABLES = ROOT / "tests" / "evidence" / "tables"
FILES = Path(__file__).with_name("files")


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


def zipped(files) -> bytes:
    """Return a zip archive of files by name."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in files.items():
            made.writestr(name, data)
    return out.getvalue()


def snapshot(folder: Path) -> dict:
    """Return every file of a folder with its bytes, to prove that nothing changed."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}
