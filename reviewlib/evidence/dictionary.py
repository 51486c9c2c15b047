"""evidence/README.md: the data dictionary and the editorial rules, generated from the schemas.

``python -m reviewlib.evidence.dictionary [FOLDER]`` writes README.md and datapackage.json of an evidence folder anew,
and CITATION.cff beside it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from ..errors import told
from ..files import write_all
from .citation import cff
from .package import about, as_json, datapackage, topics_in
from .schema import Column, Schema, review_keys, schemas, topic_keys


def readme(folder: Path) -> str:
    """Return the data dictionary of an evidence folder as Markdown."""
    licence = about(folder).get("licence")
    opening, rules = Path(__file__).with_suffix(".md").read_text(encoding="utf-8").split("\n\n## ", 1)
    parts = [f"{opening}\n", *([f"Licence of the tables: {licence}.\n"] if licence else []), f"## {rules}"]
    parts += ["## Where the tables are\n", _contents(folder)]
    parts += [_chapter(schema) for schema in schemas().values()]
    told = "The question, the outcomes, the comparisons and the plan of a topic."
    parts.append(_key_chapter("topic.yml", told, topic_keys()))
    told = "Whose review this is: title, authors, pages in their order, words. Without it the pages name no author."
    parts.append(_key_chapter("review.yml", told, review_keys()))
    return "\n".join(parts)


def _contents(folder: Path) -> str:
    lines = []
    for schema in schemas().values():
        places = [""] if schema.scope == "shared" else [f"{topic}/" for topic in topics_in(folder)]
        files = [f"{place}{schema.name}.csv" for place in places if (folder / place / f"{schema.name}.csv").exists()]
        links = ", ".join(f"[{file}]({file})" for file in files) or "no topic uses it yet"
        lines.append(f"* [{schema.title}](#{schema.name}): {links}")
    return "\n".join(lines) + "\n"


def _chapter(schema: Schema) -> str:
    name = f"`{schema.name}.csv`" if schema.scope == "shared" else f"`<topic>/{schema.name}.csv`"
    key = f" Key: {', '.join(f'`{column}`' for column in schema.key)}." if schema.key else ""
    lines = [f'## <a id="{schema.name}"></a>{schema.title}', "", f"{name}. {schema.description}{key}", ""]
    lines += ["| Column | Type | Meaning | Example |", "| --- | --- | --- | --- |"]
    lines += [_row(column) for column in schema.columns]
    return "\n".join(lines) + "\n"


def _row(column: Column) -> str:
    words = {
        "required": column.required,
        "unique": column.unique,
        "may be left out": column.optional,
        "one of the words of topic.yml": column.words,
    }
    kind = ", ".join([column.type, *(word for word, true in words.items() if true)])
    if column.minimum is not None or column.maximum is not None:
        kind += ", " + _limits(column)
    meaning = f"**{column.title}.** {column.description.rstrip(' .')}."
    if column.enum:
        meaning += f" One of: {', '.join(f'`{word}`' for word in column.enum)}."
    if column.references:
        meaning += f" Refers to `{column.references}`."
    example = f"`{column.example}`" if column.example else ""
    return "| " + " | ".join(text.replace("|", "\\|") for text in (f"`{column.name}`", kind, meaning, example)) + " |"


def _limits(column: Column) -> str:
    if column.maximum is None:
        return f"at least {column.minimum:g}"
    return f"{column.minimum:g} to {column.maximum:g}"


def _key_chapter(file: str, told: str, keys: dict) -> str:
    lines = [f"## {file}", "", told, "", "| Key | Type | Meaning |", "| --- | --- | --- |"]
    for name, words in keys.items():
        lines += _key_rows(name, words)
    return "\n".join(lines) + "\n"


def _key_rows(name: str, words: dict) -> list[str]:
    """Return the row of a key and the rows of the keys inside it."""
    rows = [_key_row(name, words)]
    for key, inner in words.get("each", {}).items():
        rows += _key_rows(f"{name.rstrip('?')}[].{key}", inner)
    for key, inner in words.get("keys", {}).items():
        rows += _key_rows(f"{name.rstrip('?')}.{key}", inner)
    return rows


def _key_row(name: str, words: dict) -> str:
    need = "" if name.endswith("?") else ", required"
    choice = f" One of: {', '.join(str(word or 'null') for word in words['enum'])}." if "enum" in words else ""
    return f"| `{name.rstrip('?')}` | {words['type']}{need} | {words['description']}.{choice} |"


def written(folder: Path) -> dict[Path, str]:
    """Return the content of README.md and datapackage.json of an evidence folder by their paths."""
    return {folder / "README.md": readme(folder), folder / "datapackage.json": as_json(datapackage(folder))}


def write(folder: Path) -> None:
    """Write README.md and datapackage.json of an evidence folder, and CITATION.cff beside it."""
    cited = cff(folder)
    write_all(written(folder) | ({folder.resolve().parent / "CITATION.cff": cited} if cited else {}))


if __name__ == "__main__":
    sys.exit(told(write, Path(sys.argv[1] if len(sys.argv) > 1 else "evidence")))
