"""Change one cell in use so that `check` still passes, and make every piece of every page from what is left.

`python tests/mutation/rendering.py --each 40` prints the table of docs/reliability; `make torture` runs it whole.
"""

from __future__ import annotations

import argparse
import inspect
import random
import sys
import tempfile
import traceback
import warnings
from collections import Counter
from pathlib import Path

import harness
import yaml

from reviewlib import finding, page
from reviewlib.errors import EvidenceError
from reviewlib.evidence.load import evidence_of
from reviewlib.evidence.rules import check_folder
from reviewlib.evidence.schema import schemas
from reviewlib.page import claims, rand, start
from reviewlib.revise.statements import claim_statements, topic_statements

CELLS = {}  # kind -> function of (column, typed, draw) that returns the new text of a cell, or None where it has none


def cell(change):
    CELLS[change.__name__] = change
    return change


@cell
def blank(column, typed, draw):
    return "" if typed else None


@cell
def words_in_it(column, typed, draw):
    return draw.choice(("see text", "not stated", "approx. 12", "3 (of 10)"))


@cell
def na(column, typed, draw):
    return draw.choice(("NA", "N/A", "nan", "NR", "None", "-", "NS"))


@cell
def rare_word(column, typed, draw):
    others = [word for word in column.enum if word != typed]
    return draw.choice(others) if others else None


@cell
def out_of_range(column, typed, draw):
    if column.type not in ("number", "integer"):
        return None
    return draw.choice(("0", "1", "-1", "2", "0.0001", "99999", "1000000000000", "-0.5", f"{typed or 1}00"))


KEYS = ("null", "gone", "empty text", "empty list", "words", "nought")


def _other_key(about, draw):
    """Change one place of a key file, drawn from all of them; return what was done."""
    places, rest = [], [about]
    while rest:
        here = rest.pop()
        inner = here.items() if isinstance(here, dict) else enumerate(here)
        for key, value in inner:
            places.append((here, key))
            if isinstance(value, (dict, list)):
                rest.append(value)
    (here, key), how = draw.choice(places), draw.choice(KEYS)
    if how == "gone":
        del here[key]
    else:
        here[key] = {"null": None, "empty text": "", "empty list": [], "words": "see text", "nought": 0}[how]
    return f"{key}: {how}"


def _calls():
    """Yield (name, function) of every piece of a page."""
    for module in (page, page.figures, rand, start, claims):
        for name, thing in sorted(vars(module).items()):
            if name.startswith("_") or not inspect.isfunction(thing):
                continue
            if "Block" in str(inspect.signature(thing).return_annotation):
                yield f"{module.__name__.rpartition('.')[2]}.{name}", thing


# Furniture: it takes words, not tables.
TAKEN = {
    "drawn_again",
    "bars",
    "bullets",
    "details",
    "join",
    "listed",
    "paragraph",
    "section",
    "table_block",
    "facts",
    "for_whom",
    "fold",
    "how_numbers",
    "read_in",
    "reviews",
    "step",
    "each",
}
PIECES = [(name, thing) for name, thing in _calls() if name.rpartition(".")[2] not in TAKEN]


def _given(thing, evidence, topic, comparison):
    """Return the arguments of a piece, None where it asks for what a topic lacks."""
    panels = topic.panels["panel_id"] if topic is not None and "panels" in topic.tables else ()
    known = _first_row(topic) | {
        "evidence": evidence,
        "read": evidence,
        "topic": topic,
        "holder": topic,
        "comparison_id": comparison,
        "assigned": comparison,
        "treated": comparison,
        "key": comparison,
        "block": page.side_by_side,
        "panel": next(iter(panels), None),
        "name": "results",
        "shown": "words",
    }
    names = [
        p.name
        for p in inspect.signature(thing).parameters.values()
        if p.default is p.empty and p.kind is not p.VAR_KEYWORD
    ]
    found = [known.get(name) for name in names]
    return None if any(value is None for value in found) else found


def _first_row(topic):
    """Return source, outcome and instrument of the first result on a scale."""
    names = ["source_id", "outcome", "instrument_id"]
    rows = topic.tables["results"][names].dropna() if topic is not None else ()
    return dict(rows.iloc[0]) if len(rows) else {}


# Pieces that draw or sample much: made of every few changes only.
SLOW = {
    "figures.over_time",
    "page.could_change",
    "page.assigned_or_treated",
    "page.missing",
    "page.comparisons",
    "figures.example_ratings",
    "page.flow",
    "page.forests",
    "page.evidence_map",
}
# Pieces of one comparison that take long: made of the comparisons whose rows were changed, and of the first.
OF_ONE = {"figures.forest", "page.multiverse", "page.variants", "page.sensitivity", "page.certainty_signals"}


def _concerned(topic, record):
    """Return the first comparison of a topic and those in which a row is used; all where no row is named."""
    ids, chosen = [comparison["id"] for comparison in topic.comparisons], topic.tables["synthesis"]
    used = chosen[(chosen["result_id"] == record) | (chosen["comparison_id"] == record)]["comparison_id"]
    return ids if record is None else {*ids[:1], *used}


def broken(evidence, topics=None, leave_out=(), record=None, refused=None, only=None):
    """Return (piece, exception) of every piece that ends in anything but itself or a refusal of the library.

    To the set `refused`, where there is one, is added (topic, piece) of every piece that was refused in a sentence.
    """
    found = []

    def make(name, thing, *given, of=""):
        if only is not None and name.partition(" of ")[0] not in only:
            return
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                str(thing(*given))
        except EvidenceError as refusal:
            if " " not in str(refusal).strip():
                found.append((name, "a refusal without a sentence"))
            if refused is not None:
                refused.add((of, name))
        except Exception as error:  # any other exception is the finding
            at = traceback.extract_tb(error.__traceback__)[-1]
            found.append((name, f"{type(error).__name__}: {error} ({Path(at.filename).name}:{at.lineno})"))

    pieces = [(name, thing) for name, thing in PIECES if name not in leave_out]
    for topic in [evidence[name] for name in evidence.topics if topics is None or name in topics]:
        compared, concerned = [c["id"] for c in topic.comparisons], _concerned(topic, record)
        for comparison in compared or [None]:
            if comparison:
                make(f"finding of {comparison}", finding, topic, comparison, of=topic.id)
            for name, thing in pieces:
                asks = set(inspect.signature(thing).parameters)
                one = asks & {"comparison_id", "key", "assigned"}
                due = asks & {"topic", "holder"} and (one or comparison == (compared or [None])[0])
                due = due and (name not in OF_ONE or comparison in concerned)
                if due and (given := _given(thing, evidence, topic, comparison)) is not None:
                    make(f"{name} of {comparison}" if one else name, thing, *given, of=topic.id)
        make("statements", topic_statements, topic, of=topic.id)
    for name, thing in pieces:
        mine = set(inspect.signature(thing).parameters) & {"topic", "holder"}
        if not mine and (given := _given(thing, evidence, None, None)) is not None:
            make(name, thing, *given)
    make("claims", claim_statements, evidence)
    return found


def _changed_cell(bench, kind, draw):
    """Change one cell of a table; return (file, its bytes before, what was done) or None."""
    places = bench.places(lambda column: True, filled=False)
    file, i, name = draw.choice(places)
    rows = [dict(row) for row in bench.tables[file]]
    column = schemas()[file.stem][name]
    new = CELLS[kind](column, rows[i][name], draw)
    if new is None or new == rows[i][name]:
        return None
    told = f"{file.parent.name}/{file.name} {next(iter(rows[i].values()))} {name}: {rows[i][name]!r} -> {new!r}"
    rows[i][name] = new
    before = file.read_bytes()
    file.write_text(harness.written(rows), encoding="utf-8", newline="")
    return file, before, told, next(iter(rows[i].values()))


def _changed_key(bench, draw):
    """Change one key of a topic.yml or of review.yml, in the same way."""
    file = draw.choice(sorted(bench.folder.rglob("*.yml")))
    before = file.read_bytes()
    about = yaml.safe_load(before)
    told = _other_key(about, draw)
    file.write_text(yaml.safe_dump(about, sort_keys=False, allow_unicode=True), encoding="utf-8", newline="\n")
    return file, before, f"{file.parent.name}/{file.name}: {told}", ""


def run(folder=harness.EVIDENCE, each=4, seed=1, only=None, slow_every=8):
    """Yield (kind, outcome, what was done, what broke) of `each` changes of every kind that the check lets pass.

    An outcome is "refused" (an error of the check), "rendered", "said" (a piece that was made of the tables as they
    were says in a sentence why it is not) or "broken"; the refused do not count towards `each`.
    """
    with tempfile.TemporaryDirectory() as scratch:
        bench = harness.Bench(folder, scratch, without=("readings",))
        before_all = _Before(bench.folder)
        for kind in [*CELLS, "key"]:
            if only and kind not in only:
                continue
            draw, passed, tried = random.Random(f"{seed} {kind}"), 0, 0
            while passed < each and tried < 30 * each:
                changed = _changed_key(bench, draw) if kind == "key" else _changed_cell(bench, kind, draw)
                if changed is None:
                    continue
                tried += 1
                file, before, told, record = changed
                try:
                    without = () if slow_every and passed % slow_every == 0 else SLOW
                    outcome, broke = _made(bench.folder, file, without, record, before_all)
                finally:
                    file.write_bytes(before)
                passed += outcome != "refused"
                yield kind, outcome, told, broke


class _Before:
    """Says of a piece whether it is refused of the tables as they were; each is made of them once."""

    def __init__(self, folder):
        self.evidence, self.known = evidence_of(*check_folder(folder)), {}

    def refuses(self, topic, piece):
        name = piece.partition(" of ")[0]
        if (topic, name) not in self.known:
            refused = self.known[topic, name] = set()
            broken(self.evidence, [topic], refused=refused, only=(name,))
        return (topic, piece) in self.known[topic, name]


def _made(folder, file, leave_out, record, before):
    read, problems = check_folder(folder)
    if any(problem.severity == "error" for problem in problems):
        return "refused", ""
    topics, refused = None if file.parent == folder else [file.parent.name], set()
    found = broken(evidence_of(read, problems), topics, leave_out, record, refused)
    if found:
        return "broken", "; ".join(f"{name}: {error}" for name, error in found[:4])
    new = [piece for topic, piece in sorted(refused) if not before.refuses(topic, piece)]
    return ("said", "; ".join(new[:4])) if new else ("rendered", "")


def table(found):
    """Return the table of outcomes by kind, in Markdown."""
    counts = {}
    for kind, outcome, *_ in found:
        counts.setdefault(kind, Counter())[outcome] += 1
    counts["all"] = sum(counts.values(), Counter())
    lines = [
        "| change | tried | refused by `check` | passed and rendered | passed, one piece refused | passed and broke |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for kind, by in counts.items():
        shown = " | ".join(str(by[outcome]) for outcome in ("refused", "rendered", "said", "broken"))
        lines.append(f"| {kind.replace('_', ' ')} | {by.total()} | {shown} |")
    return "\n".join(lines)


if __name__ == "__main__":
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--each", type=int, default=20, help="changes of each kind that the check lets pass")
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--kind", action="append", help="only this kind")
    words.add_argument("--folder", type=Path, default=harness.EVIDENCE)
    words.add_argument("--all-pieces", action="store_true", help="the slow pieces after every change")
    wanted = words.parse_args()
    found = []
    for one in run(wanted.folder, wanted.each, wanted.seed, wanted.kind, 1 if wanted.all_pieces else 8):
        found.append(one)
        if one[1] in ("broken", "said"):
            print(f"{one[0]}: {one[2]}: {one[3]}", file=sys.stderr, flush=True)
    print(table(found))
    sys.exit(any(one[1] == "broken" for one in found))
