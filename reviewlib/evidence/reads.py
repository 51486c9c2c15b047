"""Which topics a page reads: handed out by `load_evidence`, or opened as files; so that only these make it stale.

`load_evidence` itself reads and checks everything; what it hands out of a topic it announces as an audit event. A
kernel that executes a page for the site writes down the topics that are announced, and those whose files anything else
opens.
"""

from __future__ import annotations

import os
import sys

EVENT = "reviewlib.topic"
SHARED = ""  # the tables that belong to no topic
EVERY = "*"  # a statement about all topics was read, such as the checksum of everything


def announce(topic: str) -> None:
    """Say that the content of a topic is handed out."""
    sys.audit(EVENT, topic)


def watch(evidence: str, log: str) -> None:
    """Write the name of each topic that this process reads from now on into `log`, one per line."""
    seen, root = set(), os.path.realpath(evidence) + os.sep

    def note(event, arguments):
        if event == EVENT:
            topic = arguments[0]
        elif event == "open" and isinstance(arguments[0], (str, bytes, os.PathLike)):
            path = os.path.realpath(os.fsdecode(arguments[0]))
            if not path.startswith(root) or _loading():
                return
            topic = path.removeprefix(root).partition(os.sep)[0]
        else:
            return
        if topic not in seen:
            seen.add(topic)
            with open(log, "a", encoding="utf-8", newline="\n") as file:
                file.write(f"{topic}\n")

    sys.addaudithook(note)


def _loading() -> bool:
    """Tell whether `load_evidence` is what opens a file."""
    frame = sys._getframe(2)
    while frame is not None:
        code = frame.f_code
        if code.co_name == "load_evidence" and code.co_filename.endswith(os.path.join("evidence", "load.py")):
            return True
        frame = frame.f_back
    return False
