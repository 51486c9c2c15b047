"""A YAML document checked key by key: topic.yml and review.yml, each fault with its line, key, rule and remedy."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any

import yaml

from ..errors import Problem
from .as_typed import decode, hidden_fault
from .labels import nearest
from .schema import _SAFE, instead, key_kinds

MOST = 100_000  # values of a file, aliases written out


@dataclass(slots=True)
class KeyFile:
    """A topic.yml or review.yml as read: its content, the line of every key, and its faults."""

    file: str
    info: dict = field(default_factory=dict)
    lines: dict[tuple, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def note(self, path: tuple, rule: str, remedy: str, value: Any = "") -> None:
        """Add a fault at a key; a key that is missing is shown at its nearest parent."""
        at = path
        while at and at not in self.lines:
            at = at[:-1]
        words = "" if isinstance(value, (dict, list)) or value is None else str(value)
        self.problems.append(Problem(self.file, self.lines.get(at, 1), dotted(path), "", words, rule, remedy))

    def ids(self, name: str) -> list[str]:
        """Return the ids of the entries of a list, such as ``comparisons``."""
        return [entry["id"] for entry in self.entries(name) if isinstance(entry.get("id"), str)]

    def entries(self, name: str) -> list[dict]:
        """Return the entries of a list that are mappings."""
        found = self.info.get(name)
        return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def dotted(path: tuple) -> str:
    """Return a path into the document as a person would say it: ``comparisons 2 outcome``."""
    return " ".join(str(part + 1) if isinstance(part, int) else str(part) for part in path)


def read_keys(data: bytes, file: str, keys: dict[str, dict]) -> KeyFile:
    """Read a YAML document and check it against its keys, as `tables.yml` describes them."""
    document = KeyFile(file)
    text = decode(data, file, document.problems)
    if text is not None and _parse(text, document):
        _check_keys(document, document.info, keys, ())
    return document


def _parse(text: str, document: KeyFile) -> bool:
    def refuse(rule, remedy, line=None):
        document.problems.append(Problem(document.file, line, "", "", "", rule, remedy))
        return False

    try:
        loader = _SAFE(text)
        node = loader.get_single_node()
        if (size := _size(node, {})) > MOST:
            rule = f"its aliases (*name) write out to {size:,} values, far more than a hand-made file"
            return refuse(rule, "Write the values out instead of repeated aliases")
        info = None
        if node is not None:
            _lines(node, (), document)
            info = _plain(loader.construct_document(node))
    except yaml.YAMLError as error:
        document.problems.append(_yaml_problem(document.file, error))
        return False
    except RecursionError:
        return refuse("refers to itself", "Write the value out instead of an alias (*name) inside its own anchor")
    except ValueError as error:
        return refuse(f"cannot be read: {error}", "Look for a date that does not exist")
    if not isinstance(info, dict):
        return refuse("is not a list of keys and values", "Write lines like 'title: ...'", line=1)
    document.info = info
    return True


def _size(node, known: dict) -> int:
    """Return the number of values of a document with all aliases written out; each node is visited once."""
    if known.get(id(node)) == 0:
        raise RecursionError
    if id(node) not in known:
        known[id(node)] = 0  # until its parts are counted: a node inside itself meets this
        below = node.value if isinstance(node, yaml.CollectionNode) else ()
        pairs = (part for pair in below for part in (pair if isinstance(pair, tuple) else (pair,)))
        known[id(node)] = 1 + sum(_size(part, known) for part in pairs)
    return known[id(node)]


def _yaml_problem(file: str, error: yaml.YAMLError) -> Problem:
    mark = getattr(error, "problem_mark", None)
    words = getattr(error, "problem", None) or getattr(error, "reason", None) or "not YAML"
    remedy = (
        "Look for a missing quotation mark, a colon inside a text (put the text in quotation marks), or a wrong indent"
    )
    if mark is None:
        return Problem(file, None, "", "", "", f"cannot be read: {words}", remedy)
    return Problem(file, mark.line + 1, f"character {mark.column + 1}", "", "", f"cannot be read: {words}", remedy)


def _lines(node, path: tuple, document: KeyFile) -> None:
    """Remember the line of every key; report keys that stand twice, and signs that nobody sees."""
    document.lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.ScalarNode) and (hidden := hidden_fault(node.value)):
        document.note(path, hidden, "Delete the text and type it again", node.value)
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            document.lines[(*path, key.value) if isinstance(key.value, str) else path] = key.start_mark.line + 1
            if isinstance(key.value, str) and key.value in seen:
                document.note((*path, key.value), "the key stands twice", "Delete one of the two")
            if isinstance(key.value, str):
                seen.add(key.value)
                _lines(value, (*path, key.value), document)
    elif isinstance(node, yaml.SequenceNode):
        for i, value in enumerate(node.value):
            _lines(value, (*path, i), document)


def _plain(value):
    """Return the document with dates as ISO text, so that it can be shown and written as JSON."""
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [_plain(inner) for inner in value]
    return value.isoformat() if isinstance(value, date) else value


def _check_keys(document: KeyFile, found: dict, wanted: dict, path: tuple) -> None:
    names = [name.rstrip("?") for name in wanted]
    for key in found:
        if key not in names:
            remedy = nearest(key, names) or f"Keys that can stand here: {', '.join(names)}"
            document.note((*path, key), "no such key is known", remedy)
    for name, words in wanted.items():
        key = name.rstrip("?")
        if key not in found:
            if not name.endswith("?"):
                document.note((*path, key), "the key is missing", f"Add it: {words['description']}")
            continue
        needed = found[key] not in (None, "") or not name.endswith("?")
        if needed and not _check_value(document, found[key], words, (*path, key)):
            del found[key]  # other rules meet only values of the right kind


def _check_value(document: KeyFile, value, words: dict, path: tuple) -> bool:
    """Report the faults of a value and of what is in it; return whether it is of the right kind itself."""
    fault = _fault(words["type"], value)
    if not fault and "enum" in words and value not in words["enum"]:
        fault = "is not one of the words of this key", instead(value, words["enum"])
    if fault:
        document.note(path, *fault, value=value)
    elif "keys" in words:
        _check_keys(document, value, words["keys"], path)
    elif "each" in words:
        for i, entry in enumerate(value):
            if isinstance(entry, dict):
                _check_keys(document, entry, words["each"], (*path, i))
            else:
                remedy = f"Write '- {next(iter(words['each']))}: ...' and the other keys below it"
                document.note((*path, i), "is not an entry with keys", remedy, value=entry)
    return not fault


def _is_text(value) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is(made: type, value) -> bool:
    return isinstance(value, made)


def _is_window(value) -> bool:
    pair = isinstance(value, list) and len(value) == 2 and all(type(v) in (int, float) for v in value)
    return pair and 0 <= value[0] <= value[1]


def _is_date(value) -> bool:
    try:
        return value is None or bool(date.fromisoformat(value))
    except (TypeError, ValueError):
        return False


def _orcid_fault(value):
    """Test the form of an ORCID iD and its check digit (ISO 7064, MOD 11-2)."""
    digits = value.replace("-", "") if isinstance(value, str) else ""
    if not re.fullmatch(r"\d{4}-\d{4}-\d{4}-\d{3}[\dX]", str(value), re.ASCII):
        return "is not an ORCID iD", "Write its sixteen signs without an address, like 0000-0002-1825-0097"
    total = sum(int(digit) * 2 ** (15 - i) for i, digit in enumerate(digits[:15]))
    if "0123456789X"[(12 - total % 11) % 11] != digits[15]:
        return "is not an ORCID iD: its last sign does not fit the others", "Look again at the person's ORCID page"
    return None


_FITS: dict[str, Any] = {
    "text": _is_text,
    "texts": lambda value: isinstance(value, list) and all(map(_is_text, value)),
    "words": lambda value: isinstance(value, dict) and all(map(_is_text, (*value, *value.values()))),
    "window": _is_window,
    "date": _is_date,
} | {kind: partial(_is, made) for kind, made in {"flag": bool, "list": list, "mapping": dict, "any": object}.items()}


def _fault(kind: str, value: Any) -> tuple[str, str] | None:
    """Return the rule that a value of a key breaks and the remedy, None where it fits its kind."""
    if kind == "orcid":
        return _orcid_fault(value)
    rule, remedy, *pattern = key_kinds().get(kind, ("", ""))
    fits = isinstance(value, str) and re.fullmatch(pattern[0], value) if pattern else _FITS[kind](value)
    return None if fits else (rule, remedy)
