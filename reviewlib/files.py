"""Files that are written together: all of them or none, even when the command is killed or the disk is full.

New contents first go into a staging folder `.reviewlib-...` above their places, then a list of the moves is put beside
them, and only then is each file moved into place. The next command finds what a killed one left behind: with a list
the moves are finished, without one the staging folder is removed. A reader meets the old file or the new one, never
half of it.
"""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Mapping
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path
from typing import Any

from .errors import EvidenceError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

MARK = ".reviewlib-"
# Windows keeps these names, whatever their ending, drops a dot or blank at the end of any, and takes what follows a
# colon for a stream that nobody sees.
_KEPT_NAME = re.compile(
    r"(con|prn|aux|nul|(com|lpt)[0-9¹²³]|con(in|out)\$)(\..*)?|.*[. ]|.*[<>:\"|?*\\\0-\x1f].*", re.I | re.S
)
_FORWARD, _BACK, _LOCK = "moves.json", "undo.json", "lock"


def yaml_of(file: Path) -> Any:
    """Return the content of a YAML file of this package."""
    import yaml

    return yaml.load(file.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def begun(path: Path, most: int) -> bytes:
    """Return the first `most` bytes of a file and one more, which tells that there are more."""
    with path.open("rb") as file:
        return file.read(most + 1)


def write(path: str | Path, content: bytes | str, *, durable: bool = True) -> None:
    """Write one file; see `write_all`."""
    write_all({path: content}, durable=durable)


def write_all(files: Mapping, *, remove: Any = (), durable: bool = True) -> None:
    """Write several files, and remove others, in one step; folders that are missing are made.

    Parameters
    ----------
    files : mapping of path to str or bytes
        New contents; text is written as UTF-8 with the line ends it has.
    remove : iterable of path
        Files that go in the same step.
    durable : bool, default True
        Wait until the disk holds the contents before they replace anything; False for what can be made again.

    Raises
    ------
    EvidenceError
        A place cannot be written: a folder of that name, no permission, no room, a name that is too long. Everything
        is as it was.
    """
    wanted = {Path(path): content.encode() if isinstance(content, str) else content for path, content in files.items()}
    wanted |= {Path(path): None for path in remove}
    for path in wanted:
        with _naming(path):
            if path.is_dir():
                raise EvidenceError(f"{path} is a folder. Name a file")
            if path.exists() and not path.is_file():
                raise EvidenceError(f"{path} is a device or a pipe. Name a file")
            if blocked := next(filter(Path.is_file, path.parents), None):
                raise EvidenceError(f"{path} cannot be written: {blocked} is a file, not a folder")
            if bad := next((part.name for part in _new_parts(path) if not portable(part.name)), None):
                raise EvidenceError(f"{path}: no file can be called {bad!r} on Windows. Choose another name")
    if wanted:
        with _naming(next(iter(wanted))):
            room = _room(wanted)
            for folder in (room.parent, room):  # which may have been made by what was killed
                recover(folder)
            _move_all(room, wanted, durable)


def portable(name: str) -> bool:
    """Tell whether a file or folder may have this name on Windows too."""
    return name in ("", ".", "..") or not _KEPT_NAME.fullmatch(name)


def _new_parts(path) -> list[Path]:
    """Return a file and the folders above it that are not there yet."""
    return list(takewhile(lambda part: not part.exists(), (path, *path.parents)))


def copied(folder: Path, place: Path) -> Path:
    """Copy a folder to work on: plain files only, and all may be written, whatever rights the original has.

    Raises
    ------
    EvidenceError
        A file or folder in it cannot be read, or there is no room for the copy.
    """

    def odd(above, names):
        return [name for name in names if not ((path := Path(above, name)).is_file() or path.is_dir())]

    try:
        copy = Path(shutil.copytree(folder, place, ignore=odd, copy_function=shutil.copyfile))
    except shutil.Error as error:  # one entry for each file: its place, that of its copy, and what the system says
        source, _, why = error.args[0][0]
        why = str(why).partition("] ")[2].partition(":")[0] or why
        raise EvidenceError(f"{source} cannot be copied to work on: {why}. Nothing was changed") from None
    for path in (copy, *copy.rglob("*")):
        if path.is_dir():
            path.chmod(0o700)
    return copy


@contextmanager
def _naming(path):
    """Turn what the system refuses into a sentence that names the file."""
    try:
        yield
    except OSError as error:
        raise EvidenceError(f"{path} cannot be written: {error.strerror or error}. Nothing was changed") from None


def recover(folder: Path) -> list[Path]:
    """Finish what a killed command had decided to write in `folder`, remove what it had not; return the files."""
    finished = []
    for stage in _left_behind(Path(folder)):
        moves = _read(stage / _FORWARD)
        for move in moves:
            if move["new"] is None or (stage / move["new"]).exists():
                _move(stage, move)
        finished += [Path(move["to"]) for move in moves]
        _undo(stage, _read(stage / _BACK))
        shutil.rmtree(stage, ignore_errors=True)
    return finished


def _room(paths) -> Path:
    """Return the deepest folder that is there and above all of `paths`."""
    room = Path(os.path.commonpath([os.path.realpath(path.parent) for path in paths]))
    while not room.is_dir():
        room = room.parent
    return room


def _move_all(room, wanted, durable):
    stage, moves = Path(tempfile.mkdtemp(prefix=MARK, dir=room)), []
    try:
        with (stage / _LOCK).open("wb") as lock:
            _hold(lock)
            for path, content in wanted.items():
                with _naming(path):
                    moves.append(_staged(stage, len(moves), path, content, durable))
            _fresh(stage / _FORWARD, json.dumps(moves).encode(), durable)
            try:
                for move in moves:
                    with _naming(move["to"]):
                        _move(stage, move)
            except BaseException:
                _undo(stage, moves)
                raise
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _staged(stage, number, path, content, durable) -> dict:
    """Write one new content and keep the old one; where `path` is a link, the file behind it is replaced."""
    place, new, old = Path(os.path.realpath(path)), f"{number}.new", f"{number}.old"
    there = place.exists()
    if there:
        try:
            os.link(place, stage / old)
        except OSError:  # a file system without hard links
            shutil.copy2(place, stage / old)
    if content is not None:
        _fresh(stage / new, content, durable)
        if there:
            os.chmod(stage / new, stat.S_IMODE(place.stat().st_mode))
    above = [str(folder) for folder in place.parents if not folder.exists()]
    return {"to": str(place), "new": None if content is None else new, "old": old if there else None, "made": above}


def _fresh(path, content, durable):
    """Write a file that appears whole."""
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        file.write(content)
        if durable:
            file.flush()
            os.fsync(file.fileno())
    os.replace(part, path)


def _move(stage, move):
    place = Path(move["to"])
    if move["new"] is None:
        place.unlink(missing_ok=True)
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    _replace(stage / move["new"], place)


def _replace(source, place):
    try:
        os.replace(source, place)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        neighbour = place.with_name(f"{source.parent.name}.part")  # another disk is mounted below the project
        shutil.copy2(source, neighbour)
        os.replace(neighbour, place)


def _undo(stage, moves):
    """Put every file back; the fault that led here is the one to report, so that another one stays silent."""
    try:
        if (stage / _FORWARD).exists():
            os.replace(stage / _FORWARD, stage / _BACK)  # a command that is killed now is undone by the next one
        for move in moves:
            place, old = Path(move["to"]), move["old"] and stage / move["old"]
            if old and old.exists():
                _replace(old, place)
            elif not old:
                if move["new"] and not (stage / move["new"]).exists():
                    place.unlink(missing_ok=True)
                for folder in filter(os.path.isdir, move["made"]):
                    os.rmdir(folder)
    except OSError:
        pass


def _left_behind(folder) -> list[Path]:
    """Return the staging folders of commands that run no more, in the order of their names."""
    try:
        found = sorted(path for path in folder.iterdir() if path.name.startswith(MARK) and path.is_dir())
    except OSError:
        return []
    return [path for path in found if not _runs(path)]


def _runs(stage) -> bool:
    try:
        with (stage / _LOCK).open("rb+") as lock:
            _hold(lock)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


def _hold(lock):
    """Lock an open file until it is closed or the process ends; raise OSError where another process holds it."""
    if fcntl:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    else:
        import msvcrt

        msvcrt.locking(lock.fileno(), msvcrt.LK_NBLCK, 1)


def _read(path) -> list[dict]:
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError):
        return []
