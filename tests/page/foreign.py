"""A review of another field, made from an empty folder: reading aloud at school, with topics that lack this or that."""

import csv
from datetime import date

from reviewlib.evidence.schema import schemas

TITLE, AUTHOR = "Reading aloud: what helps", "Roe K"
REVIEW = f"""title: "{TITLE}"
authors:
  - {{name: {AUTHOR}}}
language: en
pages:
  - {{notebook: hello, label: Welcome, kind: front}}
  - {{notebook: aloud, label: Aloud, topic: aloud}}
"""
TOPIC = """id: {name}
title: "Reading aloud: {name}"
kind: systematic review
question: "Does reading aloud help pupils read faster ({name})?"
population: "Pupils of 7 to 9 years"
intervention: "reading aloud"
comparator: "silent reading"
outcome: "reading speed"
time: "12 weeks"
effect_of_interest: assignment
applies_to: ["Pupils of 7 to 9 years"]
not_for: ["Adults"]
must_not_conclude: ["That speed is understanding"]
searched: 2026-11-01
edited: {today}
outcomes:
  - {{id: speed, label: Speed, plain: reading speed, importance: 1, instrument_id: wpm, benefit: true}}
comparisons: {comparisons}
prisma_not_met: []
"""
COMPARISON = """
  - id: speed-short
    title: "Reading speed after a term"
    intervention: "reading aloud"
    comparator: "silent reading"
    outcome: speed
    measure: MD
    window_weeks: [4, 20]
    headline: true
    pool: true
    pool_reason: "Same pupils, same test"
"""
RESULTS = (
    ("doe2001", 60, 82.0, 14.0, 60, 76.0, 14.0),
    ("poe2002", 45, 90.0, 20.0, 44, 81.0, 19.0),
    ("lee2003", 30, 70.0, 11.0, 31, 66.5, 12.0),
)
# What each topic lacks.
TOPICS = {
    "aloud": "nothing but a certainty rating",
    "counted": "scores: its trials counted pupils, and nobody has judged it",
    "empty": "everything but its topic.yml",
    "uncompared": "comparisons",
    "unfed": "results",
    "unlinked": "rows of synthesis.csv",
    "unrated": "the headline that names its panels",
}


def build(root):
    """Write the evidence folder below `root` and return its path."""
    folder = root / "evidence"
    folder.mkdir(parents=True)
    (folder / "review.yml").write_text(REVIEW, encoding="utf-8")
    sources = [
        {
            "source_id": s,
            "authors": f"{s[:-4].title()} J",
            "year": s[-4:],
            "title": f"A trial of {s}",
            "doi": f"10.1000/{s}",
            "kind": "rct",
            "read": "full-text",
        }
        for s, *_ in RESULTS
    ]
    _table(folder, "sources", sources)
    _table(
        folder,
        "instruments",
        [
            {
                "instrument_id": "wpm",
                "name": "Words read in a minute",
                "unit": "words",
                "scale_min": "0",
                "scale_max": "300",
                "better": "higher",
            }
        ],
    )
    for name in TOPICS:
        (folder / name).mkdir()
        compared = "[]" if name in ("empty", "uncompared", "unrated") else COMPARISON.rstrip()
        text = TOPIC.format(name=name, today=date(2026, 11, 2), comparisons=compared)
        if name == "counted":
            text = text.replace("measure: MD", "measure: RR").replace(", instrument_id: wpm", "")
        if name == "unrated":
            text += 'words:\n  condition: ["slow readers"]\n'
        (folder / name / "topic.yml").write_text(text, encoding="utf-8")
        if name in ("aloud", "uncompared", "unlinked"):
            _table(folder / name, "results", [_result(*row) for row in RESULTS])
        if name == "counted":
            _table(folder / name, "results", [_counted(*row) for row in RESULTS])
        if name in ("aloud", "counted"):
            rows = [
                {"comparison_id": "speed-short", "result_id": f"{s}-r1", "use": "main", "reason": "The only time"}
                for s, *_ in RESULTS
            ]
            _table(folder / name, "synthesis", rows)
    _table(
        folder / "unrated",
        "panels",
        [
            {
                "panel_id": "staff2020",
                "source_id": "doe2001",
                "label": "Staff, 2020",
                "year": "2020",
                "condition": "slow readers",
                "procedures": "reading aloud",
                "read": "table",
                "locator": "Table 1",
            }
        ],
    )
    return folder


def _result(source, n_int, mean_int, sd_int, n_ctl, mean_ctl, sd_ctl):
    return {
        "result_id": f"{source}-r1",
        "source_id": source,
        "trial": source.title(),
        "population": "pupils",
        "arm_id": f"{source}-aloud",
        "control_id": f"{source}-silent",
        "intervention": "reading aloud",
        "comparator": "silent reading",
        "outcome": "speed",
        "instrument_id": "wpm",
        "timepoint_weeks": "12",
        "analysis_set": "itt",
        "n_int": n_int,
        "mean_int": mean_int,
        "sd_int": sd_int,
        "n_ctl": n_ctl,
        "mean_ctl": mean_ctl,
        "sd_ctl": sd_ctl,
        "value_kind": "final",
        "design": "rct",
        "status": "reported",
        "read": "full-text",
        "locator": "Table 2",
    }


def _counted(source, n_int, mean_int, _, n_ctl, mean_ctl, __):
    row = _result(source, n_int, "", "", n_ctl, "", "") | {"instrument_id": "", "value_kind": ""}
    return row | {"events_int": round(mean_int / 10), "events_ctl": round(mean_ctl / 5)}


def _table(folder, name, rows):
    names = schemas()[name].names
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as handle:
        write = csv.DictWriter(handle, names, lineterminator="\n")
        write.writeheader()
        write.writerows(sorted(rows, key=lambda row: tuple(str(row[key]) for key in schemas()[name].key)))
