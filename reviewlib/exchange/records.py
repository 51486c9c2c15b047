"""Rows of a sheet in our columns: numbers read by the marks of the file, counts whole, every fault told at once."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ..cells import advice
from ..effects.columns import LEVEL_WORDS, UNREAD_LEVEL, other_level
from ..effects.names import Effect, bare, effect_named
from ..errors import EvidenceError
from ..evidence.schema import schemas
from ..measures import spelled
from .agreeing import read_twins, twin_faults
from .dialects import Mapping
from .estimates import option
from .naming import spread_named
from .numerals import ABSENT, Typed, decide, digits, number, one_step
from .programs import COUNTS, NUMBERS
from .sheet import Sheet
from .vocabulary import NAMES

_OF_ARMS = tuple(f"{name}_{arm}" for name in ("mean", "sd", "events") for arm in ("int", "ctl"))
RESULTS = (*_OF_ARMS, "estimate", "ci_low", "ci_high", "p_value")
_SUM = re.compile(NAMES["totals"], re.I)


@dataclass(slots=True)
class Record:
    """One row: where it stood in the file, and its cells in our columns; numbers are text as our tables write them.

    `scale` says whether the estimate is a "ratio" as printed, the "log" of one, or None where nobody says;
    `shown` holds other columns of the same effect, for comparison.
    """

    place: str
    values: dict[str, str] = field(default_factory=dict)
    scale: str | None = None
    shown: list = field(default_factory=list)

    def get(self, name: str) -> str:
        """Return a cell, empty where there is none."""
        return self.values.get(name, "")

    def has(self, *names: str) -> bool:
        """Return whether every one of these cells is filled."""
        return all(self.values.get(name) for name in names)

    def numbered(self) -> bool:
        """Return whether any cell holds (part of) a result that results.csv has a column for."""
        return any(self.values.get(name) for name in RESULTS)


def read_records(sheet: Sheet, mapping: Mapping) -> list[Record]:
    """Return the rows of a sheet in our columns.

    Raises
    ------
    EvidenceError
        Cells of number columns that hold no number, counts that are not whole, lines of totals: all of them, with line
        or cell, rule and remedy.
    """
    columns = {ours: theirs for ours, theirs in mapping.columns.items() if ours in NUMBERS and ours != "year"}
    spare = {theirs: theirs for _, theirs, _ in mapping.spare}
    mark = settle_marks(sheet, columns | spare)
    found, problems = [], []
    for line, cells in sheet.rows:
        record = Record(f"row {line}" if sheet.cells else f"line {line}", scale=mapping.effect.scale)
        for ours, theirs in mapping.columns.items():
            if ours in columns:
                try:
                    record.values[ours] = cell_number(cells[theirs], ours, mark)
                except ValueError as error:
                    problems.append(sheet.problem(line, theirs, *str(error).split("\t")))
            else:
                record.values[ours] = "" if cells[theirs].lower() in ABSENT else str(cells[theirs])
        problems += _completed(record, sheet, line, cells, mapping, mark)
        if _SUM.fullmatch(record.get("trial") or record.get("authors")):
            rule, remedy = "is a total, not a study", "Leave the line out of the file, or name the study"
            label = mapping.columns.get("trial") or mapping.columns["authors"]
            problems.append(sheet.problem(line, label, rule, remedy))
        found.append(record)
    if problems:
        raise EvidenceError(problems)
    for (_, cells), record in zip(sheet.rows, found, strict=True):
        record.shown = read_twins(cells, mapping, mark)
        _arranged(record, mapping)
    if problems := twin_faults(sheet, found):
        raise EvidenceError(problems)
    return found


_SPREADS = ("se", "variance", "ci_low", "ci_high")


def _completed(record, sheet, line, cells, mapping, mark):
    """Fill a row that has no estimate, or none of what says how precise it is, from its spare columns."""
    spread = any(record.values.get(name) for name in _SPREADS)
    for ours, theirs, scale in mapping.spare:
        if record.get(ours) or (ours != "estimate" and spread):
            continue
        try:
            record.values[ours] = cell_number(cells[theirs], ours, mark)
        except ValueError as error:
            yield sheet.problem(line, theirs, *str(error).split("\t"))
        if ours == "estimate" and record.get(ours):
            record.scale = scale
    if record.get("ci_low") and not record.get("ci_level"):
        for theirs in (name for name in mapping.unread if bare(name) in LEVEL_WORDS and other_level(cells[name])):
            yield sheet.problem(
                line, theirs, UNREAD_LEVEL, f"Say {option('ci_level', theirs)} if it is, or leave it out"
            )
    if record.get("estimate") and mapping.effect.scale and not any(record.values.get(name) for name in _SPREADS):
        for theirs in (name for name in mapping.unread if spread_named(name) and cells[name].lower() not in ABSENT):
            rule = "is all that says how precise this estimate is, and may be that of the ratio or of its logarithm"
            remedy = f"Say --map se={theirs} (or variance=) if it is that of the logarithm, or give the limits"
            yield sheet.problem(line, theirs, rule, remedy)


def settle_marks(sheet: Sheet, columns: dict) -> str | None:
    """Return the decimal mark of a sheet, and note how thousands and decimals were read.

    Parameters
    ----------
    sheet : Sheet
    columns : dict of str to str
        Ours to theirs, of the columns that hold numbers.
    """
    mark, problems = decide(sheet, columns.values(), {theirs for ours, theirs in columns.items() if ours in COUNTS})
    if problems:
        raise EvidenceError(problems)
    cells = [row[name] for _, row in sheet.rows for name in columns.values()]
    if mark == ",":
        sheet.noticed.append("decimal commas were read as decimal points")
    thousands = r"[ '\u2019.]" if mark == "," else r"[ '\u2019,]"
    parted = [text for text in cells if re.fullmatch(rf"[+-]?\d+({thousands}\d+)+([.,]\d+)?", text)]
    if parted:
        sheet.noticed.append(f"marks between groups of digits were read as those of thousands ({parted[0]})")
    return mark


def cell_number(text: str, ours: str, mark: str | None) -> str:
    """Return the number of a cell of one of our columns; counts are whole.

    Raises
    ------
    ValueError
        The rule, a tab, and the remedy.
    """
    mark = "." if isinstance(text, Typed) else mark
    try:
        value = number(text.removesuffix("%").strip() if ours == "ci_level" else text, mark=mark)
    except ValueError as error:
        said = None if str(error).startswith(("is a formula", "has a comma")) else advice(text, ours)
        raise ValueError("\t".join(said) if said else str(error)) from None
    if ours in COUNTS and value and not float(value).is_integer():
        raise ValueError(
            f"is {value} {'events' if 'event' in ours else 'people'}, which must be a whole number\tCorrect it, or for "
            "an effective sample size give the estimate and its standard error instead"
        )
    return value


def _arranged(record: Record, mapping: Mapping) -> None:
    """Bring what dialects tell in their own way to our columns."""
    v = record.values
    for arm in ("int", "ctl"):
        others = v.pop(f"nonevents_{arm}", "")
        if others and record.has(f"events_{arm}") and not record.has(f"n_{arm}"):
            v[f"n_{arm}"] = digits(float(v[f"events_{arm}"]) + float(others))
        total = v.pop(f"total_{arm}", "")
        if total and record.has(f"events_{arm}"):
            v[f"n_{arm}"] = total
        several = v.pop(f"multi_{arm}", "")
        name = "intervention" if arm == "int" else "comparator"
        if several and several != v.get(name):
            v[name] = f"{v.get(name, '')} ({several})".strip()
    for value, se, measure in (("g", "g_se", "SMD"), ("log_rr", "log_rr_se", "RR")):
        effect, spread = v.pop(value, ""), v.pop(se, "")
        raw = record.has("mean_int", "mean_ctl") or record.has("events_int", "events_ctl")
        if effect and spread and not raw and not v.get("estimate"):
            v |= {"estimate": effect, "se": spread, "measure": measure}
            record.scale = "log"
    if mapping.effect.measure and v.get("estimate") and not v.get("measure"):
        v["measure"] = mapping.effect.measure
    if mapping.ci_level != 95 and v.get("ci_low") and not v.get("ci_level"):
        v["ci_level"] = digits(mapping.ci_level)
    if "year" in v:
        v["year"] = v["year"].removesuffix(".").removesuffix(".0")
    if not v.get("trial") and v.get("authors"):
        v["trial"] = f"{v['authors']} {v.get('year', '')}".strip()
    # metafor calls yi whatever measure it is; ours has room for it only when it is named
    if v.get("measure"):
        said = effect_named(v["measure"]) or Effect(None, None)
        if said.scale == "log" and said.measure:
            v["measure"], record.scale = said.measure, record.scale or "log"
        ours = {word.upper(): word for word in schemas()["results"]["measure"].enum}
        v["measure"] = ours.get(v["measure"].upper()) or spelled(v["measure"]) or v["measure"]
    if mapping.dialect.key in ("revman", "revman5"):
        _without_zeros(v)
    found = one_step(v.pop("o_e", ""), v.pop("oe_variance", ""))
    if found and not v.get("estimate"):
        v |= found
        record.scale = "log"


def _without_zeros(v) -> None:
    """Empty the zeros by which RevMan says that a value is absent; no analysis has an SD, SE or n of 0."""
    for name in ("shown_mean", "shown_low", "shown_high"):
        v.pop(name, None)
    for names in (("estimate", "se"), ("o_e", "oe_variance"), ("mean_int", "sd_int"), ("mean_ctl", "sd_ctl")):
        if _zero(v, names[1]):
            v |= dict.fromkeys(names, "")
    for arm in ("int", "ctl"):
        if _zero(v, f"n_{arm}"):
            v |= {f"n_{arm}": "", f"events_{arm}": ""}
    if v.get("sd_int") and _zero(v, "events_int") and _zero(v, "events_ctl"):
        v |= {"events_int": "", "events_ctl": ""}


def _zero(v, name) -> bool:
    return bool(v.get(name)) and float(v[name]) == 0
