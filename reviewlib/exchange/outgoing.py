"""Comparisons in the columns of other programs: metafor (with the R script of our analysis), Metapsy, RevMan.

Metapsy's data standard has one row per comparison of two arms, and NA where nothing is. RevMan's data package (version
1) leaves empty what is absent, unlike RevMan's own files. Only rows whose numbers are in the tables are written;
nothing is computed except the logarithm of ratios and the standard error that an interval implies.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..cells import safe
from ..effects import study_effects
from ..errors import EvidenceError, quiet
from ..evidence import Topic
from ..measures import find, is_ratio
from ..typed import Frame
from .numerals import digits
from .placing import table_text
from .vocabulary import NAMES

_METAFOR = NAMES["metafor_csv"]
_HEAD = ("slab", "yi", "vi", "measure", *_METAFOR.values(), "source", "results", "route", "excluded")


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
            files[f"{stem}.csv"] = _metafor_csv(studies, comparison["measure"]).encode()
            files[f"{stem}.R"] = _r_script(stem, topic, comparison).encode()
    if not files:
        raise EvidenceError(f"no comparison of {', '.join(t.id for t in topics)} is pooled: nothing for metafor")
    return files


def _r_script(stem, topic, comparison):
    ratio = is_ratio(comparison["measure"])
    title = " ".join(f"{topic.title}: {comparison['title']}".split())
    script = Path(__file__).with_name("metafor.R").read_text(encoding="utf-8")
    return script.format(stem=stem, title=title, atransf=", atransf = exp" if ratio else "")


def _metafor_csv(studies, measure) -> str:
    rows = []
    for row in studies.to_dict("records"):
        numbers = {theirs: row.get(ours) for ours, theirs in {"estimate": "yi", "variance": "vi", **_METAFOR}.items()}
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


_METAPSY = NAMES["metapsy_csv"]


def metapsy_csv(topics: Any) -> str:
    """Return the results that hold arm data; change scores and final values are told apart by `value_kind`."""
    rows = []
    for topic in topics:
        text = topic.text.get("results")
        known = topic.sources.dropna(subset="year")
        years = {source: str(int(year)) for source, year in zip(known["source_id"], known["year"], strict=True)}
        for row in text.to_dict("records") if text is not None else ():
            means = row["mean_int"] and row["mean_ctl"] and not row["value_kind"].startswith("percent")
            events = row["events_int"] and row["events_ctl"]
            if means or events:
                rows.append(
                    _metapsy_row(row, means, events) | {"year": years.get(row["source_id"]) or "NA", "time": "post"}
                )
    if not rows:
        raise EvidenceError(f"no result of {', '.join(t.id for t in topics)} holds arm data: nothing for Metapsy")
    return table_text(_METAPSY, rows)


def _metapsy_row(row, means, events):
    """Return the cells of one result, with the numbers of its means, of its events, or of both."""
    parts = {"mean": means, "sd": means, "n": means, "event": events, "totaln": events}
    wanted = {name: parts.get(name.partition("_arm")[0], True) for name in _METAPSY}
    return {name: safe((wanted[name] and row.get(ours)) or "NA") for name, ours in _METAPSY.items()}


_ROWS, _SETTINGS = NAMES["revman_csv"]["rows"], NAMES["revman_csv"]["settings"]
_ARMS = {kind.capitalize(): NAMES["revman_web"][kind] for kind in ("continuous", "dichotomous")}


def revman_files(topics: Any) -> dict[str, bytes]:
    """Return the rows and the settings of the comparisons, one analysis a comparison."""
    files = {}
    for number, topic in enumerate(topics, 1):
        rows, settings = [], []
        for at, comparison in enumerate(topic.comparisons, 1):
            studies = studies_of(topic, comparison)
            kind, columns = _data_type(studies)
            key = (number, at, safe(comparison["title"]))
            listed = [_revman_row(key, row, columns) for row in studies.to_dict("records") if row["excluded"] is None]
            if not listed:
                continue
            rows += listed
            measure = find(comparison["measure"]).revman or comparison["measure"]
            arms = safe(comparison["intervention"]), safe(comparison["comparator"])
            said = (*key, kind, *arms, "Inverse variance", measure, "Random effects", "95%", "95%", "false")
            settings.append(dict(zip(_SETTINGS, said, strict=True)))
        stem = f"{topic.id}-analysis-data/{topic.id}"
        files[f"{stem}-data-rows.csv"] = table_text(_ROWS, rows).encode()
        files[f"{stem}-overall-estimates-and-settings.csv"] = table_text(_SETTINGS, settings).encode()
    return files


def _data_type(studies):
    """Return the data type that all studies of an analysis allow, and its columns: theirs, and ours that they hold."""
    used = studies[studies["excluded"].isna()]
    for kind, columns in _ARMS.items():
        arms = all(name in used and used[name].notna().all() for name in columns.values())
        if arms and used["route"].str.contains("of both arms").all():
            return kind, columns
    return "Contrast level", NAMES["revman_web"]["contrast"]


def _revman_row(key, row, columns):
    cells = dict(zip(_ROWS[:3], key, strict=True))
    cells |= {theirs: digits_of(row[ours]) for theirs, ours in columns.items()}
    return cells | {"Study": safe(row["trial"]), "Footnotes": safe(f"{row['result_ids']}: {row['route']}")}
