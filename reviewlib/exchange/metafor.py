"""A pooled comparison for R: the studies as a CSV that metafor reads, and the script that repeats our analysis."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..cells import safe
from ..effects import study_effects
from ..errors import EvidenceError, quiet
from ..evidence import Topic
from ..measures import is_ratio
from ..typed import Frame
from .numerals import digits
from .placing import table_text
from .vocabulary import NAMES

_COLUMNS = NAMES["metafor_csv"]
_HEAD = ("slab", "yi", "vi", "measure", *_COLUMNS.values(), "source", "results", "route", "excluded")


def pooled_comparisons(topic: Topic) -> list[dict]:
    """Return the comparisons of a topic that are pooled, with at least two results."""
    rows = [c for c in topic.comparisons if c.get("pool") is True]
    return [c for c in rows if len(topic.rows(c["id"])) >= 2]


def studies_of(topic: Topic, comparison: dict) -> Frame:
    """Return the studies table of a comparison, as the pages make it."""
    with quiet():
        return study_effects(topic.rows(comparison["id"]), comparison["measure"])


def metafor_files(topics: Any) -> dict[str, bytes]:
    """Return a CSV and an R script for every pooled comparison of the topics."""
    files = {}
    for topic in topics:
        for comparison in pooled_comparisons(topic):
            studies = studies_of(topic, comparison)
            if studies["excluded"].isna().sum() < 2:
                continue
            stem = f"{topic.id}-{comparison['id']}"
            files[f"{stem}.csv"] = _table(studies, comparison["measure"]).encode()
            files[f"{stem}.R"] = _script(stem, topic, comparison).encode()
    if not files:
        raise EvidenceError(f"no comparison of {', '.join(t.id for t in topics)} is pooled: nothing for metafor")
    return files


def _script(stem, topic, comparison):
    ratio = is_ratio(comparison["measure"])
    title = " ".join(f"{topic.title}: {comparison['title']}".split())
    script = Path(__file__).with_suffix(".R").read_text(encoding="utf-8")
    return script.format(stem=stem, title=title, atransf=", atransf = exp" if ratio else "")


def _table(studies, measure) -> str:
    rows = []
    for row in studies.to_dict("records"):
        numbers = {theirs: row.get(ours) for ours, theirs in {"estimate": "yi", "variance": "vi", **_COLUMNS}.items()}
        words = {"slab": row["trial"], "source": row.get("source_id"), "results": row.get("result_ids")}
        words |= {name: row.get(name) for name in ("route", "excluded")}
        said = {name: safe(text) for name, text in words.items()}
        rows.append({"measure": measure, **said, **{name: digits_of(value) for name, value in numbers.items()}})
    return table_text(_HEAD, rows)


def digits_of(value: Any) -> str:
    """Return a number of a studies table with every digit, "" where there is none."""
    if value is None or value != value or str(value) == "<NA>":
        return ""
    return digits(float(value))
