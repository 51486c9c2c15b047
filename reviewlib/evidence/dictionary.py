"""evidence/README.md: the data dictionary and the editorial rules, generated from the schemas.

``python -m reviewlib.evidence.dictionary [FOLDER]`` writes README.md and datapackage.json of an evidence folder anew,
and CITATION.cff beside it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from ..files import write_all
from .citation import cff
from .package import about, as_json, datapackage, topics_in
from .schema import Column, Schema, review_keys, schemas, topic_keys

_OPENING = """# Evidence tables

What was published, typed once, never computed. This page is made from `reviewlib/evidence/tables.yml` by
`python -m reviewlib.evidence.dictionary`. Check the tables with `reviewlib check`.
"""

_RULES = """## Editorial rules

1. **As printed.** A cell holds the value as the source prints it. Signs, units and directions are changed by code
   only: where a paper prints "2.9 points lower with treatment", the row holds 2.9 and `contrast` says `ctl-int`.
   A slip of the source stays in its row too; `corrections.csv` declares what is used instead and why.
2. **Empty means not reported.** Never 0, NA, or a dash. `007`, `0.10` and `NA` stay what was typed.
3. **Every number leads to its place.** `source_id` names the publication, `locator` the place in it, `read` how much
   of it was read.
4. **What was not reported by the trial itself is marked.** A result whose `status` is secondary, inferred or
   derived, whose `analysis_set` is as-treated, per-protocol, cace, observational or pooled, or whose `design` is
   cohort or review, enters a comparison as `main` only when `synthesis.csv` names every such mark in `accepts` and
   says why in `reason`. Results as treated or from cohorts are never main in a headline comparison; a review's pool
   is never an input of another pool.
5. **Nobody is counted twice.** Reports of one trial share its label; one trial enters a comparison at one time. Arms
   that share a control group are combined by code. Two labels with one author and year, one registration or the same
   numbers in both arms are refused as main results of one comparison.
6. **Nothing vanishes.** What is left out of the tables stands in `excluded.csv` with its reason; results known to
   exist that could not be had stand in `missing_results.csv`.
7. **A judgement names its judge.** A draft of ours is `draft` and judged by "one assessor".
8. **Citable sources only.** DOI, PubMed number or registry number; never a clinic's or company's page.

## Form

CSV with commas, UTF-8 without a byte-order mark, one header line, `\\n` line ends, no blank before or after a text.
Rows stand in plain text order of the key (`flow.csv` and `excluded.csv` keep their own order). Numbers are digits
with a point for the decimals and a plain hyphen for minus; percentages run from 0 to 100. Identifiers are lower-case
letters, digits and hyphens. Changes show best with `git diff --word-diff-regex='[^,]+'`.

`reviewlib check` enforces, beside types, allowed words and ranges: identifiers resolve and are unique; values lie on
the scale of their instrument; an interval contains its estimate; ratios are positive; events do not exceed people;
percentages follow from printed counts; certainty steps lead to the level; the flow adds up; the condition of a claim
is true; a claim cites a row or says why none can be cited, has the verdict of its like or says why not, and is no
stronger than the certainty of the rows it cites. It warns about what is legal but suspicious:

* an interval: off-centre for its estimate, against its P value, of another level than the arms give, of a level beside
  words such as Bonferroni or Tukey;
* arms: against the estimate in place or side, or against the side that did better; one arm with two means at one time;
  an arm ten times its neighbours; a row copied from another one; one control group counted twice;
* a standard deviation: one that looks like a standard error, is far from those of other trials on the instrument or of
  the other arm, or above what mean and scale allow;
* a mean that no whole-number scores of so many people have (GRIM), where `item_step` of the instrument is filled in;
* changes among final scores in a standardized difference;
* a year or a week in an identifier that its row contradicts, and a trial published before it was registered.

A warning that was looked at is answered in its row: `as printed (COLUMN): reason` in `notes` (in `reason` where a
table has no notes) when the source prints it so, `looked at (COLUMN): reason` otherwise; several columns are separated
by commas. It is then counted, not shown. Errors cannot be answered so, and an answer to no warning is reported.

`reviewlib check --fix` puts the form right (byte-order mark, line ends, blanks, order of rows), never a value; it shows
the difference first. `--format json`, `github` and `sarif` are for machines.
"""


def readme(folder: Path) -> str:
    """Return the data dictionary of an evidence folder as Markdown."""
    licence = about(folder).get("licence")
    opening = [_OPENING, f"Licence of the tables: {licence}.\n"] if licence else [_OPENING]
    parts = [*opening, _RULES, "## Where the tables are\n", _contents(folder)]
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
    return "| " + " | ".join(_cell(text) for text in (f"`{column.name}`", kind, meaning, example)) + " |"


def _limits(column: Column) -> str:
    if column.maximum is None:
        return f"at least {column.minimum:g}"
    return f"{column.minimum:g} to {column.maximum:g}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


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
    write(Path(sys.argv[1] if len(sys.argv) > 1 else "evidence"))
