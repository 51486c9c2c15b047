"""topic.yml: the question, the outcomes, the comparisons and the plan of a topic, checked key by key."""

from __future__ import annotations

from ..errors import Problem
from ..files import portable
from .key_file import KeyFile, read_keys
from .labels import nearest
from .named import note_strangers, note_twins
from .schema import schemas, topic_keys


def read_topic(data: bytes | None, file: str, name: str) -> KeyFile:
    """Read and check a topic.yml; `data` is None when there is no such file."""
    if data is None:
        remedy = "Every topic folder needs one; see the data dictionary"
        return KeyFile(file, problems=[Problem(file, None, "", "", "", "the file is missing", remedy)])
    topic = read_keys(data, file, topic_keys())
    if topic.info:
        _check_meaning(topic, name)
    return topic


def _check_meaning(topic: KeyFile, name: str) -> None:
    """Check what holds between keys: the name of the folder, dates, names, columns of subgroups."""
    info = topic.info
    if isinstance(info.get("id"), str) and info["id"] != name:
        topic.note(("id",), "is not the name of the folder", f"Write id: {name}", value=info["id"])
    if not portable(name):
        topic.note(("id",), "is a name that no folder can have on Windows", "Rename the folder, and its notebook", name)
    if "searched" in info and info["searched"] is None and not info.get("searched_note"):
        topic.note(
            ("searched",), "there is no date and no word why", "Add the date, or say in searched_note why there is none"
        )
    if "edited" in info and info["edited"] is None:
        topic.note(("edited",), "there is no date", "Write the day of the last change")
    note_twins(topic, topic_keys())
    named = {kind: topic.ids(kind) for kind in ("outcomes", "comparisons")}
    note_strangers(topic, topic_keys(), named.get)
    for i, entry in enumerate(topic.info.get("comparisons") or []):
        _check_subgroups(topic, i, entry.get("subgroups") if isinstance(entry, dict) else None)


def _check_subgroups(topic: KeyFile, at: int, name) -> None:
    """Report a column that makes subgroups and is none of results.csv, or is free text: two spellings, two groups."""
    listed = [column.name for column in schemas()["results"].columns if column.enum or column.words]
    if isinstance(name, str) and name not in listed:
        free = name in schemas()["results"].names
        rule = "is free text, by which no rows are grouped" if free else "is not a column of results.csv"
        remedy = nearest(name, listed) or f"Columns with words of their own: {', '.join(listed)}"
        topic.note(("comparisons", at, "subgroups"), rule, remedy, value=name)
