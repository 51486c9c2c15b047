"""Notebooks into pages: execute them with real kernels, then build a site of self-contained HTML files.

Nothing here knows a statistic. `execute` runs notebooks and writes them back, `stale` compares the committed outputs
with a fresh execution, `build` makes the pages and `faults` refuses a page that lost something on the way.
"""

from __future__ import annotations

from .project import Project, SiteError

__all__ = ["Project", "SiteError"]
