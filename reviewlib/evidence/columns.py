"""A column of many texts, held by the number of each text where many are alike, else as short ASCII of fixed width."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .schema import _ID, Column

_WIDEST = 40  # letters of a cell that is kept in an array of fixed width


class Words:
    """A column of texts of which many are alike: the number of each cell's text, and the texts; at most so many."""

    def __init__(self, most: float = np.inf) -> None:
        self._most = most
        self._number: dict[str, int] = {}
        self._parts: list[np.ndarray] = []

    def add(self, codes: np.ndarray, texts: Sequence[str]) -> bool:
        """Take a block, the number of each cell's text and the texts; False where there are too many by now."""
        number = self._number
        known = np.fromiter((number.setdefault(text, len(number)) for text in texts), np.int32, len(texts))
        if len(number) <= self._most:
            self._parts.append(known[codes])
        return len(number) <= self._most

    def other(self) -> Figures | Words:
        """Return what was taken so far as a column of texts of which few are alike, if they are short."""
        figures, texts = Figures(), [*self._number]
        if all(figures.add(part, texts) for part in self._parts):
            return figures
        self._most = np.inf
        return self

    def close(self) -> Words:
        """Return the column when every block was taken."""
        self.codes = np.concatenate(self._parts) if self._parts else np.zeros(0, np.int32)
        self.unique = list(self._number)
        del self._parts, self._number
        return self

    def text(self, at: int) -> str:
        """Return a cell."""
        return self.unique[self.codes[at]]

    def mixed(self) -> np.ndarray:
        """Return a number for each cell, the same for equal texts."""
        return self.codes.astype(np.uint64)

    def factor(self) -> tuple[np.ndarray, list[str]]:
        """Return the number of each cell's text, and the texts."""
        return self.codes, self.unique

    def texts(self) -> np.ndarray:
        """Return the cells as Python objects."""
        return np.array([*self.unique, None], object)[:-1][self.codes]


class Figures:
    """A column of texts of which few are alike, numbers and names: short ASCII in an array of fixed width."""

    def __init__(self) -> None:
        self._parts: list[np.ndarray] = []

    def add(self, codes: np.ndarray, texts: Sequence[str]) -> bool:
        """Take a block, the number of each cell's text and the texts; False where they are no short ASCII."""
        short = max(map(len, texts)) <= _WIDEST and "".join(texts).isascii()
        if short:
            self._parts.append(np.array(texts, "S")[codes])
        return short

    def other(self) -> Words:
        """Return what was taken so far as a column of texts."""
        words = Words()
        for part in self._parts:
            texts, codes = np.unique(part, return_inverse=True)
            words.add(codes, texts.astype(str).tolist())
        return words

    def close(self) -> Figures:
        """Return the column when every block was taken."""
        self.bytes = np.concatenate(self._parts) if self._parts else np.zeros(0, "S1")
        del self._parts
        self._factor: Any = None
        return self

    def text(self, at: int) -> str:
        """Return a cell."""
        return self.bytes[at].decode()

    def mixed(self) -> np.ndarray:
        """Return a number for each cell, the same for equal texts and hardly ever for others."""
        size = -(-self.bytes.itemsize // 8)
        parts = self.bytes.astype(f"S{8 * size}").view(np.uint64).reshape(-1, size)
        found = np.zeros(len(self.bytes), np.uint64)
        for part in parts.T:
            found = mix(found, part)
        return found

    def factor(self) -> tuple[np.ndarray, list[str]]:
        """Return the number of each cell's text, and the texts."""
        if self._factor:
            return self._factor
        unique, codes = np.unique(self.bytes, return_inverse=True)
        found = codes, unique.astype(str).tolist()
        self._factor = found if 4 * len(unique) < len(codes) else None
        return found

    def texts(self) -> np.ndarray:
        """Return the cells as Python objects."""
        return self.bytes.astype(str).astype(object)

    def plain(self, column: Column) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return which cells are good beyond doubt, their numbers (nan elsewhere) and their digits after the point."""
        signs = self.bytes.view(np.uint8).reshape(len(self.bytes), self.bytes.itemsize)
        length = np.char.str_len(self.bytes)
        if column.type == "id":
            return self._named(signs, length, column), np.empty(0), np.empty(0)
        inside = np.arange(signs.shape[1]) < length[:, None]
        digit, point, minus = (signs >= 48) & (signs <= 57), signs == 46, signs == 45
        dots, place = point.sum(1), np.where(point.any(1), point.argmax(1), length)
        start = minus[:, 0].astype(int)
        good = (digit | point | minus | ~inside).all(1) & (minus.sum(1) == start)
        good &= (length > start) & (dots <= (column.type == "number")) & (place > start) & (place != length - 1)
        values = np.full(len(self.bytes), np.nan)
        values[good] = self.bytes[good].astype(float)
        least = -np.inf if column.minimum is None else column.minimum
        most = np.inf if column.maximum is None else column.maximum
        good &= (values >= least) & (values <= most)
        values[~good] = np.nan
        return good, values, np.maximum(length - place - 1, 0).astype(np.int16)

    def _named(self, signs, length, column) -> np.ndarray:
        """Return which cells are identifiers, by the pattern of every identifier."""
        hyphen, inside = signs == 45, np.arange(signs.shape[1]) < length[:, None]
        letters = ((signs >= 97) & (signs <= 122)) | ((signs >= 48) & (signs <= 57))
        twice = (hyphen[:, 1:] & hyphen[:, :-1]).any(1)
        at_end = hyphen[np.arange(len(length)), np.maximum(length - 1, 0)]
        good = (letters | hyphen | ~inside).all(1) & ~twice & ~hyphen[:, 0] & ~at_end & (length > 0)
        return good if column.pattern == _ID and not column.enum else np.zeros(len(length), bool)


def mix(key: np.ndarray, more: np.ndarray) -> np.ndarray:
    """Return numbers that hold two: equal for equal pairs, and hardly ever for others."""
    key = (key ^ more) * np.uint64(0x9E3779B97F4A7C15)
    return key ^ (key >> np.uint64(29))
