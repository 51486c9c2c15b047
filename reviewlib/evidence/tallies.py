"""Rules of counting: parts do not exceed their whole, percentages follow from counts, classes and flows add up."""

from __future__ import annotations

from collections import defaultdict

from ..errors import Problem
from .rows import BrokenCell, Table, texts_of
from .signs import look_again


def flow_problems(table: Table | None) -> list[Problem]:
    """Return where the counts of one unit do not add up from one step to the next."""
    stocks = ("identified", "screened", "sought", "assessed", "included")
    found, units = [], defaultdict(lambda: defaultdict(list))
    for row in table.rows if table else ():
        if not row.broken:
            units[row["unit"]][row["step"]].append(row)
    for unit, rows in units.items():
        there = [step for step in stocks if step in rows]
        for step in there[1 if there[:1] == ["identified"] else 0 :]:
            for again in rows[step][1:]:
                rule, remedy = f"{step} {unit} are counted twice", "Keep one row of this step for each unit"
                found.append(table.problem(again, "step", rule, remedy))
        for before, after in zip(there, there[1:], strict=False):
            steps = table.schema["step"].enum
            between = steps[steps.index(before) + 1 : steps.index(after)]
            gone = sum(row["n"] for step in between for row in rows.get(step, ()))
            came, counted = sum(row["n"] for row in rows[before]), rows[after][0]["n"]
            if came - gone != counted:
                rule = f"{came} {unit} {before}, {gone} left on the way: {came - gone} remain, not {counted}"
                remedy = "Count again, or add the row for those that left"
                found.append(table.problem(rows[after][0], "n", rule, remedy))
    return found


def studies_problems(flow: Table | None, results: Table | None) -> list[Problem]:
    """Return a warning where fewer studies are counted as included than randomized trials have a row in results.csv."""
    trials = {trial for trial, design in texts_of(results, "trial", "design") if design == "rct"}
    found = []
    for row in flow.rows if flow else ():
        counted = not row.broken and (row.text["step"], row.text["unit"]) == ("included", "studies")
        if counted and row["n"] < len(trials):
            rule = f"{len(trials)} randomized trials have rows in results.csv, so they are included, numbers or not"
            remedy = "Count them, and say in reason how many have no usable number"
            found.append(flow.warning(row, "n", rule, remedy))
    return found


def class_problems(table: Table | None) -> list[Problem]:
    """Return where the classes of one set of panel ratings do not add up to their total."""
    groups = defaultdict(dict)
    for row in table.rows if table else ():
        try:
            at = tuple(row[name] for name in ("source_id", "panel", "condition", "precondition", "procedure", "round"))
            groups[at][row["category"]] = row
        except BrokenCell:
            continue
    return [problem for group in groups.values() for problem in _group(table, group)]


def _group(table: Table, group: dict) -> list[Problem]:
    middle = "equivocal" if "equivocal" in group else "uncertain"
    classes = [name for name in ("inappropriate", middle, "appropriate") if name in group]
    sets = [(classes if len(classes) == 3 else [], None)]
    sets.append(([name for name in group if name.startswith("panel dispersion")], None))
    sets.append(([name for name in group if name.startswith(f"{middle}, of which")], group.get(middle)))
    found = []
    for names, whole in sets:
        rows = [group[name] for name in names]
        if len(rows) < 3 or any(row.broken or row["n"] is None for row in rows):
            continue
        total = whole.values["n"] if whole else rows[0]["n_total"]
        added = sum(row["n"] for row in rows)
        if total is not None and added != total:
            rule = f"{' + '.join(str(row['n']) for row in rows)} make {added}, not {total}"
            last = max(rows, key=lambda row: row.line)
            found.append(table.problem(last, "n", f"the classes do not add up: {rule}", look_again(last)))
    return found
