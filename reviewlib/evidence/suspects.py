"""Which rows of a large table of results could break a rule of row_rules.yml: only these are made and shown to them.

A screen may let a good row through, never hold a bad one back; a test compares both ways on broken tables.
"""

from __future__ import annotations

import numpy as np

from .columnar import Rows
from .sheet import Sheet


def suspects(rows: Rows) -> np.ndarray:
    """Return the places of the rows that a rule of row_rules.yml could fault."""
    sheet = Sheet(rows)
    found = np.zeros(len(rows), bool)
    found[rows.odd()] = True
    with np.errstate(all="ignore"):
        for screen in STATED:
            found |= screen(sheet)
    return np.flatnonzero(found)


def _intervals(s: Sheet) -> np.ndarray:
    e, low, high = s.number("estimate"), s.number("ci_low"), s.number("ci_high")
    there = s.has("ci_low", "ci_high")
    return (s.has("ci_low") != s.has("ci_high")) | (there & ~((low <= e) & (e <= high)))


def _levels(s: Sheet) -> np.ndarray:
    wide, printed, low = s.has("ci_level"), s.has("ci_printed_level"), s.has("ci_low")
    odd = (low & ~wide) | (printed != ~s.word("ci_adjusted", ""))
    return odd | (printed & ~(s.number("ci_level") > s.number("ci_printed_level")))


def _words(s: Sheet) -> np.ndarray:
    e, measure, contrast = s.has("estimate"), ~s.word("measure", ""), ~s.word("contrast", "")
    mean = s.has("mean_int") | s.has("mean_ctl")
    odd = e & (~measure | (~contrast & ~s.one_group))
    odd |= ~e & contrast & ~(s.word("value_kind", "change") & s.has("mean_int"))
    odd |= s.ratio & ((s.number("estimate") <= 0) | (s.number("ci_low") <= 0))
    odd |= mean & s.word("value_kind", "")
    units = ~s.word("value_kind", "percent", "percent-improvement")
    odd |= units & s.word("instrument_id", "") & (mean | (s.word("measure", "MD") & e))
    number = mean | e | s.has("events_int")
    odd |= ~e & ~s.word("analysis", "") & (s.has("sd_int") | s.has("events_int"))
    return odd | (number & ~s.has("timepoint_weeks") & s.word("notes", ""))


def _counts(s: Sheet) -> np.ndarray:
    odd = s.word("favours", "int", "ctl") & ~s.has("estimate") & (s.number("mean_int") == s.number("mean_ctl"))
    for arm in ("int", "ctl"):
        mean = s.number(f"mean_{arm}")
        odd |= (s.number(f"events_{arm}") > s.number(f"n_{arm}")) | (s.number(f"sd_{arm}") == 0)
        odd |= s.word("value_kind", "percent") & ((mean < 0) | (mean > 100))
        odd |= s.word("value_kind", "percent-improvement") & (mean > 100)
    e = s.number("estimate")
    odd |= s.word("measure", "RD") & (np.abs(e) > 100)
    odd |= s.word("measure", "proportion") & ((e < 0) | (e > 100))
    return odd


def fewer_is_better(s: Sheet) -> np.ndarray:
    """Return whether the side that did better has the smaller share or rate in each row: 1, 0, nan where it is open."""
    contrast = s.has("estimate") & (s.ratio | s.word("measure", "RD"))
    (a, b), (c, d) = s.shares
    low, high = s.ends("estimate")
    low, high = np.where(contrast, low, a - d), np.where(contrast, high, b - c)
    turned = contrast & s.word("contrast", "ctl-int")
    known = ((high < 0) | (low > 0)) & s.word("favours", "int", "ctl") & s.sound("favours", "estimate")
    counts = s.sound(*(f"{what}_{arm}" for what in ("events", "n", "mean") for arm in ("int", "ctl")))
    known &= np.where(contrast, s.sound("measure", "contrast"), counts)
    return np.where(known, ((high < 0) != turned) == s.word("favours", "int"), np.nan)


STATED = (_intervals, _levels, _words, _counts)
