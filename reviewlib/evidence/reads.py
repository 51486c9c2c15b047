"""Which topics and other files a page reads, so that only these make it stale.

`load_evidence` itself reads and checks everything; what it hands out of a topic it announces as an audit event. A
kernel that executes a page for the site writes down the topics that are announced, those whose files anything else
opens or lists, and with their checksums all other files of the project: a table beside the notebook, a module of its
own. A file that the page itself writes first is no input.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from contextlib import suppress
from importlib.util import source_from_cache

EVENT = "reviewlib.topic"
SHARED = ""  # the tables that belong to no topic
EVERY = "*"  # a statement about all topics was read, such as the checksum of everything
FILE = "./"  # a line on a file: this, then its place below the project and its checksum
_PROCESSES = ("subprocess.Popen", "os.system", "os.posix_spawn", "os.exec")  # what they read is not seen from here
_LISTINGS = ("os.listdir", "os.scandir")


def announce(topic: str) -> None:
    """Say that the content of a topic is handed out."""
    sys.audit(EVENT, topic)


def sign(path: str) -> str:
    """Return the SHA-256 of a file, whatever its line ends, or of the names in a folder; empty where there is none."""
    with suppress(OSError):
        if os.path.isdir(path):
            names = sorted(name for name in os.listdir(path) if not name.startswith((".", "__pycache__")))
            return hashlib.sha256("\n".join(names).encode("utf-8", "surrogateescape")).hexdigest()
        if os.path.isfile(path):
            with open(path, "rb") as file:
                return hashlib.sha256(file.read().replace(b"\r\n", b"\n")).hexdigest()
    return ""


def watch(evidence: str, log: str) -> None:
    """Write what this process reads from now on into `log`, one line per topic and other file."""
    tables = os.path.realpath(evidence)
    root, seen = os.path.dirname(tables), set()
    elsewhere = tuple(os.path.join(os.path.realpath(prefix), "") for prefix in (sys.prefix, sys.base_prefix))

    def note(event, arguments):
        if event == EVENT:
            lines = [arguments[0]]
        elif event in _PROCESSES:
            lines = [] if _fonts() else [EVERY]
        elif event in ("open", *_LISTINGS):
            place = _place(arguments[0], root)
            if not place or place in seen or _importing(event) or _loading():
                return
            topic, below = _topic(place, tables), place[len(root) + 1 :]
            lines = [] if topic is None else [topic]
            if topic is None or event in _LISTINGS:
                seen.add(place)
                if not place.startswith(elsewhere) and _counts(below) and not (event == "open" and _writes(arguments)):
                    lines.append(FILE + json.dumps([below.replace(os.sep, "/"), sign(place)]))
        else:
            return
        for line in lines:
            if line not in seen:
                seen.add(line)
                with open(log, "a", encoding="utf-8", newline="\n") as file:
                    file.write(f"{line}\n")

    sys.addaudithook(note)


def _place(named, root):
    """Return where a file or folder of the project is, the source of a compiled module; None outside the project."""
    if not isinstance(named, (str, bytes, os.PathLike)):
        return None
    place = os.path.realpath(os.fsdecode(named))
    if place.endswith(".pyc"):
        with suppress(ValueError):
            place = source_from_cache(place)
    return place if place.startswith(root + os.sep) else None


def _topic(place, tables):
    """Return the topic that a place belongs to; None outside the tables, and for a file that is no table."""
    if not (place + os.sep).startswith(tables + os.sep):
        return None
    below = place[len(tables) + 1 :]
    if os.path.isdir(place) or below.endswith((".csv", ".yml", ".json")):
        return below.partition(os.sep)[0] if os.sep in below or os.path.isdir(place) else SHARED
    return None


def _counts(below):
    """Tell whether a file is no part of the library, of the environment, or of what is made anyway."""
    parts = below.split(os.sep)
    made = parts[0] in ("_site", "reviewlib", "requirements.lock") or {"site-packages", "__pycache__"} & set(parts)
    hooks = (".", "__editable__")  # an editable installation asks for a file of this name in each folder
    return not made and not any(part.startswith(hooks) for part in parts)


def _writes(arguments) -> bool:
    flags = arguments[2]
    return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_TRUNC))


def _importing(event) -> bool:
    """Tell whether it is the search for a module that lists a folder."""
    return event in _LISTINGS and "importlib" in sys._getframe(2).f_code.co_filename


def _fonts() -> bool:
    """Tell whether it is matplotlib that asks the system for its fonts, which it does once on a new machine."""
    frame = sys._getframe(2)
    while frame is not None and frame.f_globals.get("__name__") != "matplotlib.font_manager":
        frame = frame.f_back
    return frame is not None


def _loading() -> bool:
    """Tell whether `load_evidence` is what opens a file."""
    frame = sys._getframe(2)
    while frame is not None:
        code = frame.f_code
        if code.co_name == "load_evidence" and code.co_filename.endswith(os.path.join("evidence", "load.py")):
            return True
        frame = frame.f_back
    return False
