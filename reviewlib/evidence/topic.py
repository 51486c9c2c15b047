"""topic.yml: the question, the outcomes, the comparisons and the plan of a topic, checked key by key."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches

import yaml

from ..errors import Problem
from .reading import decode
from .schema import _ID, _SAFE, topic_keys


@dataclass(slots=True)
class TopicFile:
    """A topic.yml as read: its content, the line of every key, and its faults."""

    file: str
    info: dict = field(default_factory=dict)
    lines: dict[tuple, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def note(self, path: tuple, rule: str, remedy: str, value="") -> None:
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


def read_topic(data: bytes | None, file: str, name: str) -> TopicFile:
    """Read and check a topic.yml; `data` is None when there is no such file."""
    topic = TopicFile(file)
    if data is None:
        topic.problems.append(
            Problem(
                file, None, "", "", "", "the file is missing", "Every topic folder needs one; see the data dictionary"
            )
        )
        return topic
    text = decode(data, file, topic.problems)
    if text is not None and _parse(text, topic):
        _check_keys(topic, topic.info, topic_keys(), ())
        _check_meaning(topic, name)
    return topic


def _parse(text: str, topic: TopicFile) -> bool:
    loader = None
    try:
        loader = _SAFE(text)
        node = loader.get_single_node()
        _lines(node, (), topic, set())
        info = loader.construct_document(node) if node is not None else None
    except yaml.YAMLError as error:
        topic.problems.append(_yaml_problem(topic.file, error))
        return False
    except (ValueError, RecursionError) as error:
        topic.problems.append(
            Problem(topic.file, None, "", "", "", f"cannot be read: {error}", "Look for a date that does not exist")
        )
        return False
    finally:
        if loader is not None:
            loader.dispose()
    if not isinstance(info, dict):
        topic.problems.append(
            Problem(topic.file, 1, "", "", "", "is not a list of keys and values", "Write lines like 'title: ...'")
        )
        return False
    topic.info = _plain(info)
    return True


def _yaml_problem(file: str, error: yaml.YAMLError) -> Problem:
    mark = getattr(error, "problem_mark", None)
    words = getattr(error, "problem", None) or getattr(error, "reason", None) or "not YAML"
    remedy = (
        "Look for a missing quotation mark, a colon inside a text (put the text in quotation marks), or a wrong indent"
    )
    if mark is None:
        return Problem(file, None, "", "", "", f"cannot be read: {words}", remedy)
    return Problem(file, mark.line + 1, f"character {mark.column + 1}", "", "", f"cannot be read: {words}", remedy)


def _lines(node, path: tuple, topic: TopicFile, above: set) -> None:
    """Remember the line of every key, and report keys that stand twice."""
    if node is None or id(node) in above:
        return
    above = above | {id(node)}
    topic.lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            topic.lines[(*path, key.value) if isinstance(key.value, str) else path] = key.start_mark.line + 1
            if isinstance(key.value, str) and key.value in seen:
                topic.note((*path, key.value), "the key stands twice", "Delete one of the two")
            if isinstance(key.value, str):
                seen.add(key.value)
                _lines(value, (*path, key.value), topic, above)
    elif isinstance(node, yaml.SequenceNode):
        for i, value in enumerate(node.value):
            _lines(value, (*path, i), topic, above)


def _plain(value):
    """Return the document with dates as ISO text, so that it can be shown and written as JSON."""
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [_plain(inner) for inner in value]
    return value.isoformat() if isinstance(value, date) else value


def _check_keys(topic: TopicFile, found: dict, wanted: dict, path: tuple) -> None:
    names = [name.rstrip("?") for name in wanted]
    for key in found:
        if key not in names:
            near = get_close_matches(key, names, 1)
            remedy = f"Did you mean {near[0]}?" if near else f"Keys that can stand here: {', '.join(names)}"
            topic.note((*path, key), "no such key is known", remedy)
    for name, words in wanted.items():
        key = name.rstrip("?")
        if key not in found:
            if not name.endswith("?"):
                topic.note((*path, key), "the key is missing", f"Add it: {words['description']}")
            continue
        if found[key] not in (None, "") or not name.endswith("?"):
            _check_value(topic, found[key], words, (*path, key))


def _check_value(topic: TopicFile, value, words: dict, path: tuple) -> None:
    fault = _FAULTS[words["type"]](value)
    if fault:
        topic.note(path, *fault, value=value)
    elif "enum" in words and value not in words["enum"]:
        topic.note(
            path,
            "is not one of the words of this key",
            f"Use one of: {', '.join(map(str, words['enum']))}",
            value=value,
        )
    elif "keys" in words:
        _check_keys(topic, value, words["keys"], path)
    elif "each" in words:
        for i, entry in enumerate(value):
            if isinstance(entry, dict):
                _check_keys(topic, entry, words["each"], (*path, i))
            else:
                topic.note(
                    (*path, i),
                    "is not an entry with keys",
                    "Write '- id: ...' and the other keys below it",
                    value=entry,
                )


def _text_fault(value):
    if not isinstance(value, str) or not value.strip():
        return "is not a text", "Write a text, between quotation marks if it is only a number or a word like yes"
    return None


def _id_fault(value):
    if not isinstance(value, str) or not re.fullmatch(_ID, value):
        return "is not an identifier", "Use lower-case letters, digits and single hyphens only"
    return None


def _window_fault(value):
    pair = isinstance(value, list) and len(value) == 2 and all(type(v) in (int, float) for v in value)
    if not pair or not 0 <= value[0] <= value[1]:
        return "is not a window of weeks", "Write the first and the last week, like [2, 13]"
    return None


def _date_fault(value):
    if value is None:
        return None
    try:
        date.fromisoformat(value)
    except (TypeError, ValueError):
        return "is not a date", "Write year-month-day, like 2026-11-22"
    return None


_FAULTS = {
    "text": _text_fault,
    "id": _id_fault,
    "window": _window_fault,
    "date": _date_fault,
    "any": lambda value: None,
    "flag": lambda value: None if isinstance(value, bool) else ("is neither true nor false", "Write true or false"),
    "list": lambda value: (
        None if isinstance(value, list) else ("is not a list", "Write one entry a line, each after '- '")
    ),
    "mapping": lambda value: None if isinstance(value, dict) else ("has no keys", "Write 'key: value' lines below it"),
}


def _check_meaning(topic: TopicFile, name: str) -> None:
    """Check what holds between keys: the name of the folder, unique ids, outcomes of comparisons, dates."""
    info = topic.info
    if isinstance(info.get("id"), str) and info["id"] != name:
        topic.note(("id",), "is not the name of the folder", f"Write id: {name}", value=info["id"])
    if "searched" in info and info["searched"] is None and not info.get("searched_note"):
        topic.note(
            ("searched",), "there is no date and no word why", "Add the date, or say in searched_note why there is none"
        )
    if "edited" in info and info["edited"] is None:
        topic.note(("edited",), "there is no date", "Write the day of the last change")
    for kind in ("outcomes", "comparisons"):
        seen = set()
        for i, entry in enumerate(topic.info.get(kind) or [] if isinstance(info.get(kind), list) else []):
            key = entry.get("id") if isinstance(entry, dict) else None
            if isinstance(key, str) and key in seen:
                topic.note((kind, i, "id"), "the id stands twice", "Give every entry its own id", value=key)
            seen.add(key if isinstance(key, str) else None)
    outcomes = topic.ids("outcomes")
    for i, entry in enumerate(topic.info.get("comparisons") or []):
        outcome = entry.get("outcome") if isinstance(entry, dict) else None
        if isinstance(outcome, str) and outcome not in outcomes:
            near = get_close_matches(outcome, outcomes, 1)
            remedy = f"Did you mean {near[0]}?" if near else f"The outcomes are: {', '.join(outcomes)}"
            topic.note(("comparisons", i, "outcome"), "is not an outcome of this topic", remedy, value=outcome)
