"""What the manual is made of: the reference from docstrings, code blocks that run, and the arrows between rooms.

``python docs/making.py`` writes anew what follows from the code in the pages that are written by hand: what the code
blocks and commands of the guides print, and the table of arrows in architecture.md. Sphinx calls the rest, see conf.py;
tests read the same tables, so that a public name, a picture or an arrow cannot be forgotten.
"""

import ast
import contextlib
import csv
import importlib
import inspect
import io
import os
import pkgutil
import re
import shlex
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

HERE = Path(__file__).resolve().parent
PACKAGE = HERE.parent / "reviewlib"
MADE = HERE / "_made"
SOURCE = re.compile(r"\b[a-z]+\d{4}\w*\b")  # an id of sources.csv, as docstrings cite it
BLOCK = re.compile(r"^```python\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", re.MULTILINE | re.DOTALL)

# Chapters of the reference: title, what is in it, public names of the package.
CHAPTERS = {
    "evidence": ("Evidence", "Tables as typed, checked and loaded.", "load_evidence Evidence Topic Problem"),
    "effects": (
        "Effects",
        "From a printed number to an estimate and its variance.",
        "effect_sizes study_effects align back_transform combine_within",
    ),
    "synthesis": (
        "Synthesis",
        "Pooling and its uncertainty.",
        "house_rule meta_analysis mantel_haenszel peto bayesian TauPrior empirical_prior multilevel robust "
        "impute_covariance correlation_sensitivity cace",
    ),
    "moderators": ("Moderators", "What effects depend on.", "meta_regression subgroups"),
    "robustness": (
        "What could change an answer",
        "Other rules, other rows, missing evidence.",
        "sensitivity leave_one_out leave_two_out cumulative influence baujat gosh bootstrap coverage_simulation "
        "multiverse egger begg peters harbord funnel_smd "
        "trim_and_fill pet_peese selection_model e_value",
    ),
    "meaning": (
        "Meaning",
        "Findings, certainty and the sentence that it allows.",
        "finding findings summary_of_findings certainty statement appropriateness compare_rules class_stability "
        "round_change necessity",
    ),
    "errors": (
        "Refusals and warnings",
        "Each says what to write instead.",
        "EvidenceError ConversionError TooFewStudiesError MethodWarning",
    ),
    "results": (
        "Results",
        "Every result prints as a sentence and has a table, a frame and JSON.",
        "Interval from_json MetaAnalysis MetaRegression Multilevel",
    ),
}
# Rooms of functions that are reached as `rl.convert.sd_from_ci`.
ROOMS = {
    "convert": ("Conversions", "Recover n, mean and standard deviation from what a paper reports."),
    "batch": ("Many meta-analyses at once", "The kernel under every synthesis."),
    "plots": ("Figures", "Drawn from computed results; each is shown in the [gallery](../gallery.md)."),
    "page": ("Pages", "One call a cell of a notebook."),
}


def sources() -> dict[str, str]:
    """Return id -> link for every method paper that a docstring may cite, from the table of sources."""
    with (HERE.parent / "evidence" / "sources.csv").open(newline="", encoding="utf-8") as handle:
        rows = [row for row in csv.DictReader(handle) if row["kind"] in ("method-paper", "software", "panel-report")]
    found = {}
    for row in rows:
        where = f"https://doi.org/{row['doi']}" if row["doi"] else row["url"]
        label = f"{row['authors'].split(',')[0].removesuffix(' et al.')} {row['year']}, {row['title']}"
        label = re.sub(r"[`<>\\]", "", label)
        found[row["source_id"]] = f"`{label} <{where}>`__" if where else label
    return found


def results() -> list[type]:
    """Return every public class of results, by name."""
    for module in pkgutil.walk_packages([str(PACKAGE)], "reviewlib."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    from reviewlib.results import Result

    found, left = {}, [Result]
    while left:
        for kind in left.pop().__subclasses__():
            left.append(kind)
            # A class with slots is made twice: the one that its module holds is meant.
            found[kind.__name__] = getattr(importlib.import_module(kind.__module__), kind.__name__, kind)
    return [found[name] for name in sorted(found) if not name.startswith("_")]


def _entry(path: str, thing) -> str:
    """Return the directive that documents one object under the name by which it is reached."""
    if inspect.isclass(thing):
        return f".. autoclass:: {path}\n   :members:\n   :exclude-members: __init__\n"
    return f".. autofunction:: {path}\n" if callable(thing) else f".. autodata:: {path}\n   :no-value:\n"


def _page(title: str, lead: str, entries: list[str]) -> str:
    lead = re.sub(r"\[(\w+)\]\(\.\./(\w+)\.md\)", r":doc:`\1 </\2>`", lead)
    return "\n".join([title, "=" * len(title), "", lead, "", *entries])


def reference() -> dict[str, str]:
    """Return the pages of the reference, name -> reStructuredText."""
    import reviewlib as rl

    pages, seen = {}, set()
    for name, (title, lead, members) in CHAPTERS.items():
        things = [getattr(rl, member) for member in members.split()]
        seen |= {thing for thing in things if inspect.isclass(thing)}
        entries = [_entry(f"reviewlib.{member}", getattr(rl, member)) for member in members.split()]
        pages[name] = _page(title, lead, entries)
    pages["results"] += "\n".join(
        ["", *(_entry(f"{kind.__module__}.{kind.__name__}", kind) for kind in results() if kind not in seen)]
    )
    for room, (title, lead) in ROOMS.items():
        module = importlib.import_module(f"reviewlib.{room}")
        entries = []
        for name in sorted(getattr(module, "__all__", ())):
            thing = getattr(module, name)
            if inspect.ismodule(thing):
                own = {n: f for n, f in inspect.getmembers(thing, inspect.isfunction) if f.__module__ == thing.__name__}
                entries += [_entry(f"{thing.__name__}.{n}", f) for n, f in own.items() if not n.startswith("_")]
            else:
                entries.append(_entry(f"reviewlib.{room}.{name}", thing))
        pages[room] = _page(title, lead, entries)
    return pages


def drawn(text: str, folder: Path) -> str:
    """Return a page of the manual with the picture of each code block under it; the blocks share their names.

    A block that leaves a figure or axes in `shown` is a picture; its alternative text is `alt`.
    """
    from reviewlib import plots

    names, number = {}, 0
    folder.mkdir(parents=True, exist_ok=True)

    def run(found):
        nonlocal number
        names.pop("shown", None)
        exec(compile(found[1], "<gallery>", "exec"), names)
        shown = names.get("shown")
        if shown is None:
            return found[0]
        if isinstance(shown, str):
            return f"{found[0]}\n```{{raw}} html\n{shown}\n```\n"
        number += 1
        figure = getattr(shown, "figure", shown)
        (folder / f"{number:02d}.png").write_bytes(plots.png(figure, dpi=130))
        alt = re.sub(r"[\[\]\n]+", " ", names["alt"])
        return f"{found[0]}\n![{alt}]({folder.name}/{number:02d}.png)\n"

    return BLOCK.sub(run, text)


def answered(text: str) -> str:
    """Return a guide with what each of its code blocks prints under it; the blocks share their names."""
    names = {}

    def run(found):
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(compile(found[1], "<guide>", "exec"), names)
        said = "\n".join(line.rstrip() for line in out.getvalue().splitlines())
        return f"```python\n{found[1]}```\n" + (f"\n```text\n{said}\n```\n" if said else "")

    return BLOCK.sub(run, text)


FENCE = re.compile(r"^```(csv|yaml|console|python|text) ?([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HOME = "<your folder>"  # what a capture shows for the place where the reader works


def followed(text: str, folder: Path, *, render: bool = False) -> str:
    """Return a guide as it turns out for somebody who follows it in an empty folder.

    Files are written as their blocks say, in the columns of today; commands run, and their captures become what they
    print. `reviewlib render`, which takes half a minute, runs only with `render`.
    """
    walk = _Walk(folder.resolve(), render)
    made = FENCE.sub(walk.block, text)
    os.chdir(walk.before)
    return made


class _Walk:
    def __init__(self, root: Path, render: bool):
        self.root, self.render, self.before = root, render, Path.cwd()
        self.headers: dict[str, list[str]] = {}
        self.answer: str | None = None
        os.chdir(root)

    def block(self, found) -> str:
        kind, name, body = found.groups()
        if kind == "text" and self.answer is not None:
            body, self.answer = self.answer, None
        elif kind == "console":
            body = "".join(self._command(part) for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:])
        elif kind == "python" and name == "evidence":
            done = subprocess.run([sys.executable, "-c", body], capture_output=True, text=True, check=True)
            self.answer = done.stdout
        elif kind == "csv" and name.startswith("row "):
            body = self._row(name.removeprefix("row "), body)
        elif name and kind in ("csv", "yaml"):
            body = self._fitted(name, body) if kind == "csv" and name.startswith("evidence/") else body
            Path(name).write_text(body, encoding="utf-8", newline="\n")
        return f"```{kind}{' ' * bool(name)}{name}\n{body}```"

    def _fitted(self, name: str, body: str) -> str:
        """Return a table in the columns of today; a column that is new is empty."""
        from reviewlib.evidence.schema import schemas

        header, *rows = csv.reader(io.StringIO(body))
        self.headers[name] = header
        return _csv(schemas()[Path(name).stem].names, [dict(zip(header, row, strict=True)) for row in rows], head=True)

    def _row(self, name: str, body: str) -> str:
        """Put one row in the place of that of the same id, and return it in the columns of the file."""
        path = Path(name)
        names, *rows = csv.reader(io.StringIO(path.read_text(encoding="utf-8")))
        (cells,) = csv.reader(io.StringIO(body))
        new = dict(zip(self.headers[name], cells, strict=True))
        kept = [dict(zip(names, row, strict=True)) for row in rows]
        assert new[names[0]] in [row[names[0]] for row in kept], f"{name} has no row {new[names[0]]}"
        rows = [new if row[names[0]] == new[names[0]] else row for row in kept]
        path.write_text(_csv(names, rows, head=True), encoding="utf-8", newline="\n")
        return _csv(names, [new], head=False)

    def _command(self, part: str) -> str:
        command, _, before = part.partition("\n")
        words, said = shlex.split(command), ""
        if words[0] == "cd":
            os.chdir(words[1])
        elif words[:2] == ["reviewlib", "render"] and not self.render:
            said = before
        elif words[0] == "reviewlib":
            said = self._reviewlib(words[1:])
        else:
            who = {
                f"GIT_{role}_{key}": value
                for role in ("AUTHOR", "COMMITTER")
                for key, value in (("NAME", "Example"), ("EMAIL", "example@example.org"))
            }
            subprocess.run(words, check=True, env=os.environ | who, capture_output=True)
        said = said.replace(self.root.as_posix(), HOME)
        return f"$ {command}\n{re.sub(r'HEAD .[0-9a-f]+.', 'HEAD (1f0e5c2a7b)', said)}"

    @staticmethod
    def _reviewlib(words: list[str]) -> str:
        from reviewlib import cli

        out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
            cli.main(words)
        said = out.buffer.getvalue().decode("utf-8")
        return "".join(f"{line.rstrip()}\n" for line in said.rstrip().splitlines())


def _csv(names, rows, head: bool) -> str:
    out = io.StringIO()
    table = csv.DictWriter(out, names, restval="", lineterminator="\n")
    if head:
        table.writeheader()
    table.writerows(rows)
    return out.getvalue()


def arrows() -> dict[str, list[str]]:
    """Return room -> the rooms that it imports, as the code has it; a module beside the rooms is a room of its own."""
    found = {}
    for path in PACKAGE.rglob("*.py"):
        parts = ("reviewlib", *path.relative_to(PACKAGE).with_suffix("").parts)
        if parts[1] in ("__init__", "__main__"):
            continue
        there = found.setdefault(parts[1], set())
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                base = list(parts[: len(parts) - node.level]) if node.level else []
                base += node.module.split(".") if node.module else []
                names = [base + [alias.name] for alias in node.names]
            elif isinstance(node, ast.Import):
                names = [alias.name.split(".") for alias in node.names]
            else:
                continue
            there |= {name[1] for name in names if name[0] == "reviewlib" and len(name) > 1}
    rooms = set(found)
    return {room: sorted((there & rooms) - {room}) for room, there in sorted(found.items())}


def arrows_table(text: str) -> str:
    """Return the arrows between rooms as a table; the modules of the first row of the rooms are left out."""
    listed, common = arrows(), set(re.findall(r"`(\w+)`", text[text.index("| `") :].split("\n")[0].split(" | ")[0]))
    lines = ["| Room | imports |", "| --- | --- |"]
    for room, there in listed.items():
        if room not in common:
            told = ", ".join(f"`{name}`" for name in there if name not in common)
            lines.append(f"| `{room}` | {told or 'no other'} |")
    return "\n".join(lines)


def with_arrows(text: str) -> str:
    """Return architecture.md with its table of arrows as the code has them."""
    marks = "<!-- arrows: start -->\n", "\n<!-- arrows: end -->"
    start, end = text.index(marks[0]) + len(marks[0]), text.index(marks[1])
    return text[:start] + arrows_table(text) + text[end:]


def in_step(*, render: bool = False) -> dict[Path, str]:
    """Return what follows from the code in the pages that are written by hand: path -> text as it should be."""
    page = HERE / "architecture.md"
    found = {page: with_arrows(page.read_text(encoding="utf-8"))}
    for path in sorted((HERE / "guides").glob("*.md")):
        with TemporaryDirectory() as folder:
            found[path] = followed(answered(path.read_text(encoding="utf-8")), Path(folder), render=render)
    return found


if __name__ == "__main__":
    from reviewlib.files import write_all

    write_all(in_step(render="--render" in sys.argv))
