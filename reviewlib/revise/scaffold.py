"""`reviewlib new topic NAME`: tables with their headers, a commented topic.yml, and a notebook that renders.

Everything is made from the dictionary, so a column or key that is added there is scaffolded from then on. All files
appear in one step, and no table or page that is there is overwritten.
"""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import wrap
from unicodedata import category

from ..evidence.dictionary import written
from ..evidence.labels import slug
from ..evidence.schema import schemas, topic_keys
from ..evidence.suspicions import UNWRITTEN
from ..files import copied, portable, write_all
from ..site.project import Project
from . import WrongUsage

_NUMBERS = ("results", "synthesis", "risk_of_bias", "adverse_events", "crossover", "pooled_published", "certainty")
TABLES = (*_NUMBERS, "decisions", "assumptions", "search", "flow", "excluded", "missing_results")
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_RESERVED = ("index", "topic")
_TOPIC_PAGE = Path(__file__).with_name("topic_page.j2")
# What cannot be left to the person who fills it in, because other keys refer to it.
_UNWRITABLE = ("Cc", "Cf", "Cn", "Cs", "Zl", "Zp")
_OUTCOME = {"id": "main-outcome", "label": None, "plain": None, "importance": 1, "benefit": True}
_COMPARISON = {"id": "main-comparison", "outcome": "main-outcome", "measure": "MD", "headline": True, "pool": False}
_COMPARISON |= dict.fromkeys(("title", "intervention", "comparator")) | {"pool_reason": "No results yet"}
_FIXED = {"kind": "structured evidence summary", "effect_of_interest": "assignment", "searched": None}
_FIXED |= {"searched_note": "Nothing was searched yet"}


def new_topic(project: Project, name: str, title: str | None = None, question: str | None = None) -> list[Path]:
    """Make a topic and return the paths that were written.

    Parameters
    ----------
    project : Project
        The checkout.
    name : str
        Identifier of the topic: its folder below ``evidence`` and the name of its notebook.
    title, question : str, optional
        Of topic.yml; to be written by hand where they are not given.

    Raises
    ------
    WrongUsage
        The name is no identifier, or is taken; title or question hold a sign that nobody sees.
    """
    from ..page.readme import in_step

    evidence, notebook = project.root / "evidence", project.root / "notebooks" / f"{name}.ipynb"
    _refuse(name, evidence / name, notebook)
    for what, words in (("title", title), ("question", question)):
        if words is not None and not words.strip():
            raise WrongUsage(f"the {what} is empty: write --{what} TEXT, or leave it out")
        shown_in_one_line(what, words or "")
    files = {f"{name}/{table}.csv": ",".join(schemas()[table].names) + "\n" for table in sorted(TABLES)}
    files[f"{name}/topic.yml"] = topic_yml(name, title, question)
    with TemporaryDirectory(prefix="reviewlib-") as scratch:  # what is generated needs the topic to be there
        copy = copied(evidence, Path(scratch) / "evidence")
        write_all({copy / file: text for file, text in files.items()}, durable=False)
        files |= {path.name: text for path, text in written(copy).items()}
        front = in_step(project.root / "README.md", copy)
    made = {evidence / file: text for file, text in files.items()}
    made[notebook] = notebook_json(name, title or name.replace("-", " ").capitalize())
    write_all(made | front)
    return [*made, *front]


def _refuse(name: str, folder: Path, notebook: Path) -> None:
    if not _ID.fullmatch(name):
        hint = f", like {slug(name)}" if slug(name) else ""
        raise WrongUsage(f"{name!r} is not a name: use lower-case letters, digits and single hyphens{hint}")
    if name in _RESERVED or name in schemas():
        raise WrongUsage(f"{name} is the name of a table or of a page of the site: choose another")
    if not portable(name):
        raise WrongUsage(f"no folder can be called {name} on Windows: choose another name")
    for path in (folder, notebook):
        if path.exists():
            raise WrongUsage(
                f"{path.parent.name}/{path.name} is there already: choose another name, or edit that topic"
            )


def topic_yml(name: str, title: str | None = None, question: str | None = None) -> str:
    """Return a topic.yml in which a comment explains each key and optional keys are comments."""
    given = _FIXED | {"id": name, "title": title, "question": question, "edited": date.today()}
    first = f"# The question, the outcomes and the comparisons of {name}. Replace every text that begins with"
    parts = [first, f'# "{UNWRITTEN}"; `reviewlib check` lists those that are left.', ""]
    for key, words in topic_keys().items():
        bare = key.rstrip("?")
        if bare in ("rand_view", "headline"):  # for topics of panel ratings
            continue
        entry = {"outcomes": _OUTCOME, "comparisons": _COMPARISON}.get(bare)
        if entry:
            parts += [*_comment(words["description"]), f"{bare}:", *_entry(words["each"], entry), ""]
        elif key.endswith("?") and bare not in given:
            parts += [*_comment(f"{bare} (optional): {words['description']}"), ""]
        else:
            parts += [*_comment(words["description"]), *_key(bare, words, given.get(bare)), ""]
    return "\n".join(parts).rstrip("\n") + "\n"


def _entry(keys: dict, values: dict) -> list[str]:
    lines = []
    for key, words in keys.items():
        bare = key.rstrip("?")
        choice = f" One of: {', '.join(words['enum'])}." if "enum" in words else ""
        if bare in values:
            lines += _comment(words["description"].rstrip(".") + "." * bool(choice) + choice, "    ")
            value = values[bare]
            lines += _key(bare, words, value, "  - " if not any(x.startswith("  - ") for x in lines) else "    ")
        else:
            lines += _comment(f"{bare} (optional): {words['description']}{choice}", "    ")
    return lines


def _key(name: str, words: dict, value, indent: str = "") -> list[str]:
    if value is None and words["type"] in ("list", "texts"):
        return [f"{indent}{name}:", f'{indent}  - "{UNWRITTEN} {_plain(words)}"']
    if value is None and words["type"] == "text":
        value = f"{UNWRITTEN} {_plain(words)}"
    if isinstance(value, str) and not re.fullmatch(r"[A-Za-z][a-z-]*|[A-Z]+", value):
        value = json.dumps(value, ensure_ascii=False)
    words_for = {None: "null", True: "true", False: "false"}
    shown = words_for[value] if value is None or isinstance(value, bool) else value
    return [f"{indent}{name}: {shown}"]


def _plain(words: dict) -> str:
    text = words["description"].replace('"', "'").rstrip(".")
    return text[:1].lower() + text[1:]


def _comment(text: str, indent: str = "") -> list[str]:
    return [f"{indent}# {line}" for line in wrap(text, 100)]


def notebook_json(name: str, title: str, template: Path = _TOPIC_PAGE) -> str:
    """Return a notebook from a template, by default that of a topic: every comparison through `page.each`."""
    cells = []
    for number, source in enumerate(_cells(name, title, template)):
        cell = {"id": f"{name[:40]}-{number:02d}", "metadata": {}, "source": source.splitlines(keepends=True)}
        code = source.startswith(("page.", "import "))
        kind = {"cell_type": "code", "execution_count": None, "outputs": []} if code else {"cell_type": "markdown"}
        cells.append(cell | kind)
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}, "title": title}
    made = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(made, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def shown_in_one_line(what: str, text: str) -> str:
    """Return a text; one with line ends, control characters, halves of characters or invisible signs is refused."""
    if any("\udc80" <= sign <= "\udcff" for sign in text):  # bytes that the system's encoding could not read
        text.encode()
    if wrong := next((sign for sign in text if category(sign) in _UNWRITABLE), None):
        raise WrongUsage(f"the {what} holds {wrong!a}, which cannot be shown in one line: write it without")
    return text


def escaped(text: str) -> str:
    """Return a text whose signs mean nothing to Markdown."""
    return re.sub(r"([\\`*_<>\[\]&$|#])", r"\\\1", text)


def _cells(name: str, title: str, template: Path) -> list[str]:
    text = template.read_text(encoding="utf-8")
    filled = text.replace("{{ name }}", name).replace("{{ title }}", escaped(title))
    return [part.strip() for part in re.split(r"^---$", filled, flags=re.MULTILINE) if part.strip()]
