"""One notebook as one self-contained HTML file, with the files beside it and how it is cited."""

from __future__ import annotations

from typing import Any

from .notebook import nbformat  # before nbconvert, which would import it slowly
from .project import Project

# isort: split

import re
from functools import lru_cache
from html import escape
from pathlib import Path

from nbconvert.exporters import TemplateExporter

from .. import __version__
from ..evidence.as_typed import contents
from ..evidence.key_file import read_keys
from ..evidence.schema import topic_keys
from ..page.glossary import terms
from ..plots import FIGURE_CSS, FOREST_CSS
from .cite import FEED, Citation, sentence
from .downloads import downloads
from .embed import frame
from .execute import read_notebook
from .faults import page_faults, source_faults
from .figure_files import drawn_in, evidence_of, with_files
from .headings import heading, label
from .layers import sections
from .lighter import lighter, plain_sheet, shared_styles
from .links import jumps, page_links
from .markdown import to_html
from .memory import recall
from .outputs import shown
from .project import SiteError
from .scripts import policy, scripts
from .tables import finish_tables
from .terms import explained

HERE = Path(__file__).parent
CITED = ("stem", "title", "sentence", "edited", "version", "checksum")


def made(project: Project, path: Path, links: Any) -> dict:
    """Return a page as plain values: its HTML, what its citation is made of, its files, its faults.

    Parameters
    ----------
    project : Project
    path : Path
        The notebook.
    links : sequence of (str, str)
        Name and label of every page of the site, in order.
    """
    try:
        nb = read_notebook(path)
        html, drawn = page(project, path, nb, links, drawn_in(recall(project, path)))
        faults = page_faults(html, nb, dict(links))
    except SiteError as error:
        return {"faults": list(error.problems)}
    cited = citation(project, path, nb)
    files = [*cited.files(), *drawn]
    return {
        "faults": faults,
        "html": html,
        "cited": {name: getattr(cited, name) for name in CITED},
        "files": [{"name": file.name, "content": file.content, "made_of": file.made_of} for file in files],
    }


def page(project: Project, path: Path, nb: Any, links: Any, before: Any = None) -> tuple[str, list]:
    """Return the HTML of one notebook, and the files of its figures; `before` as in `figure_files.with_files`."""
    faults = source_faults(nb)
    if faults:
        raise SiteError(faults)
    nb = nbformat.from_dict(nb)
    here, review = project.page_name(path), project.review
    provenance = provenance_line(project, path, nb)
    _fill(nb, path.parent, provenance)
    files = _with_files(nb, path.stem, project, before)
    cited, made = citation(project, path, nb), nb.metadata.get("reviewlib", {}).get("made_with", {})
    content = "".join(o["html"] for cell in nb.cells for o in cell.metadata.get("page_outputs", []))
    run = scripts(content)
    resources = {
        "page": {
            "policy": escape(policy(run), quote=False),
            "title": f"{cited.title} - {review.title}" if here != "index.html" else cited.title,
            "language": review.language,
            "description": cited.sentence or review.description,
            "icon": {"letters": review.icon[0][:3], "colour": review.icon[1]},
            "notice": review.notice,
            "site_name": review.title,
            "address": cited.address,
            "card": _card(review, files),
            "css": plain_sheet("\n".join([*_sheets(), FIGURE_CSS, FOREST_CSS])),
            "links": [{"href": name, "label": text, "here": name == here} for name, text in links],
            "sections": sections(nb.cells),
            "code": any(cell.metadata.get("page_code") for cell in nb.cells),
            "provenance": provenance,
            "versions": ", ".join(f"{name} {number}" for name, number in made.items()),
            "scripts": run,
            "facts": cited.json_ld(),
            "citation": cited.text,
            "files": [{"href": file.name, "words": file.words} for file in cited.files()],
            "feed": FEED,
        }
    }
    exporter = TemplateExporter(template_file=str(HERE / "page.html.j2"))
    html, _ = exporter.from_notebook_node(nb, resources)
    html = jumps(page_links(html, here, {name for name, _ in links}, project))
    return shared_styles(explained(html, terms(review))), files


def citation(project: Project, path: Path, nb: Any) -> Citation:
    """Return how a page is cited, from its title, its bottom line, and the tables it rests on."""
    outputs = "".join(shown(output)[1] for cell in nb.cells for output in cell.get("outputs", []))
    return Citation(
        stem=project.page_name(path).removesuffix(".html"),
        title=heading(path) or label(project, path),
        review=project.review,
        sentence=sentence(outputs),
        edited="" if outdated(nb, project) else _latest(project, project.topics_of(path), "edited"),
        version=__version__,
        checksum=made_from(nb, project),
    )


def _card(review, files) -> str:
    """Return the address of the picture that stands for a page elsewhere: its first forest; empty without a site."""
    first = next((file.name for file in files if file.name.endswith(".page.png")), "")
    return f"{review.site.rstrip('/')}/{first}" if review.site and first else ""


def _sheets() -> list[str]:
    """Return the style sheets, the general one first."""
    found = sorted(HERE.glob("*.css"), key=lambda path: (path.name != "page.css", path.name))
    return [path.read_text(encoding="utf-8") for path in found]


def _fill(nb, folder, provenance):
    """Give every cell what the template shows: its HTML, its outputs, and the code that led to them."""
    ids, labels, waiting = {"content"}, {"Pages"}, []
    code_cells = [cell for cell in nb.cells if cell.cell_type == "code"]
    for cell in nb.cells:
        if cell.cell_type == "markdown":
            html = finish_tables(to_html(cell.source, folder=folder, ids=ids), labels)
            if provenance and "</h1>" in html:
                html = html.replace("</h1>", f'</h1>\n<p class="provenance">{provenance}</p>', 1)
                provenance = ""
            cell.metadata.page_html = html
        elif cell.cell_type == "code":
            cell.metadata.page_outputs = [
                {"kind": kind, "html": lighter(finish_tables(html, labels))} for kind, html in map(shown, cell.outputs)
            ]
            # Code that shows nothing is told together with the next result, or at the end of the page.
            waiting.append(cell.source)
            done = cell.outputs or cell is code_cells[-1]
            cell.metadata.page_code = "\n\n".join(filter(None, waiting)) if done else ""
            waiting = [] if done else waiting


def _with_files(nb, stem, project, before) -> list:
    """Put links to files under the figures of a page, and return the files."""
    found, evidence = [], None
    made = nb.metadata.get("reviewlib", {})
    outputs = (out["html"] for cell in nb.cells for out in cell.metadata.get("page_outputs", ()))
    drawn = any(mark in html for html in outputs for mark in (' data-figure="', ' data-drawn="'))
    if drawn and made.get("evidence") == project.evidence(made.get("reads")):
        evidence = evidence_of(project.root / "evidence", project.evidence())
    for cell, files in zip(nb.cells, downloads(nb, stem, project.review, evidence, before), strict=True):
        _offer(cell, files, project.review)
        found += [file for mine in files for file in mine]
        for output in cell.metadata.get("page_outputs", ()):
            output["html"], more = with_files(output["html"], stem, evidence, before)
            found += more
    return found


def _offer(cell, files, review):
    """Put the links to the files of each figure under its picture."""
    for output, mine in zip(cell.metadata.get("page_outputs", ()), files, strict=False):
        parts = re.split(r'(<figure class="plot-figure.*?)</figure>', output["html"], flags=re.DOTALL)
        for number in range(len(parts) // 2):
            here = [file for file in mine if file.figure == number]
            links, paste = [f'<a href="{escape(file.name)}" download>{file.words}</a>' for file in here], ""
            if here:
                stem = here[0].name.removesuffix(".svg")
                name, paste = f"figure-{Path(stem).name}", frame(review, stem, "Figure")
                parts[2 * number + 1] = parts[2 * number + 1].replace("<figure ", f'<figure id="{name}" ', 1)
                links.append(f'<a href="#{name}">Link to this figure</a>')
            parts[2 * number + 1] += f'<p class="downloads">Download this figure: {" ".join(links)}</p>{paste}</figure>'
        output["html"] = "".join(parts)


def provenance_line(project: Project, path: Path, nb: Any) -> str:
    """Return, as HTML, what the page rests on: dates of its topic, checksum of the tables, version of the library."""
    folders = project.topics_of(path)
    searched, edited = _latest(project, folders, "searched"), _latest(project, folders, "edited")
    parts = [f"Last search {searched}"] if searched else []
    parts += [f"tables edited {edited}"] if edited else []
    if outdated(nb, project):
        parts = ["The tables have changed since this page was computed, and it shows the earlier numbers"]
    dates = " · ".join(parts)
    made = f"data <code>{made_from(nb, project)[:12]}</code> · version {escape(__version__)}"
    # A phone has no room for the checksum, which is in the footer, nor for dates that the box of the answer has too.
    said = dates[:1].upper() + dates[1:]
    said = said if outdated(nb, project) else f'<span class="edited">{said}</span>'
    return f'{said}<span class="at-desk"> · {made}</span>' if dates else made


def made_from(nb: Any, project: Project) -> str:
    """Return the checksum of the tables that the outputs of a page were computed from."""
    made = nb.metadata.get("reviewlib", {})
    return made.get("evidence") or project.evidence(made.get("reads"))


def outdated(nb: Any, project: Project) -> bool:
    """Tell whether the tables are other ones than those that the outputs of a page were computed from."""
    made = nb.metadata.get("reviewlib", {})
    return made.get("evidence") not in (None, project.evidence(made.get("reads")))


def _latest(project, topics, key) -> str:
    paths = [project.root / "evidence" / topic / "topic.yml" for topic in topics]
    dates = [str(_topic_info(path.name, contents(path)[0] or b"").get(key)) for path in paths]
    return max((date for date in dates if re.fullmatch(r"\d{4}-\d\d-\d\d", date)), default="")


@lru_cache(maxsize=256)
def _topic_info(name, data) -> dict:
    return read_keys(data, name, topic_keys()).info
