"""The shape every result has: plain floats, a sentence, a frame, a text table, HTML and JSON."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import NamedTuple

from .html import table


class Interval(NamedTuple):
    """Lower and upper limit, on the scale of the estimate they belong to."""

    low: float
    high: float


def percent(level) -> str:
    """Return a coverage as text with every digit it was given: 0.95 is "95%", 0.975 "97.5%"."""
    return f"{100 * level:.12g}%"


class Result:
    """Mixed into the frozen dataclasses that the library returns.

    Fields whose name starts with an underscore and fields that hold a DataFrame (the studies) are kept out of the
    one-row frame. A subclass says its sentence in ``__str__``.
    """

    __slots__ = ()

    def _row(self) -> dict:
        """Return the fields as one flat row; an interval becomes two columns."""
        row = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name.startswith("_") or hasattr(value, "columns"):
                continue
            if isinstance(value, Interval) or field.name in _INTERVALS:
                row[f"{field.name}_low"], row[f"{field.name}_high"] = value or (None, None)
            else:
                row[field.name] = value
        return row

    def to_frame(self):
        """Return a DataFrame: one row, ready to stand beside other results."""
        import pandas as pd

        return pd.DataFrame([self._row()])

    def summary(self) -> str:
        """Return a text table: the sentence, then one line a quantity."""
        row = {k: v for k, v in self._row().items() if not isinstance(v, (dict, list, tuple))}
        width = max(map(len, row))
        lines = [f"{name:<{width}}  {_show(value)}" for name, value in row.items()]
        rule = "=" * max(map(len, lines))
        return "\n".join([str(self), rule, *lines, rule])

    def to_json(self) -> str:
        """Return the row as JSON with every digit; missing is null."""
        return json.dumps(self._row(), default=_plain, allow_nan=False, sort_keys=False)

    def to_csv(self, path=None):
        """Return the frame as CSV text, or write it to `path`."""
        return self.to_frame().to_csv(path, index=False, lineterminator="\n")

    def _repr_html_(self) -> str:
        frame = self.to_frame().map(_show)
        return table(frame, str(self), row_header=False)


_INTERVALS = {"ci", "prediction", "tau2_ci", "i2_ci", "h2_ci"}


def _show(value) -> str:
    if value is None:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _plain(value):
    if hasattr(value, "to_dict"):
        return value.to_dict(orient="records") if hasattr(value, "columns") else value.to_dict()
    return value.item() if hasattr(value, "item") else str(value)
