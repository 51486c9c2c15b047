"""Change one cell of the evidence, ask `check`, and see what moves: what a person's slip would do to the pages.

`python tests/mutation/harness.py --each 60` prints the table of docs/reliability; `make torture` runs it whole.
"""

from __future__ import annotations

import argparse
import csv
import io
import random
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path

from slips_from_print import KINDS

from reviewlib.errors import EvidenceError
from reviewlib.evidence import folder as reader
from reviewlib.evidence.rules import check_folder
from reviewlib.evidence.schema import schemas
from reviewlib.revise.differing import difference
from reviewlib.revise.states import State

EVIDENCE = Path(__file__).parents[2] / "evidence"
# What a slip comes to: an error or a warning of `check`; a conclusion that moved without a word; a cell that changed,
# and no conclusion with it; nothing, since the table is read as before; and a page that breaks.
OUTCOMES = ("error", "warning", "moved", "silent", "none", "broken")


class _Remembered:
    """Reads a table or a key file; what was there before any slip is read once, since all but one file stays."""

    def __init__(self, read):
        self.read, self.before, self.full = read, {}, False

    def __call__(self, data, file, *words):
        if (data, file) in self.before:
            return self.before[data, file]
        found = self.read(data, file, *words)
        if not self.full:
            self.before[data, file] = found
        return found


class Bench:
    """A copy of an evidence folder in which one file at a time is changed and put back."""

    def __init__(self, folder, scratch, without=()):
        left_out = shutil.ignore_patterns(*(f"{name}.csv" for name in without))
        self.folder = Path(shutil.copytree(folder, Path(scratch) / "evidence", ignore=left_out))
        read = getattr(reader.read_table, "read", reader.read_table)
        tables = reader.read_table = _Remembered(read)
        self.before, warnings = _state(self.folder)
        tables.full = True
        if self.before.problems:  # then every slip would count as noticed
            raise ValueError(f"the tables hold a fault before any slip: {self.before.problems[0]}")
        self.known = {_name(problem) for problem in warnings}
        self.tables = {}
        for file in sorted(self.folder.rglob("*.csv")):
            if file.stem in schemas() and file.stem != "readings":  # no page rests on a second reading
                self.tables[file] = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8"), newline="")))
        self.used = self._used()

    def _used(self):
        """Return the keys of the rows on which a page rests, by table; of other tables every row counts."""
        named = {}
        for file, rows in self.tables.items():
            if file.stem == "synthesis":
                named[file.with_name("results.csv")] = {row["result_id"] for row in rows}
        used = [row for file, ids in named.items() for row in self.tables[file] if row["result_id"] in ids]
        named[self.folder / "instruments.csv"] = {row["instrument_id"] for row in used}
        return named

    def places(self, accepts, filled=True):
        """Return (file, row, column) of every (filled) cell in use that a kind of slip can fall on."""
        found = []
        for file, rows in self.tables.items():
            columns = [c for c in schemas()[file.stem].columns if rows and c.name in rows[0] and accepts(c)]
            used = self.used.get(file)
            for i, row in enumerate(rows):
                if used is None or next(iter(row.values())) in used:
                    found += [(file, i, c.name) for c in columns if row[c.name] or not filled]
        return found

    def outcome(self, slip, place, draw):
        """Return one of `OUTCOMES` and what was told or moved first; None where the slip is impossible there."""
        file, i, column = place
        rows = [dict(row) for row in self.tables[file]]
        if not slip(rows, i, column, draw):
            return None
        original = file.read_bytes()
        try:
            file.write_text(written(rows), encoding="utf-8", newline="")
            if self._values(file) == self._values(file, original):
                return "none", ""
            return self._judged()
        finally:
            file.write_bytes(original)

    def _values(self, file, data=None):
        """Return the values of a table, in its order; a fault counts as a value of its own."""
        data = file.read_bytes() if data is None else data
        table = reader.read_table.read(data, file.name, schemas()[file.stem])
        return [row.values for row in table.rows], table.problems

    def _judged(self):
        after, warnings = _state(self.folder)
        if after.problems:
            return "error", str(after.problems[0])
        new = [problem for problem in warnings if _name(problem) not in self.known]
        try:
            moved = difference(self.before, after).conclusions
        except EvidenceError as error:
            return "broken", str(error)
        except Exception as error:  # any other exception is the finding
            return "broken", f"{type(error).__name__}: {error}"
        if new:
            return "warning", str(new[0])
        if moved:
            return "moved", f"{moved[0].topic} {moved[0].comparison}"
        return "silent", ""


def written(rows):
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _name(problem):
    return problem.file, problem.record, problem.column, problem.rule


def _state(path):
    """Return the state of a folder, and its warnings."""
    folder, problems = check_folder(path)
    errors = tuple(problem for problem in problems if problem.severity == "error")
    return State("", folder, errors), [problem for problem in problems if problem.severity == "warning"]


def run(folder=EVIDENCE, each=4, seed=1, only=None, without=()):
    """Yield (kind, place, outcome, told) of `each` slips of every kind, drawn with a seed.

    The tables named in `without` are left out, such as "readings".
    """
    with tempfile.TemporaryDirectory() as scratch:
        bench = Bench(folder, scratch, without)
        for name, (accepts, slip) in KINDS.items():
            if only and name not in only:
                continue
            draw = random.Random(f"{seed} {name}")
            places = bench.places(accepts)
            draw.shuffle(places)
            done = 0
            for place in places:
                result = bench.outcome(slip, place, draw)
                if result is not None:
                    yield name, place, *result
                    done += 1
                if done == each:
                    break


def table(found):
    """Return the table of outcomes by kind, in Markdown."""
    counts = {}
    for kind, _, outcome, _ in found:
        counts.setdefault(kind, Counter())[outcome] += 1
    counts["all"] = sum(counts.values(), Counter())
    shown = OUTCOMES if counts["all"]["broken"] else OUTCOMES[:-1]
    lines = [f"| slip | tried | {' | '.join(shown)} |", "|---|--:|" + "--:|" * len(shown)]
    for kind, by in counts.items():
        lines.append(f"| {kind.replace('_', ' ')} | {by.total()} | {' | '.join(str(by[one]) for one in shown)} |")
    share = {one: f"{100 * counts['all'][one] / max(counts['all'].total(), 1):.1f}%" for one in shown}
    return "\n".join([*lines, f"| share | | {' | '.join(share.values())} |"])


if __name__ == "__main__":
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--each", type=int, default=20, help="slips of each kind")
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--kind", action="append", help="only this kind")
    words.add_argument("--show", action="append", default=[], help="list every slip with this outcome")
    wanted = words.parse_args()
    found = []
    for one in run(each=wanted.each, seed=wanted.seed, only=wanted.kind):
        found.append(one)
        if one[2] in [*wanted.show, "broken"]:
            kind, (file, i, column), outcome, told = one
            print(f"{outcome}: {kind} in {file.parent.name}/{file.name} row {i} {column}: {told}", file=sys.stderr)
    print(table(found))
    sys.exit(any(one[2] == "broken" for one in found))
