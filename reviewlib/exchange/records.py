"""Rows of a sheet in our columns: numbers read, every unreadable cell told at once."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..errors import EvidenceError
from ..evidence.schema import schemas
from ..measures import spelled
from .dialects import NUMBERS, Mapping
from .sheet import ABSENT, Sheet, number


@dataclass(slots=True)
class Record:
    """One row: where it stood in the file, and its cells in our columns; numbers are text as our tables write them."""

    place: str
    values: dict[str, str] = field(default_factory=dict)

    def get(self, name: str) -> str:
        """Return a cell, empty where there is none."""
        return self.values.get(name, "")

    def has(self, *names: str) -> bool:
        """Return whether every one of these cells is filled."""
        return all(self.values.get(name) for name in names)


def read_records(sheet: Sheet, mapping: Mapping) -> list[Record]:
    """Return the rows of a sheet in our columns.

    Raises
    ------
    EvidenceError
        Cells of number columns that hold no number: all of them, with line or cell, rule and remedy.
    """
    found, problems = [], []
    for line, cells in sheet.rows:
        record = Record(f"row {line}" if sheet.cells else f"line {line}")
        for ours, theirs in mapping.columns.items():
            text = cells[theirs]
            if ours in NUMBERS and ours != "year":
                try:
                    text = number(text, comma=sheet.comma)
                except ValueError as error:
                    problems.append(sheet.problem(line, theirs, *str(error).split("\t")))
                    text = ""
            elif text.lower() in ABSENT:
                text = ""
            record.values[ours] = text
        _arranged(record, mapping)
        found.append(record)
    if problems:
        raise EvidenceError(problems)
    return found


def _arranged(record: Record, mapping: Mapping) -> None:
    """Bring what dialects tell in their own way to our columns."""
    v = record.values
    for arm in ("int", "ctl"):
        others = v.pop(f"nonevents_{arm}", "")
        if others and record.has(f"events_{arm}") and not record.has(f"n_{arm}"):
            v[f"n_{arm}"] = _sum(v[f"events_{arm}"], others)
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
    author, year = v.get("authors", ""), v.get("year", "").removesuffix(".").removesuffix(".0")
    if "year" in v:
        v["year"] = year
    if not v.get("trial") and author:
        v["trial"] = f"{author} {year}".strip()
    # metafor calls yi whatever measure it is; ours has room for it only when it is named
    if v.get("measure"):
        ours = {word.upper(): word for word in schemas()["results"]["measure"].enum}
        v["measure"] = ours.get(v["measure"].upper()) or spelled(v["measure"]) or v["measure"]
    if mapping.dialect.key == "revman":
        _without_zeros(v)


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


def _sum(one: str, other: str) -> str:
    from .sheet import digits

    return digits(float(one) + float(other))
