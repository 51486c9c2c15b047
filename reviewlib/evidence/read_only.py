"""What the evidence hands out, so that nobody changes it by accident: tables as copies, topic.yml read-only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from .schema import schemas

if TYPE_CHECKING:
    import pandas as pd


class Tables(dict):
    """Tables by name; one that is not on disk is not among them, yet asked for by name it is an empty frame.

    Each access hands out a frame of its own: a copy, for the buffer of a shared one could be written to.
    """

    def __init__(self, frames: Mapping[str, Callable], make: Callable[[Any, str], pd.DataFrame], scope: str):
        super().__init__(frames)
        self._make, self._scope = make, scope

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name in self:
            return super().__getitem__(name)()
        if name not in schemas() or schemas()[name].scope != self._scope:
            known = ", ".join(key for key, schema in schemas().items() if schema.scope == self._scope)
            raise KeyError(f"{name} is not a table; tables: {known}")
        return self._make(None, name)

    def get(self, name: str, default: Any = None) -> Any:
        """Return a copy of a table that is on disk, `default` for another one."""
        return self[name] if name in self else default  # noqa: SIM401  # not the same as super().get

    def values(self) -> list[pd.DataFrame]:  # type: ignore[override]  # copies, not a view
        """Return copies of the tables."""
        return [self[name] for name in self]

    def items(self) -> list[tuple[str, pd.DataFrame]]:  # type: ignore[override]  # copies, not a view
        """Return the names with copies of the tables."""
        return [(name, self[name]) for name in self]


def _refuse(self, *_, **__):
    raise TypeError("the evidence is read-only: change the file it was read from, or work on dict(...) of it")


class ReadOnly(dict):
    """Keys and values of a file of keys, as a dict that refuses to be changed."""

    __setitem__ = __delitem__ = __ior__ = clear = pop = popitem = setdefault = update = _refuse

    def __reduce__(self):  # a copy or a pickle is filled at once, not item by item
        return type(self), (dict(self),)


def read_only(value: Any) -> Any:
    """Return `value` with every mapping as a `ReadOnly` and every list as a tuple, however deep."""
    if isinstance(value, dict):
        return ReadOnly({key: read_only(entry) for key, entry in value.items()})
    return tuple(map(read_only, value)) if isinstance(value, list | tuple) else value
