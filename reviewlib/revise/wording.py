"""What every form of a difference shows, in its words and in its order; a form only says how it looks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from ..cells import flat
from ..measures import label_of
from ..nouns import count
from .conclusions import NUMBERS, Conclusion, Difference, Side
from .rows import Change

TITLE = "What this change does to the conclusions"
SAME_CODE = "Both states were computed with the code of this checkout; only the tables differ."
CHANGES = "Conclusion changes"
SAME = "The numbers move, the conclusion stays"
_LONGEST = 90  # characters of a cell


class Table(NamedTuple):
    """A table of a section; every row has as many cells as the head."""

    caption: str
    head: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


class Section(NamedTuple):
    """One part of a difference: a conclusion with its tables, or the faults of a state that does not pass the check."""

    title: str
    lead: str
    changed: bool
    items: list[str]
    conclusion: Conclusion | None
    tables: list[Table]


def sections(difference: Difference) -> list[Section]:
    """Return what a difference shows: refused states, then the conclusions that changed, then those that moved."""
    refused = [state for state in (difference.before, difference.after) if state.problems]
    found = []
    for state in refused:
        faults = [flat(str(problem)) for problem in state.problems]
        found.append(Section(f"{state.label} does not pass the check", "", True, faults, None, []))
    for one in difference.conclusions:
        tables = [Table(f"{one.title}: before and after", ("Fact", "Before", "After"), facts(one))]
        head = ("Row by itself", "What happened", "Effect", "Moves the estimate by")
        tables += [Table("How far each changed row alone moves it", head, alone(one))] if one.alone else []
        found.append(Section(one.title, f"{verdict(one)}.", one.changed, [], one, tables))
    return found


def row_table(difference: Difference) -> Table:
    """Return every row that differs, one line per cell of a changed row."""
    lines = []
    for change in difference.rows:
        differing = cells(change) if change.kind == "changed" else [("", "", "")]
        lines += [(change.file, flat(change.record), change.kind, *each) for each in differing]
    return Table("Every row that differs", ("File", "Row", "What happened", "Cell", "Before", "After"), lines)


def verdict(conclusion: Conclusion) -> str:
    """Return whether the conclusion changes or only moves."""
    return CHANGES if conclusion.changed else SAME


def headline(difference: Difference) -> str:
    """Return what happened in one sentence."""
    kinds = Counter(change.kind for change in difference.rows)
    said = [kind for kind in ("added", "removed", "changed") if kinds[kind]]
    tally = [count(kinds[kind], f"row {kind}", f"rows {kind}") for kind in said]
    rows = ", ".join(tally) or "no row differs"
    if not difference.comparable:
        return f"{rows}. The conclusions cannot be compared: a state does not pass the check."
    changed = sum(c.changed for c in difference.conclusions)
    moved = len(difference.conclusions) - changed
    shown = [f"{count(changed, 'conclusion changes', 'conclusions change')}"] if changed else []
    shown += [f"{count(moved, 'conclusion moves', 'conclusions move')} without changing"] if moved else []
    shown += [f"{count(difference.unmoved, 'stays', 'stay')} as before"] if shown else ["no conclusion moves"]
    return f"{rows}; {', '.join(shown)}."


def between(difference: Difference) -> str:
    """Return the names of the two states."""
    return f"{difference.before.label} \N{RIGHTWARDS ARROW} {difference.after.label}"


def facts(conclusion: Conclusion) -> list[tuple[str, str, str]]:
    """Return (fact, before, after) of a conclusion, the sentence first; facts that nobody knows are left out."""
    sides, digits = (conclusion.before, conclusion.after), _digits(conclusion)

    def both(name, of):
        return (name, *map(of, sides))

    rows = [both("What the page says", lambda side: side.words["sentence"])]
    if conclusion.shown is not None:
        rows += [
            both(_effect_name(conclusion), lambda side: _effect(side, digits)),
            both("95% prediction interval", lambda side: _prediction(side, digits)),
            both("tau\N{SUPERSCRIPT TWO} between trials", lambda side: _tau2(conclusion, side)),
            both("Trials, people", _people),
            both("Certainty", lambda side: side.words["certainty"]),
            both("Basis", lambda side: side.words["basis"]),
            both("The interval lies", lambda side: side.words["interval"]),
        ]
    for kind in ("said", "figures"):
        names = dict.fromkeys(name for side in sides for name in getattr(side, kind) if name != "sentence")
        more = [both(name, lambda side, name=name, kind=kind: getattr(side, kind).get(name, "")) for name in names]
        # Plain words and figures follow from the rows above; only where they differ do they say more.
        rows += [row for row in more if row[1] != row[2]]
    return [row for row in rows if any(row[1:])]


def alone(conclusion: Conclusion) -> list[tuple[str, str, str, str]]:
    """Return (row, what happened to it, effect with only this change, how far it moves) of each changed result."""
    digits, shown = _digits(conclusion), []
    start = conclusion.before.number("estimate")
    for one in conclusion.alone:
        end = one.side.number("estimate")
        known = start is not None and end is not None
        move = _words().number(end - start, digits) if known else one.side.words["basis"] or "not computable alone"
        move = f"+{move}" if known and end > start else move
        shown.append((one.record, one.kind, _effect(one.side, digits) or one.side.words["sentence"], move))
    return shown


def cells(change: Change) -> list[tuple[str, str, str]]:
    """Return (column, before, after) of the cells that differ; of a row that came or went only its name."""
    return [(cell.column, *map(short, _from_difference(cell.before, cell.after))) for cell in change.cells]


def _from_difference(before: str, after: str) -> tuple[str, str]:
    """Return two long texts from shortly before the place where they differ."""
    same = next(
        (i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), min(len(before), len(after))
    )
    start = same - 30
    if start <= 0 or max(len(before), len(after)) <= _LONGEST:
        return before, after
    return f"\N{HORIZONTAL ELLIPSIS}{before[start:]}", f"\N{HORIZONTAL ELLIPSIS}{after[start:]}"


def short(text: str) -> str:
    """Return a cell on one line of a length that a table can hold, without orders to a terminal."""
    line = flat(text)
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}\N{HORIZONTAL ELLIPSIS}"


def _words():
    from ..meaning import words  # and with it pandas: only where a conclusion is shown

    return words


def _digits(conclusion: Conclusion) -> int:
    """Return as many decimals as a page shows, and more where only those differ between the states."""
    found = conclusion.shown
    digits = _words().digits_for(found.comparison["measure"], found.instrument) if found else 2
    for name in NUMBERS[:3]:
        a, b = conclusion.before.number(name), conclusion.after.number(name)
        while digits < 6 and None not in (a, b) and a != b and f"{a:.{digits}f}" == f"{b:.{digits}f}":
            digits += 1
    return digits


def _effect_name(conclusion: Conclusion) -> str:
    measure = conclusion.shown.comparison["measure"] if conclusion.shown else ""
    name = label_of(measure or "GEN")
    return f"{name[0].upper()}{name[1:]} (95% CI)"


def _effect(side: Side, digits: int) -> str:
    if side.number("estimate") is None:
        return ""
    low_high = _words().interval(side.number("low"), side.number("high"), digits)
    return f"{_words().number(side.number('estimate'), digits)} ({low_high})"


def _prediction(side: Side, digits: int) -> str:
    if side.number("prediction_low") is None:
        return ""
    return _words().interval(side.number("prediction_low"), side.number("prediction_high"), digits)


def _tau2(conclusion: Conclusion, side: Side) -> str:
    value = side.number("tau2")
    if value is None:
        return ""
    return f"{value:.3g}" + (" (of logs)" if conclusion.shown.ratio else "")


def _people(side: Side) -> str:
    trials, people = side.people
    shown = count(people, "person", "people") if people else "number of people not read"
    return f"{count(trials, 'trial')}, {shown}" if trials else ""
