"""Files of other programs, made here from their public structure. Every study, number and name in them is invented."""

import io
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TABLES = ROOT / "tests" / "evidence" / "tables"


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
