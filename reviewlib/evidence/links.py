"""Rules between tables: identifiers resolve, keys are unique, rows stand in order, sources can be cited."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from itertools import pairwise

from ..errors import Problem
from .claims import parse_condition
from .folder import Folder, TopicFolder
from .labels import drawn, folded, nearest
from .rows import ByKey, Row, Table, rows_of, texts_of

_RESOLVER = re.compile(r"^(https?://)?(dx\.)?(doi\.org/|doi:\s*)|^pmid:?\s*|^https?://\S*?pubmed\S*?/(?=\d)")


_NUMBERS = ("number", "integer")
_TIMES = ("timepoint_weeks",)


def link_problems(folder: Folder, topics: Collection[str]) -> list[Problem]:
    """Return the faults of identifiers and order in the shared tables and those of some topics, and between topics."""
    found = []
    for topic, table in folder.tables():
        if topic and topic not in topics:
            continue
        found += _duplicates(table)
        found += _order(table)
        for column in table.schema.columns:
            if column.references:
                found += _unresolved(folder, topic, table, column)
    for name in topics:
        found += _topic_links(folder, folder.topics[name]) + _words(folder.topics[name])
    found += _same_source(folder.shared.get("sources")) + _same_trial(folder)
    if "claims" in folder.shared:
        found += _claims(folder, folder.shared["claims"])
    return found


def _same_source(table: Table | None) -> list[Problem]:
    """Return an error for a source that has the DOI or PubMed number of another one, however it is written."""
    found, seen = [], {}
    for row in rows_of(table):
        for name in ("doi", "pmid", "pmcid"):
            number = row.text.get(name, "").strip().lower()
            if not number:
                continue
            number = _RESOLVER.sub("", number).partition("#")[0].strip("./ ").lstrip("0")
            first = seen.setdefault((name, folded(number)), row)
            if first is not row:
                remedy = "Keep one of the two sources, or correct the identifier"
                found.append(table.problem(row, name, f"is that of {first.record} too", remedy))
    return found


def _same_trial(folder: Folder) -> list[Problem]:
    """Return an error for a trial label that a reader takes for another one: case, spaces, letters that look alike."""
    found, seen, clear = [], {}, set()
    for _, table in folder.tables():
        labels = table.texts("trial") if "trial" in table.schema.names else ()
        for at, label in enumerate(text or "" for (text,) in labels):
            if label in clear:
                continue
            mine = label, table, at
            both = [seen.setdefault(key, mine) for key in ((folded, folded(label)), (drawn, drawn(label)))]
            first, there, place = next((other for other in both if other[0] != label), mine)
            if label == first:
                clear.add(label)
            elif label and "trial" not in (row := table.rows[at]).broken:
                record = f"{there.file} line {there.rows[place].line}"
                rule = f"reads like {first!r} ({record}), but is another label, so one trial would count as two"
                found.append(table.problem(row, "trial", rule, "Write the label of a trial in the same way everywhere"))
    return found


def _duplicates(table: Table) -> list[Problem]:
    found, seen = [], {}
    key = table.schema.key
    for row in table.alike(key) if key else ():
        if any(name not in row.text or name in row.broken for name in key):
            continue
        at = tuple(row.text[name] for name in key)
        if at in seen:
            what = "the identifier stands" if len(key) == 1 else f"{' + '.join(key)} together stand"
            remedy = "Give every row its own identifier, or delete the row that is there twice"
            found.append(table.problem(row, key[-1], f"{what} already on line {seen[at]}", remedy))
        seen.setdefault(at, row.line)
    return found + (_twins(table, key[0]) if len(key) == 1 else [])


def _twins(table: Table, key: str) -> list[Problem]:
    """Return an error for a row that says what another one says, a warning for one that differs in a number alone."""
    columns = [column for column in table.schema.columns if column.name != key]
    # What differs in its time alone says the same thing twice over, such as that nobody fell.
    numbers = [
        each.name for each in columns if each.name == "p_value" or each.type in _NUMBERS and each.name not in _TIMES
    ]
    words = [column.name for column in columns if column.name not in numbers]
    found, seen, before = [], {}, {}
    for row in table.alike(words):
        said = tuple(row.text.get(name) for name in words)
        first = seen.setdefault((said, tuple(row.text.get(name) for name in numbers)), row)
        near = before.get(said)
        before[said] = row
        if first is not row and row.text.get(key) != first.text.get(key):
            rule = f"every other cell is that of {first.record}: one fact would count twice"
            found.append(table.problem(row, key, rule, "Delete one of the two rows, or write what sets them apart"))
        elif near and first is row:
            differs = [name for name in numbers if row.text.get(name) != near.text.get(name)]
            if len(differs) == 1 and row.text.get(differs[0]) and near.text.get(differs[0]):
                rule = f"every other cell is that of {near.record}, which has {near.text[differs[0]]} here"
                remedy = "Look again at the source: delete the row if it is a copy, or write what sets the two apart"
                found.append(table.warning(row, differs[0], rule, remedy))
    return found


def _order(table: Table) -> list[Problem]:
    """Return one warning a table: rows in order make a change show as that change."""
    key = table.schema.key
    keys = list(table.texts(*key)) if key else []
    if any(None in each for each in keys):
        return []
    for at, (before, after) in enumerate(pairwise(keys), 1):
        if after < before:
            row = table.rows[at]
            rule = f"the rows are not in the order of {' + '.join(key)}"
            remedy = f"Sort the table in plain text order (here {after[-1]} after {before[-1]})"
            return [table.warning(row, key[0], rule, remedy)]
    return []


def _unresolved(folder: Folder, topic: str, table: Table, column) -> list[Problem]:
    target, field = column.references.split(".")
    there = folder.table(topic, target)
    file = f"{topic}/{target}.csv" if topic and target not in folder.shared else f"{target}.csv"
    if _torn(there, target):
        return []
    known = {text for (text,) in texts_of(there, field)}
    found = []
    for at, (word,) in enumerate(table.texts(column.name)):
        if not word or word in known or column.name in (row := table.rows[at]).broken:
            continue
        remedy = nearest(word, known) or f"Add the row to {file}, or correct the identifier"
        found.append(table.problem(row, column.name, f"is not in {file}", remedy))
    return found


def _torn(table: Table | None, name: str) -> bool:
    """Could a table not be read whole? Its own faults come first, and no row is blamed for naming what it may hold."""
    return name == "sources" if table is None else not table.complete


def _topic_links(folder: Folder, topic) -> list[Problem]:
    found = []
    comparisons = topic.about.ids("comparisons")
    for name in ("synthesis", "certainty"):
        table = topic.tables.get(name)
        for row in table.rows if table and topic.about.info else ():
            word = row.text.get("comparison_id", "")
            if word and word not in comparisons:
                remedy = nearest(word, comparisons) or "Add the comparison to topic.yml"
                found.append(table.problem(row, "comparison_id", "is not a comparison of topic.yml", remedy))
    return found + _excluded(folder, topic.tables.get("excluded"))


def _words(topic: TopicFolder) -> list[Problem]:
    """Return a fault for each cell that is none of the words topic.yml lists for its column, or has no list there."""
    about = topic.about
    listed = about.info.get("words") or {}
    if not about.info or not isinstance(listed, dict):
        return []
    before, found = len(about.problems), []
    for name, words in listed.items():
        first: dict[str, str] = {}
        for i, word in enumerate(_texts(words)):
            if folded(word) in first:
                rule = f"reads like {first[folded(word)]!r}, which stands before it"
                about.note(("words", name, i), rule, "Keep one of the two", value=word)
            first.setdefault(folded(word), word)
    for table in topic.tables.values():
        for column in (column for column in table.schema.columns if column.words):
            found += _unlisted(table, column.name, listed.get(column.name))
    return found + about.problems[before:]


def _unlisted(table: Table, name: str, words) -> list[Problem]:
    known, found, first = _texts(words), [], {}
    odd = [(at, text) for at, (text,) in enumerate(table.texts(name)) if text and text not in known]
    for at, text in odd:
        if text not in first:
            first[text] = table.rows[at]
    good = {text: row for text, row in first.items() if name not in row.broken}
    if words is None and good:
        typed = json.dumps(sorted(good), ensure_ascii=False)
        rule = f"rows are grouped by this column, and topic.yml lists no words for {name}"
        return [
            table.problem(next(iter(good.values())), name, rule, f"Add to topic.yml, below 'words:', {name}: {typed}")
        ]
    for row in (table.rows[at] for at, text in odd if text in good):
        remedy = nearest(row.text[name], known) or f"Write one of: {', '.join(known)}; or add the word there"
        found.append(table.problem(row, name, f"is not among the words of {name} in topic.yml", remedy))
    return found


def _texts(words) -> list[str]:
    return [word for word in words if isinstance(word, str)] if isinstance(words, list) else []


def _excluded(folder: Folder, table: Table | None) -> list[Problem]:
    """A row may be left out because its source is left out; then the source is named in the same table."""
    if _torn(folder.shared.get("sources"), "sources"):
        return []
    known = {row.text.get("source_id") for row in rows_of(folder.shared.get("sources"))}
    left_out = [row.text for row in rows_of(table) if row.text.get("table") == "sources"]
    gone = {text.get(name) for text in left_out for name in ("record", "source_id")}
    found = []
    for row in rows_of(table):
        word = row.text.get("source_id", "")
        if word and "source_id" not in row.broken and word not in known | gone:
            add = "Correct it, or add a row that says why the source is left out (table: sources)"
            rule = "is neither in sources.csv nor left out with a reason"
            found.append(table.problem(row, "source_id", rule, nearest(word, known) or add))
    return found


def _claims(folder: Folder, table: Table) -> list[Problem]:
    sources = {row.text.get("source_id") for row in rows_of(folder.shared.get("sources"))}
    records = Records(folder)
    torn = {topic or there.schema.name for topic, there in folder.tables() if not there.complete}
    found = []
    for row in table.rows if not torn else ():  # rows that could not be read would all be reported here again
        for word in parts(row.text.get("source_ids", "")):
            if word not in sources:
                remedy = nearest(word, sources) or "Add the row to sources.csv, or correct the identifier"
                found.append(table.problem(row, "source_ids", f"{word} is not in sources.csv", remedy))
        for word in parts(row.text.get("evidence", "")):
            if word not in records:
                remedy = nearest(word, records) or "Write topic.record, like asthma.doe2020-r01"
                found.append(table.problem(row, "evidence", f"{word} is not a row of the tables", remedy))
        found += _condition(row, table, records)
    return found


def _condition(row, table: Table, records) -> list[Problem]:
    text = row.text.get("condition", "")
    if not text:
        return []
    try:
        condition = parse_condition(text)
    except ValueError as error:
        remedy = "Write a comparison like asthma.doe2020-r01.ci_low < 0 < ci_high"
        return [table.problem(row, "condition", f"cannot be read: {error}", remedy)]
    found = []
    for record, column in condition.references():
        if record not in records:
            remedy = nearest(record, records) or "Write topic.record.column"
            found.append(table.problem(row, "condition", f"{record} is not a row of the tables", remedy))
        elif column not in records[record].values:
            remedy = nearest(column, records[record].values) or "Name a column of that table"
            found.append(table.problem(row, "condition", f"{column} is not a column of {record}", remedy))
    if not found and condition.holds(lambda record, column: _number(records[record], column)) is False:
        remedy = "Judge the claim again: verdict, reason and condition"
        found.append(table.problem(row, "condition", "is no longer true of the numbers in the tables", remedy))
    return found


def _number(row, column: str):
    value = row.values[column]
    return value if isinstance(value, (int, float)) else None


class Records:
    """Every row with an identifier, by ``topic.record`` (``table.record`` for a shared table)."""

    def __init__(self, folder: Folder):
        keyed = [(topic, table) for topic, table in folder.tables() if len(table.schema.key) == 1]
        self._tables = [(f"{topic or table.schema.name}.", ByKey(table)) for topic, table in keyed]

    def get(self, record: str) -> Row | None:
        """Return the row of a record, None where there is none."""
        named = [(rows, record.removeprefix(place)) for place, rows in self._tables if record.startswith(place)]
        return next((rows.get(key) for rows, key in reversed(named) if key in rows), None)

    def __contains__(self, record: object) -> bool:
        return self.get(str(record)) is not None

    def __getitem__(self, record: str) -> Row:
        return self.get(record)  # type: ignore[return-value]  # asked only for what is there

    def __iter__(self) -> Iterator[str]:
        return (f"{place}{key or ''}" for place, rows in self._tables for key in rows)


def parts(text: str) -> list[str]:
    """Return what a cell lists, separated by semicolons."""
    return [part.strip() for part in text.split(";") if part.strip()]
