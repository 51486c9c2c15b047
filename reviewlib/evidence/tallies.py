"""Rules of counting: parts do not exceed their whole, percentages follow from counts, classes and flows add up."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..errors import Problem
from ..measures import is_ratio
from . import signs
from .judgements import bias
from .numbers import half_unit, interval, look_again, off_centre, unusual_level
from .reading import BrokenCell, Table

if TYPE_CHECKING:
    from .reading import Row


def percent_agrees(count: int, total: int, text: str) -> bool:
    """Return whether a printed percentage follows from printed counts, within its last digit."""
    return abs(100 * count / total - float(text)) <= half_unit(text) * 1.0001


def adverse_event(row: Row) -> Iterator[tuple[str, ...]]:
    """No more events than people, a range from low to high, a percentage that follows from the counts."""
    n, events, low, high = row["n_at_risk"], row["n_events"], row["percent_low"], row["percent_high"]
    if n is not None and events is not None and events > n:
        yield "n_events", f"{events} events among {n} people", f"{look_again(row)}: are the two swapped?"
    if low is not None and high is not None and low > high:
        yield (
            "percent_low",
            f"the lowest percent {low:g} is above the highest {high:g}",
            f"{look_again(row)}: are they swapped?",
        )
    if (
        n
        and events is not None
        and low is not None
        and low == high
        and not percent_agrees(events, n, row.typed("percent_low"))
    ):
        rule = f"{events} of {n} are {100 * events / n:.1f}%"
        yield "percent_low", rule, f"{look_again(row)}; keep it if printed so, and say so in notes", "warning"


_NO_SIGNIFICANT = re.compile(r"(?<![\"'\u201c])\bno(ne|t|n)?[ -]*(were |was |statistically )*(significan|sig\b)", re.I)


def harms_in_words(row: Row) -> Iterator[tuple[str, ...]]:
    """An event is a count or what was said of it: 'no significant harms' says neither how many nor that none was."""
    if _NO_SIGNIFICANT.search(row["event"] or ""):
        rule = "'not significant' says neither how many had it nor that nobody had"
        yield "event", rule, "Name the event and count it, or write who said what of it without counting", "warning"


def at_risk(row: Row) -> Iterator[tuple[str, ...]]:
    """People at risk are those who were treated, not those who could still be asked at the end."""
    text = "; ".join(filter(None, (row["locator"], row["notes"], row["arm"])))
    said = signs.said(signs.FOLLOWED, signs.EVERYBODY, text)
    if row["n_at_risk"] is not None and said:
        rule = f"the row says '{said}': people at risk are all who were treated, not those still there at the end"
        yield "n_at_risk", rule, look_again(row), "warning"


def crossing(row: Row) -> Iterator[tuple[str, ...]]:
    """No more people crossed over than were in the arm, and the percentage follows from the counts."""
    n, crossed, percent = row["n_arm"], row["n_crossed"], row["percent"]
    if n is not None and crossed is not None and crossed > n:
        yield "n_crossed", f"{crossed} crossed over among {n} people", f"{look_again(row)}: are the two swapped?"
    elif n and crossed is not None and percent is not None and not percent_agrees(crossed, n, row.typed("percent")):
        yield "percent", f"{crossed} of {n} are {100 * crossed / n:.1f}%", look_again(row)
    idle = row.values.get("n_not_started")
    if n is not None and idle is not None and (crossed or 0) + idle > n:
        rule = f"{idle} never began and {crossed or 0} crossed over, among {n} people"
        yield "n_not_started", rule, f"{look_again(row)}: who never began did not cross over"
    if (percent is None) != (row["percent_kind"] is None):
        yield (
            "percent_kind",
            "a percent and its kind go together",
            "Write printed, or complement for 100 minus what was printed",
        )


def rating(row: Row) -> Iterator[tuple[str, ...]]:
    """A class holds no more than all scenarios, and a printed percentage that does not follow is called a misprint."""
    n, total, percent = row["n"], row["n_total"], row["percent_printed"]
    if n is not None and total is not None and n > total:
        yield "n", f"{n} of {total}", f"{look_again(row)}: are the two swapped?"
    elif n is not None and total and percent is not None:
        agrees = percent_agrees(n, total, row.typed("percent_printed"))
        if not agrees and row["status"] != "misprint":
            rule = f"{n} of {total} are {100 * n / total:.1f}%"
            yield "percent_printed", rule, f"{look_again(row)}; if it is printed so, write status misprint"
        if agrees and row["status"] == "misprint":
            yield (
                "status",
                "the printed percent follows from the counts, so it is no misprint",
                "Write printed",
                "warning",
            )


def care(row: Row) -> Iterator[tuple[str, ...]]:
    """A count is no larger than its whole, and the percentage follows from the two."""
    n, total, percent = row["n"], row["n_total"], row["percent"]
    if n is not None and total is not None and n > total:
        yield "n", f"{n} of {total}", f"{look_again(row)}: are the two swapped?"
    elif n is not None and total and percent is not None and not percent_agrees(n, total, row.typed("percent")):
        yield (
            "percent",
            f"{n} of {total} are {100 * n / total:.1f}%",
            f"{look_again(row)}: is the percent of another whole?",
        )


def assumption(row: Row) -> Iterator[tuple[str, ...]]:
    """An assumed value lies within the range that is tried."""
    low, value, high = row["low"], row["value"], row["high"]
    if low is not None and value < low or high is not None and value > high or None not in (low, high) and low > high:
        yield "value", "does not lie between the lowest and the highest value tried", "Check the three values"
    if row["source_id"] is not None and row["locator"] is None:
        yield "locator", "a value from a source needs its place there", "Name the table, page or section"


def instrument(row: Row) -> Iterator[tuple[str, ...]]:
    """A scale runs upwards, and a minimal important difference says of what kind and from where it is."""
    low, high = row["scale_min"], row["scale_max"]
    if low is not None and high is not None and not low < high:
        yield "scale_max", "the highest score is not above the lowest", "Check the range in the source"
    if row["mid"] is None:
        return
    for name in ("mid_unit", "mid_kind", "mid_source_id", "mid_locator", "mid_read"):
        if row[name] is None:
            yield name, "a minimal important difference needs it", "Fill it in from the source of that difference"
    if None not in (low, high) and (row["mid_unit"] or "").startswith("point") and row["mid"] > high - low:
        yield "mid", f"is wider than the whole scale ({low:g} to {high:g})", "Check the value and its unit"


_NO_NAME = re.compile(
    r"\W*$|[(\[]|(unknown|anonymous|none|not|no authors?)\b|n/?a$|.*\bnot (\w+ )?(in|shown|stated|known|given)\b",
    re.I,
)
_REASONS = (
    ("no_authors", ("authors",), "authors"),
    ("no_identifier", ("doi", "pmid", "pmcid", "registry_id"), "DOI, PubMed number or registry number"),
)


def source(row: Row) -> Iterator[tuple[str, ...]]:
    """Every source has authors and an identifier, or a recorded reason why it has none."""
    if row["authors"] and _NO_NAME.match(row["authors"]):
        yield "authors", "is not the name of an author", "Leave the cell empty and say why in no_authors"
    for name, columns, what in _REASONS:
        there = next((column for column in columns if row[column]), None)
        reason = row.values.get(name)
        if there is None and not reason:
            remedy = f"Fill in {' or '.join(columns)}, or say in {name} why there is none"
            yield columns[0], f"the source has no {what}, and no reason is recorded", remedy
        elif there and reason:
            yield name, f"gives a reason although {there} is filled in", f"Empty {name}, or correct {there}"


def pooled(row: Row) -> Iterator[tuple[str, ...]]:
    """The pool of a review is as orderly as a result; its level may be unknown."""
    yield from interval(row)
    yield from unusual_level(row, f"{row['locator'] or ''} {row['notes'] or ''}")
    yield from off_centre(row)
    if row["estimate"] is not None and row["measure"] is None:
        yield "measure", "an estimate needs its measure", "Write MD, SMD, RR ... as the review says"
    for name in ("estimate", "ci_low"):
        if is_ratio(row["measure"]) and row[name] is not None and row[name] <= 0:
            yield name, f"a ratio ({row['measure']}) is always above zero", look_again(row)


def flow_problems(table: Table | None) -> list[Problem]:
    """Return where the counts of one unit do not add up from one step to the next."""
    stocks = ("identified", "screened", "sought", "assessed", "included")
    steps = (
        "identified",
        "removed",
        "screened",
        "screened-out",
        "sought",
        "not-retrieved",
        "assessed",
        "excluded",
        "included",
    )
    found, units = [], defaultdict(lambda: defaultdict(list))
    for row in table.rows if table else ():
        if not row.broken:
            units[row["unit"]][row["step"]].append(row)
    for unit, rows in units.items():
        there = [step for step in stocks if step in rows]
        for step in there[1 if there[:1] == ["identified"] else 0 :]:
            for again in rows[step][1:]:
                found.append(
                    table.problem(
                        again, "step", f"{step} {unit} are counted twice", "Keep one row of this step for each unit"
                    )
                )
        for before, after in zip(there, there[1:], strict=False):
            between = steps[steps.index(before) + 1 : steps.index(after)]
            gone = sum(row["n"] for step in between for row in rows.get(step, ()))
            came, counted = sum(row["n"] for row in rows[before]), rows[after][0]["n"]
            if came - gone != counted:
                rule = f"{came} {unit} {before}, {gone} left on the way: {came - gone} remain, not {counted}"
                found.append(
                    table.problem(rows[after][0], "n", rule, "Count again, or add the row for those that left")
                )
    return found


def studies_problems(flow: Table | None, results: Table | None) -> list[Problem]:
    """Return a warning where fewer studies are counted as included than randomized trials have a row in results.csv."""
    trials = {row.text.get("trial") for row in (results.rows if results else ()) if row.text.get("design") == "rct"}
    found = []
    for row in flow.rows if flow else ():
        counted = not row.broken and (row.text["step"], row.text["unit"]) == ("included", "studies")
        if counted and row["n"] < len(trials):
            rule = f"{len(trials)} randomized trials have rows in results.csv, so they are included, numbers or not"
            remedy = "Count them, and say in reason how many have no usable number"
            found.append(flow.problem(row, "n", rule, remedy, severity="warning"))
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


# Words by which a signalling question is known, each with its domain of RoB 2.
_QUESTIONS = {
    "randomization process": r"sequence|conceal|baseline",
    "deviations from intended interventions": r"awareness|adheren|cross-?over|co-?intervention|deviation|analys[ie]s",
    "missing outcome data": r"retention|complete|missing|drop-?outs?|attrition|withdraw",
    "measurement of the outcome": r"assessor|who measures|measure",
    "selection of the reported result": r"registr|protocol|planned|selective|reported (result|comparison)",
}
_JUDGED = re.compile(
    r"\b((low|high|unclear|serious|critical|moderate) (risk|concern)|some concerns|(low|high) bias|at risk of bias)\b",
    re.I,
)


def bias_fact(row: Row) -> Iterator[Problem]:
    """A fact for a signalling question holds no judgement, and its question belongs to its domain."""
    judged = _JUDGED.search(row["fact"])
    if judged:
        remedy = "Say what the source says was done; judgements belong in risk_of_bias.csv"
        yield "fact", f"'{judged[0]}' is a judgement, not a fact", remedy
    homes = [domain for domain, words in _QUESTIONS.items() if re.search(words, row["question"], re.I)]
    if homes and row["domain"] not in homes:
        yield "question", f"belongs to the domain {' or '.join(homes)}", "Correct the question or the domain"


def silence(row: Row) -> Iterator[Problem]:
    """A trial that makes no statement on harms has no numbers, and one that counted has some."""
    numbers = [name for name in ("n_events", "percent_low", "percent_high") if row[name] is not None]
    if row["reporting"] in ("not reported", "recorded, no result") and numbers:
        yield "reporting", f"is {row['reporting']}, yet {numbers[0]} is filled in", look_again(row)
    if row["reporting"] == "counted" and not numbers and not re.search(r"\d", row["event"]):
        yield "reporting", "is counted, yet there is no number", look_again(row)


ROW_RULES = {
    "adverse_events": (adverse_event, at_risk, silence, harms_in_words),
    "rob2_facts": (bias_fact,),
    "crossover": (crossing,),
    "ratings": (rating,),
    "delivered_care": (care,),
    "assumptions": (assumption,),
    "instruments": (instrument,),
    "sources": (source,),
    "pooled_published": (pooled,),
    "claims_pooled": (pooled,),
    "risk_of_bias": (bias,),
}
