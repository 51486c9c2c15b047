"""RevMan 5's export of analyses as CSV: the studies of each outcome, under a line that heads it with its totals.

Lines of comparisons, outcomes and subgroups stand among those of the studies. An outcome says its data type, effect
measure and group labels, and sums what follows; a study says none of that.
"""

from __future__ import annotations

from dataclasses import replace

from ..effects.names import bare
from ..errors import EvidenceError
from ..measures import spelled
from ..nouns import count
from .sheet import Sheet

_KEY = ("comparisonnumber", "outcomenumber")
_HEADS = ("datatype", "statisticalmethod", "analysismodel")
_CARRIED = {"effectmeasure": "Effect Measure", "grouplabel1": "Group Label 1", "grouplabel2": "Group Label 2"}
_SPELLED = {"RISK_DIFF": "RD", "MEAN_DIFF": "MD", "STD_MEAN_DIFF": "SMD", "STANDARD_MEAN_DIFFERENCE": "SMD"}


def without_headings(sheet: Sheet) -> Sheet:
    """Return the sheet with only its studies, each with the outcome and measure it stands under; others as they are."""
    names = {bare(name): name for name in sheet.header}
    if not set(_KEY) <= names.keys():
        return sheet
    head = next((names[name] for name in _HEADS if name in names), None)
    numbers = [name for name in sheet.header if bare(name) in ("events1", "total1", "mean1", "effectestimate", "oe")]
    about, rows, outcome = {}, [], None
    label = names.get("study") or names.get("studyid") or names.get("name")
    if label is None or not numbers:
        raise EvidenceError(
            f"{sheet.name} is an export of RevMan 5 without a column Name, or without data: export it again"
        )
    for line, cells in sheet.rows:
        key = tuple(cells[names[name]] for name in _KEY)
        if head and cells[head] and key != outcome:
            outcome, about = key, cells
        elif head and cells[head]:
            continue  # the line of a subgroup
        elif any(cells[name] for name in numbers):
            rows.append((line, _study(cells, about if key == outcome else {}, names, label)))
    if rows and all(not cells["Outcome name"] for _, cells in rows) and _sums(rows, names):
        raise EvidenceError(
            f"{sheet.name}: nothing tells the line that sums an outcome from those of its studies. Export it again "
            "with the columns Data Type and Statistical Method"
        )
    if not rows:
        raise EvidenceError(f"{sheet.name} holds no line of a study with numbers. Export it again with its study data")
    dropped = len(sheet.rows) - len(rows)
    noticed = [
        *sheet.noticed,
        f"left out: {count(dropped, 'line')} with the head of a comparison, an outcome or a subgroup",
    ]
    header = tuple(name for name in rows[0][1])
    return replace(sheet, header=header, rows=rows, noticed=noticed if dropped else sheet.noticed)


def _study(cells, about, names, label):
    own = {name: text for name, text in cells.items() if name != label and bare(name) not in ("name", *_CARRIED)}
    said = {shown: cells.get(names.get(name), "") or about.get(names.get(name), "") for name, shown in _CARRIED.items()}
    code = said["Effect Measure"].upper().replace(" ", "_")
    said["Effect Measure"] = _SPELLED.get(code) or spelled(code) or said["Effect Measure"]
    return {"Study": cells[label], **own, **said, "Outcome name": about.get(names.get("name"), "")}


def _sums(rows, names):
    """Return whether the first line is the sum of the others."""
    column = names.get("total1")
    values = [cells.get(column, "") for _, cells in rows]
    return len(values) > 2 and all(v.isdigit() for v in values) and int(values[0]) == sum(map(int, values[1:]))
