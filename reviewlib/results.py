"""The shape every result has: plain floats, a sentence, a frame, a text table, HTML and JSON."""

from __future__ import annotations

import json
from dataclasses import fields
from math import isclose
from pathlib import Path
from typing import Any, NamedTuple

from .cells import safe
from .errors import EvidenceError
from .files import write
from .html import cell, vertical
from .measures import find
from .stored import decoded, encoded
from .typed import Frame
from .viewer import forms


class Interval(NamedTuple):
    """Lower and upper limit, on the scale of the estimate they belong to."""

    low: float
    high: float


def percent(level: float) -> str:
    """Return a coverage as text with every digit it was given: 0.95 is "95%", 0.975 "97.5%"."""
    return f"{100 * level:.12g}%"


class Result:
    """Mixed into the frozen dataclasses that the library returns, with ``repr=False``.

    One protocol for all: `repr` and `str` are the sentence; `summary` is the full text table; in a notebook the
    sentence and a short table, with the rest folded; `to_frame` is for computing; `to_json` and `from_json` keep
    everything. Fields whose name starts with an underscore and fields that hold a DataFrame (the studies) are kept out
    of the one-row frame. A subclass says its sentence in ``__str__``.
    """

    __slots__ = ()

    def __str__(self) -> str:
        row = {name: value for name, value in self._row().items() if not isinstance(value, dict | list | tuple)}
        return f"{type(self).__name__}: " + ", ".join(f"{name} {_show(value)}" for name, value in row.items())

    def __repr__(self) -> str:
        return str(self)

    def _row(self) -> dict:
        """Return the fields as one flat row; an interval becomes two columns."""
        row = {}
        for field in fields(self):  # type: ignore[arg-type]  # each result is a dataclass
            value = getattr(self, field.name)
            if field.name.startswith("_") or hasattr(value, "columns"):
                continue
            if isinstance(value, Interval) or field.name in _INTERVALS:
                row[f"{field.name}_low"], row[f"{field.name}_high"] = value or (None, None)
            else:
                row[field.name] = value
        return row

    def to_frame(self) -> Frame:
        """Return a DataFrame: one row, ready to stand beside other results."""
        import pandas as pd

        return pd.DataFrame([self._row()])

    def summary(self) -> str:
        """Return a text table: the sentence, then one line per quantity, effects also as people read them."""
        back = _back(self)
        row = {k: v for k, v in self._row().items() if not isinstance(v, dict | list | tuple)}
        width = max(map(len, row))
        lines = [f"{name:<{width}}  {_show(value)}{_beside(name, value, back)}" for name, value in row.items()]
        rule = "=" * min(max(map(len, lines)), 120)
        return "\n".join([str(self), rule, *lines, rule])

    def to_json(self, *, complete: Any = True) -> str:
        """Return the row as JSON with every digit, missing as null.

        Parameters
        ----------
        complete : bool, default True
            Keep in the key `kept` what `from_json` needs to make the result again: all fields, with the studies.

        Returns
        -------
        str
        """
        document = {"result": type(self).__name__, **self._row()}
        if complete:
            document["kept"] = encoded(self)
        return json.dumps(document, default=_plain, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Result:
        """Return the result that `to_json` wrote, equal to it and able to do all that it could.

        Raises
        ------
        EvidenceError
            The text is no JSON of a result, or of one of another class, or was edited: what it shows is not what it
            keeps.
        """
        try:
            shown = json.loads(text)
            found = decoded(shown["kept"])
        except (ValueError, KeyError, TypeError) as problem:
            if isinstance(problem, EvidenceError):
                raise
            raise EvidenceError("this is not the JSON of a result: write it with to_json()") from None
        if not isinstance(found, cls):
            raise EvidenceError(f"this JSON holds a {type(found).__name__}, not a {cls.__name__}")
        row = json.loads(found.to_json(complete=False))
        if edited := [name for name in row if not _agree(shown.get(name), row[name])]:
            raise EvidenceError(f"this JSON was edited ({', '.join(edited)}): what it shows is not what it keeps")
        return found

    def to_csv(self, path: str | Path | None = None) -> str | None:
        """Return the frame as CSV text, or write it to `path`."""
        text = self.to_frame().map(lambda cell: safe(cell) if isinstance(cell, str) else cell)
        text = text.to_csv(index=False, lineterminator="\n")
        return text if path is None else write(path, text)

    _repr_mimebundle_ = forms

    def _repr_html_(self) -> str:
        """Return the sentence, a short table of one quantity per line, and the method and cautions folded."""
        row, back = self._row(), _back(self)
        short = [(name.replace("_", " "), text) for name, text in _short(row, back)][:12]
        parts = [f"<p>{cell(str(self))}</p>"]
        if short:
            parts.append(vertical(short, type(self).__name__))
        said = [("Method", getattr(self, "methods", None)), ("Caution", getattr(self, "note", None))]
        folded = "".join(f"<p>{name}: {cell(text)}</p>" for name, text in said if text)
        if folded:
            parts.append(f"<details><summary>Method and cautions</summary>{folded}</details>")
        return "\n".join(parts)


def from_json(text: str) -> Result:
    """Return any result of this library from the JSON that its `to_json` wrote.

    Parameters
    ----------
    text : str

    Returns
    -------
    Result
        Of the class that was written, equal to it and able to do all that it could.

    Raises
    ------
    EvidenceError
        The text is not the JSON of a result.

    Examples
    --------
    >>> import reviewlib as rl
    >>> fit = rl.meta_analysis({"estimate": [0.1, 0.3, 0.6], "variance": [0.02, 0.03, 0.02]})
    >>> print(rl.from_json(fit.to_json()) == fit)
    True
    """
    return Result.from_json(text)


def _agree(shown, kept):
    """Whether a document shows the numbers that it keeps; sentences may change between versions of the library."""
    if isinstance(kept, list):
        return isinstance(shown, list) and len(shown) == len(kept) and all(map(_agree, shown, kept))
    if isinstance(kept, float):
        return isinstance(shown, int | float) and isclose(shown, kept, rel_tol=1e-9, abs_tol=1e-12)
    if isinstance(kept, dict):
        return isinstance(shown, dict) and all(_agree(shown.get(name), part) for name, part in kept.items())
    return isinstance(kept, str) or shown == kept


_INTERVALS = {"ci", "prediction", "tau2_ci", "i2_ci", "h2_ci"}
# Quantities on the analysis scale of the measure.
_EFFECTS = ("estimate", "ci", "prediction", "median", "unfilled", "unadjusted", "lowest", "highest")
_ASIDE = ("methods", "note", "measure", "level", "method", "ci_method", "prediction_df", "converged", "tau2_fixed")


def _back(result):
    """Return the way from the analysis scale to what people read; None where they are one, or need a sample size."""
    m = find(getattr(result, "measure", None))
    return None if m.transform == "none" or m.sized else m.back


def _beside(name, value, back) -> str:
    of_effect = name.removesuffix("_low").removesuffix("_high") in _EFFECTS
    return f"  ({_show(float(back(value)))})" if back and of_effect and isinstance(value, float) else ""


def _short(row, back):
    """Yield name and text of the quantities that stand in the short table; limits share a line."""
    for name, value in row.items():
        if name in _ASIDE or value is None or isinstance(value, dict | list | tuple | bool) or name.endswith("_high"):
            continue
        stem = name.removesuffix("_low")
        turn = back if back and stem in _EFFECTS and isinstance(value, float) else lambda x: x
        if stem != name and row.get(f"{stem}_high") is not None:
            yield stem, f"{_show(_float(turn(value)))} to {_show(_float(turn(row[f'{stem}_high'])))}"
        elif not isinstance(value, str) or len(value) < 60:
            yield f"{name} (analysis scale)" if back and name == "se" else name, _show(_float(turn(value)))


def _float(value):
    return float(value) if hasattr(value, "dtype") else value


def _show(value) -> str:
    if value is None:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _plain(value):
    if hasattr(value, "to_dict"):
        return value.to_dict(orient="records") if hasattr(value, "columns") else value.to_dict()
    return value.item() if hasattr(value, "item") else str(value)
