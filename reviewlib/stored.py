"""Results as JSON and back, with every digit: dataclasses of this package, arrays, tables and plain values.

What JSON has no word for is an object with the key "#": a tuple, a NaN, an array, a table, a dataclass.
"""

from __future__ import annotations

import math
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from importlib import import_module
from typing import Any

import numpy as np

from .errors import EvidenceError

_PACKAGE = __package__


def encoded(value: Any) -> Any:
    """Return a value as what JSON holds."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, np.generic):
        return {"#": "scalar", "is": encoded(value.item()), "dtype": value.dtype.str}
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {"#": "float", "is": repr(value)}
    if is_dataclass(value) and type(value).__module__.startswith(_PACKAGE):
        return {"#": _path(value), "is": {name: encoded(part) for name, part in parts(value).items()}}
    if isinstance(value, tuple):
        name = _path(value) if hasattr(value, "_fields") else "tuple"
        return {"#": name, "is": [encoded(part) for part in value]}
    if isinstance(value, list):
        return [encoded(part) for part in value]
    if isinstance(value, dict):
        return {"#": "dict", "is": [[encoded(name), encoded(part)] for name, part in value.items()]}
    if isinstance(value, np.ndarray):
        return {"#": "array", "is": _cells(value.ravel()), "shape": list(value.shape), "dtype": value.dtype.str}
    if hasattr(value, "columns") and hasattr(value, "dtypes"):
        return _table(value)
    for kind, read in _TEXTS.items():
        if isinstance(value, read[0]):
            return {"#": kind, "is": read[1](value)}
    if type(value).__name__ in ("NAType", "NaTType"):
        return {"#": "missing"}
    raise EvidenceError(f"a {type(value).__name__} cannot be kept in JSON: use to_frame() for the numbers")


_TEXTS = {
    "datetime": (datetime, lambda v: v.isoformat(), datetime.fromisoformat),
    "date": (date, lambda v: v.isoformat(), date.fromisoformat),
    "Decimal": (Decimal, str, Decimal),
}


def parts(value: Any) -> dict:
    """Return the fields of a dataclass that are kept; one whose `rebuilt` makes some anew names those to leave out."""
    left_out = getattr(type(value), "rebuilds", ())
    return {f.name: getattr(value, f.name) for f in fields(value) if f.name not in left_out}


def _path(value):
    return f"{type(value).__module__.removeprefix(_PACKAGE + '.')}.{type(value).__name__}"


def _cells(values):
    if values.dtype.kind in "iub":
        return values.tolist()
    if values.dtype.kind == "f" and np.isfinite(values).all():
        return values.tolist()
    return [encoded(cell) for cell in values.tolist()]


def _table(frame):
    columns = [
        [str(name), str(frame.dtypes.iloc[i]), _cells(frame.iloc[:, i].to_numpy(object))]
        for i, name in enumerate(frame.columns)
    ]
    return {
        "#": "table",
        "columns": columns,
        "index": _cells(frame.index.to_numpy(object)),
        "attrs": encoded(dict(frame.attrs)),
    }


def decoded(value: Any) -> Any:
    """Return what `encoded` was given."""
    if isinstance(value, list):
        return [decoded(part) for part in value]
    if not isinstance(value, dict):
        return value
    kind = value["#"]
    if kind == "float":
        return float(value["is"])
    if kind == "scalar":
        return np.dtype(value["dtype"]).type(decoded(value["is"]))
    if kind == "tuple":
        return tuple(decoded(value["is"]))
    if kind == "dict":
        return {decoded(name): decoded(part) for name, part in value["is"]}
    if kind == "array":
        return np.array(decoded(value["is"]), dtype=value["dtype"]).reshape(value["shape"])
    if kind == "table":
        return _frame(value)
    if kind == "missing":
        import pandas as pd

        return pd.NA
    if kind in _TEXTS:
        return _TEXTS[kind][2](value["is"])
    return _made(_class(kind), value["is"])


def _frame(value):
    import pandas as pd

    index = pd.Index(decoded(value["index"]))
    columns = [pd.Series(decoded(cells), index=index, dtype=object) for _, _, cells in value["columns"]]
    frame = pd.concat(columns, axis=1) if columns else pd.DataFrame(index=index)
    frame.columns = [name for name, _, _ in value["columns"]]
    kinds = [kind for _, kind, _ in value["columns"]]
    if frame.columns.is_unique:
        frame = frame.astype({name: kind for name, kind in zip(frame.columns, kinds, strict=True) if kind != "object"})
    frame.attrs = decoded(value["attrs"])
    return frame


def _class(path):
    """Return a dataclass or named tuple of this package by its path; nothing else is ever made."""
    module, _, name = path.rpartition(".")
    if not all(part.isidentifier() for part in path.split(".")) or not module:
        raise EvidenceError(f"{path!r} is not a result of this library")
    try:
        found = getattr(import_module(f"{_PACKAGE}.{module}"), name)
    except (ImportError, AttributeError):
        found = None
    if not isinstance(found, type) or not (is_dataclass(found) or hasattr(found, "_fields")):
        raise EvidenceError(f"{path!r} is not a result of this library: was it written by another version?")
    return found


def _made(kind, kept):
    if isinstance(kept, list):
        return kind(*decoded(kept))
    values = {name: decoded(part) for name, part in kept.items()}
    unknown = {f.name for f in fields(kind)} - set(values) - set(getattr(kind, "rebuilds", ()))
    if unknown:
        raise EvidenceError(f"a {kind.__name__} needs {', '.join(sorted(unknown))}, which this JSON does not hold")
    return kind.rebuilt(values) if hasattr(kind, "rebuilt") else kind(**values)
