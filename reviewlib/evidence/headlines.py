"""Rules of what a page says first: panels and paired analyses name rows that are there, harms the numbers of theirs."""

from __future__ import annotations

import re
from collections import defaultdict
from contextlib import suppress
from functools import cache

from .folder import Folder, TopicFolder
from .labels import nearest, trials_named
from .named import note_strangers
from .rows import BrokenCell, ByKey, rows_of, texts_of, torn
from .schema import topic_keys

_NUMBER = re.compile(r"(?<![\w.])(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?(?=\s*(%)|)(?!\s*% CI)(?![\w])")
_SPELLED = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10}
_IN_ORDER = "Write the numbers as the rows of harm_rows hold them, and name the rows in the order of the sentence"
_HARM_ROWS = (("adverse_events", "event_id"), ("pooled_published", "pooled_id"))
_SAYS_NOTHING = {  # on the first screen: rows of a table without any of some columns
    "crossover": ("crossover", ("percent", "n_crossed"), "holds no share and no count", "Name a row that has one"),
    "reviews": ("pooled_published", ("estimate",), "holds no estimate", "Name a pool with a figure"),
}
_PERCENTS = ("percent_low", "percent_high")
_WORDS = ("trial", "arm", "event", "comparison", "outcome", "timepoint")


def headline_problems(folder: Folder, topic: TopicFolder) -> list:
    """Return the faults of what a topic.yml names, of its first screen and harms, and of words beside counts."""
    before = len(topic.about.problems)

    @cache
    def known(place):
        table, _, column = place.partition(".")
        if not column:
            return folder.topics if place == "topics" else None  # outcomes and comparisons: when it was read
        there = folder.table(topic.name, table)
        return None if torn(there) else dict.fromkeys(text for (text,) in texts_of(there, column))

    note_strangers(topic.about, topic_keys(), known)
    _first_screen(topic)
    _counted_once(topic)
    _harms(topic)
    return topic.about.problems[before:] + _relations(topic) + _trials(topic)


def _first_screen(topic) -> None:
    """Note each row that the first screen names and that has nothing to say."""
    named = topic.about.info.get("first_screen")
    for key, (table, columns, *fault) in _SAYS_NOTHING.items() if isinstance(named, dict) else ():
        rows = ByKey(topic.tables.get(table))
        for i, entry in enumerate(named.get(key) or ()):
            row = rows.get(entry.get("row")) if isinstance(entry, dict) else None
            if row is not None and not any(map(row.text.get, columns)):
                topic.about.note(("first_screen", key, i, "row"), *fault, value=entry["row"])


def _counted_once(topic) -> None:
    """Note each named panel of which the round that counts, or every round, gives one count twice."""
    headline = topic.about.info.get("headline")
    headline = headline if isinstance(headline, dict) else {}
    entries = [entry.get("panel") for entry in headline.get("panels") or () if isinstance(entry, dict)]
    panels, final = {*entries, *(headline.get("examples") or ())}, headline.get("round")
    rounds = defaultdict(list)
    for row in rows_of(topic.tables.get("ratings")):
        text = row.text
        counted = text.get("status") != "derived" and text.get("n") and text.get("n_total") and text.get("round")
        if counted and text.get("panel") in panels and final in (None, "", text["round"]):
            at = tuple(text.get(name, "") for name in ("panel", "procedure", "precondition", "category"))
            rounds[at].append(text["round"])
    for (panel, *what), there in rounds.items():
        if len(there) > 1:
            names = "; ".join(dict.fromkeys(there))
            rule = f"ratings.csv counts {', '.join(filter(None, what))} of {panel} {len(there)} times ({names})"
            topic.about.note(
                ("headline", "round"), rule, "Name under round the one that counts, and keep one row of it"
            )
            return


def _trials(topic) -> list:
    """Return the faults of `trials` in pooled_published.csv: labels that no result has, and more than were pooled."""
    table, results = topic.tables.get("pooled_published"), topic.tables.get("results")
    known, found = {trial for (trial,) in texts_of(results, "trial")}, []
    for row in rows_of(table):
        labels, _ = trials_named(row.text)
        for label in labels if results and results.complete else ():
            if label not in known:
                rule = f"{label} is not a trial of results.csv"
                found.append(table.problem(row, "trials", rule, nearest(label, known) or "Write its label there"))
        if row.text.get("k", "").isdigit() and len(labels) > int(row.text["k"]):
            rule = f"{len(labels)} trials are named, {row.text['k']} were pooled"
            found.append(table.problem(row, "trials", rule, "Look again at the review: is k that of another pool?"))
    return found


def _relations(topic) -> list:
    """Warn where the words of a source compare two classes otherwise than the counts of the same panel."""
    ratings, table = topic.tables.get("ratings"), topic.tables.get("statements")
    headline = topic.about.info.get("headline")
    final = headline.get("round") if isinstance(headline, dict) else None
    counted = defaultdict(lambda: defaultdict(int))
    for row in rows_of(ratings):
        text = row.text
        if text.get("status") != "derived" and text.get("n") and text.get("round") and final in (None, text["round"]):
            with suppress(BrokenCell):
                n = row["n"]
                counted[text.get("panel"), text.get("procedure")][text.get("category")] += n
    found = []
    for row in rows_of(table):
        if "relation" in row.broken or not row.text.get("relation"):
            continue
        left, sign, right = row.text["relation"].split(" ")[:3]
        for (panel, procedure), n in counted.items():
            if panel != row.text.get("panel") or not {left, right} <= n.keys():
                continue
            if not (n[left] > n[right] if sign == ">" else n[left] == n[right]):
                rule = f"the counts in ratings.csv say otherwise: {procedure}, {n[left]} {left} and {n[right]} {right}"
                found.append(table.warning(row, "relation", rule, "Look again at both places"))
    return found


def _harms(topic) -> None:
    """Note each number of `harm_line` that none of `harm_rows` holds, read in the order of the rows."""
    about = topic.about
    line, names = about.info.get("harm_line"), about.info.get("harm_rows")
    names = names if isinstance(names, list) else []
    there = [(topic.tables[table], key) for table, key in _HARM_ROWS if table in topic.tables]
    known = {row.text.get(key): row for table, key in there for row in table.rows}
    if not isinstance(line, str) or any(word not in known for word in names):
        return
    rows, at = [_held(known[word]) for word in names], 0
    for number, percent, text in _numbers(line):
        place = next((i for i in range(at, len(rows)) if _holds(rows[i], number, percent, text)), None)
        if place is None:
            earlier = any(_holds(row, number, percent, text) for row in rows)
            rule = f"{text} is in none of its rows" if not earlier else f"{text} is not in the row that it belongs to"
            about.note(("harm_line",), rule, _IN_ORDER, value=text)
        else:
            at = place


def _numbers(line):
    """Yield (value, whether a percentage, as written) of each number of a sentence; levels of intervals are none."""
    pattern = re.compile(f"{_NUMBER.pattern}|\\b({'|'.join(_SPELLED)})\\b", re.IGNORECASE)
    for match in pattern.finditer(line):
        if match[4]:
            yield float(_SPELLED[match[4].lower()]), False, match[4]
        else:
            yield float(f"{match[1].replace(',', '')}{match[2] or ''}"), bool(match[3]), match[0] + (match[3] or "")


def _held(row) -> tuple[set, set, str]:
    """Return the percentages, the other numbers and the words of a row; weeks also as months and years."""
    percents, others = set(), set()
    for name in row.values:
        try:
            value = row[name]
        except BrokenCell:
            continue
        if isinstance(value, (int, float)):
            (percents if name in _PERCENTS or name == "i2" else others).add(float(value))
            if name == "timepoint_weeks":
                others |= {round(value / 52, 2), round(value * 12 / 52, 2)}
    return percents, others, " ".join(row.text.get(name, "") for name in _WORDS).lower()


def _holds(held, number, percent, text) -> bool:
    percents, others, words = held
    written = re.search(rf"(?<![\w.]){re.escape(text.lower())}(?![\w])", words) is not None
    return written or number in percents or (not percent and number in others)
