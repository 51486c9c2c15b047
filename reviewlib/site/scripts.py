"""The few small scripts of a page: each stands in the page and is admitted by its hash, nothing else may run.

Every page says all that it says without them. They print, close a panel with Escape, sort and search the table of
questions, and pool again the trials that a reader ticks.
"""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
# Script -> what a page must hold to need it.
NEEDED = {
    "page.js": ('class="', "<table", "<h2"),
    "overview.js": ('class="overview',),
    "search.js": ('class="index ',),
    "pool.js": ("data-pool=",),
}
# Nothing may be fetched or sent; the stylesheet stands in the page.
POLICY = (
    "default-src 'none'; img-src data: 'self'; style-src 'unsafe-inline' 'self'; base-uri 'none'; form-action 'none'"
)


def scripts(html: str) -> list[str]:
    """Return the scripts that the content of a page needs."""
    return [
        (HERE / name).read_text(encoding="utf-8").strip()
        for name, marks in NEEDED.items()
        if any(mark in html for mark in marks)
    ]


def policy(sources: Any) -> str:
    """Return the Content-Security-Policy of a page that holds these scripts and no other."""
    if not sources:
        return POLICY
    return f"{POLICY}; script-src {' '.join(map(admitted, sources))}"


def admitted(source: str) -> str:
    """Return the source expression that admits one inline script."""
    return f"'sha256-{b64encode(sha256(source.encode()).digest()).decode()}'"
