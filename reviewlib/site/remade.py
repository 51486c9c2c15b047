"""Is every number on the built pages given by the tables? Each page is made again, and the two are compared in order.

A page is made from its notebook as this checkout executed it; a notebook that anybody touched since is executed anew,
on a copy. What is compared is all that a reader or a screen reader meets: words, cells, captions, titles of pictures,
alternative texts, descriptions. A number that only the built page has was put there by hand.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from lxml import html as lxml_html

from ..errors import EvidenceError
from ..evidence.folder import read_folder
from ..evidence.load import load_evidence
from ..evidence.looked_at import without_looked_at
from ..evidence.spoken import spoken_problems
from ..meaning.reasons import unheld_reasons
from .asserted import names_of, typed, unsupported
from .build import links_of, pages_of
from .execute import TIMEOUT, is_current, read_notebook, run_all
from .inputs import snapshot
from .links import settled
from .pages import page
from .project import Project

NUMBER = re.compile(r"[−-]?[\d½¼¾⅓⅔](?:[\d.,]*\d)?(?:\s?%)?")
MOST = 10  # numbers named per page; the rest is counted
_WORDS = ("alt", "aria-label", "aria-description", "title", "content", "summary", "placeholder", "value", "label")


def unmade(
    project: Project, notebooks: Sequence[Path], *, jobs: int = 2, timeout: int = TIMEOUT, say: Any = lambda line: None
) -> list[str]:
    """Return one sentence per number of the built pages that no cell gives, and per number that somebody typed.

    Parameters
    ----------
    project : Project
    notebooks : sequence of Path
    jobs : int
        Notebooks at work at once.
    timeout : float
        Seconds for one notebook.
    say : callable
        Receives one line of progress at a time.

    Returns
    -------
    list of str
        Each names page, number, the words around it, the cell and the remedy; empty where all is accounted for.

    Raises
    ------
    EvidenceError
        Where no site is built.
    """
    fresh, faults = _executed(project, notebooks, jobs, timeout, say)
    names, links, pages = names_of(project.root / "evidence"), links_of(project), {}
    for path, (nb, _) in fresh.items():
        said = [*unsupported(nb.cells, names), *typed(nb.cells, names)]
        faults += [f"notebooks/{path.name}: {fault}" for fault in said]
    known = [path for path, (_, here) in fresh.items() if here]
    for path, made in pages_of(project, known, links, jobs=jobs, say=say).items():
        faults += [f"notebooks/{path.name}: {fault}" for fault in made["faults"]]
        pages |= {path: made["html"]} if not made["faults"] else {}
    pages |= {path: page(project, path, nb, links)[0] for path, (nb, here) in fresh.items() if not here}
    made = {project.page_name(path): html for path, html in pages.items()}
    for path, html in zip(pages, (settled(made) if len(made) == len(links) else made).values(), strict=True):
        faults += compared(project.site / project.page_name(path), html, outputs_of(path, fresh[path][0]))
    return faults


def _executed(project, notebooks, jobs, timeout, say) -> tuple[dict[Path, tuple[Any, bool]], list[str]]:
    """Return notebook and whether it is the file as it lies there, by path, and what could not be executed."""
    files = snapshot(project)
    known = {path for path in notebooks if is_current(project, path, files)}
    found = {path: (read_notebook(path), True) if path in known else None for path in notebooks}
    new, faults = [path for path in notebooks if path not in known], []
    if new:
        say(f"executing {', '.join(path.stem for path in new)} again, to compare ...")
    for path, nb, fault in run_all(new, project, jobs=jobs, timeout=timeout, say=say):
        found[path], faults = (None, [*faults, fault]) if fault else ((nb, False), faults)
    return {path: pair for path, pair in found.items() if pair}, faults


def strangers(project: Project) -> list[str]:
    """Return one sentence per page of the built site that no notebook makes."""
    made = {project.page_name(path) for path in project.notebooks()}
    there = sorted(path.name for path in project.site.glob("*.html"))
    return [
        f"_site/{name}: no notebook makes this page. Delete it, or build the site again (reviewlib render)"
        for name in there
        if name not in made
    ]


def unheld(project: Project) -> list[str]:
    """Return one sentence per result in the words of a topic.yml, a claim or a reason that nothing holds."""
    folder = read_folder(project.root / "evidence")
    found = spoken_problems(folder)
    said = [str(problem) for problem in without_looked_at(folder, found)[0] if problem in found]
    try:
        evidence = load_evidence(project.root / "evidence")
    except EvidenceError:  # such tables stop every page that reads them, with their faults
        return said
    for name in evidence.topics:
        for table, row, column, number in unheld_reasons(evidence[name]):
            rule = f"{number} is not among the findings of its comparison, and in no row that it names"
            remedy = "Compute it again, name the row that holds it in rests_on, or take the number out"
            if table == "decisions":
                rule = f"{number} is among no findings of this topic, and in no row of it"
                remedy = "Compute it again, add the row that holds it, or take the number out"
            said.append(f"{name}/{table}.csv, column {column} ({row}): {rule}. {remedy}")
    return said


def cells_of(project: Project) -> dict[str, list[str]]:
    """Return, page by page, the cell that made each output."""
    return {project.page_name(path): outputs_of(path, read_notebook(path)) for path in project.notebooks()}


def outputs_of(path: Path, nb: Any) -> list[str]:
    """Return, for each output of a notebook in order, the cell that made it."""
    return [
        f"cell {number} of notebooks/{path.name}"
        for number, cell in enumerate(nb.cells, 1)
        for _ in cell.get("outputs", ())
    ]


def compared(built: Path, made: str, cells: Sequence[str] = ()) -> list[str]:
    """Return one sentence per number of a built page that the page made again does not have in that place.

    Parameters
    ----------
    built : Path
        The file in the site.
    made : str
        HTML of the page as the tables and the code give it.
    cells : sequence of str
        For each output of the page, the cell that made it.
    """
    if not built.is_file():
        raise EvidenceError(f"{built} is missing: build the site first (reviewlib render)")
    text = built.read_bytes().decode("utf-8", errors="replace")
    if text == made:
        return []
    there, wanted = (list(_pieces(lxml_html.document_fromstring(page))) for page in (text, made))
    strange = list(_strange(there, [numbers for numbers, *_ in wanted]))
    remedy = (
        "no cell gives this number from the tables. Build the page again (reviewlib render); a number that "
        "belongs here is a cell of a table, or stands in prose and is asserted by the cell after it"
    )
    found = [
        f"_site/{built.name}: {number!r} in {words!r}{_where(element, cells)}: {remedy}"
        for number, words, element in strange[:MOST]
    ]
    if len(strange) > MOST:
        found.append(f"_site/{built.name}: and {len(strange) - MOST} more numbers like these")
    return found


def _strange(there, wanted) -> Iterator[tuple[str, str, Any]]:
    """Yield (number, words around it, element) of what the built page has, and the other has not in this order."""
    mine = [numbers for numbers, *_ in there]
    shorter = min(len(mine), len(wanted))
    start = next((i for i in range(shorter) if mine[i] != wanted[i]), shorter)
    end = next((i for i in range(shorter - start) if mine[-1 - i] != wanted[-1 - i]), shorter - start)
    matcher = SequenceMatcher(None, mine[start : len(mine) - end], wanted[start : len(wanted) - end], autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            continue
        left = Counter(number for numbers in wanted[start + c : start + d] for number in numbers)
        blocks = there[start + a : start + b]
        moved = not Counter(number for numbers, *_ in blocks for number in numbers) - left
        for numbers, words, element in blocks:
            for number in numbers:
                if not moved and left[number] > 0:
                    left[number] -= 1
                else:
                    yield number, words, element


def _pieces(root) -> Iterator[tuple[tuple[str, ...], str, Any]]:
    """Yield (numbers, words, element) of every text and every read attribute with a number, in order."""
    for element in root.iter():
        if isinstance(element.tag, str):
            shown = element.tag not in ("script", "style") or element.get("type") == "application/ld+json"
            texts = [element.text if shown else "", *(element.get(name) for name in _WORDS)]
        else:
            texts = []
        for text in (*filter(None, texts), element.tail):
            numbers = tuple(NUMBER.findall(text or ""))
            if numbers:
                yield numbers, " ".join(text.split())[:80], element


def _where(element, cells) -> str:
    """Return where an element of a page is: the cell whose output it is, else the heading before it."""
    output = element.xpath("ancestor-or-self::div[contains(concat(' ', @class, ' '), ' output ')][1]")
    if output:
        number = int(output[0].xpath("count(preceding::div[contains(concat(' ', @class, ' '), ' output ')])"))
        return f", from {cells[number]}" if number < len(cells) else ""
    heading = element.xpath("(preceding::*[self::h1 or self::h2 or self::h3])[last()]")
    return f", under {' '.join(' '.join(heading[0].itertext()).split())[:60]!r}" if heading else ""
