"""Build the site: one self-contained HTML file a notebook, refused when anything was lost on the way."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path

import nbformat
import yaml
from nbconvert.exporters import TemplateExporter

from .. import __version__
from ..files import write_all
from ..page.glossary import terms
from ..plots import FIGURE_CSS, FOREST_CSS
from .cite import FEED, Citation, feed, sentence
from .downloads import FOLDERS, downloads
from .faults import page_faults, source_faults
from .lighter import lighter
from .links import jumps, page_links, settled
from .markdown import to_html
from .outputs import shown
from .project import SiteError
from .scripts import policy, scripts
from .tables import finish_tables
from .terms import explained

HERE = Path(__file__).parent


def build(project, notebooks, *, say=lambda line: None) -> list[Path]:
    """Write the pages of `notebooks` into the site folder and return their paths.

    Raises
    ------
    SiteError
        With every fault of every page; the site is then left as it was.
    """
    everything = project.notebooks()
    read = {path: nbformat.reads(path.read_text(encoding="utf-8"), as_version=4) for path in everything}
    links = [(project.page_name(path), label(project, path, nb)) for path, nb in read.items()]
    pages, files, cited, faults = {}, [], [], []
    for path in notebooks:
        try:
            html = page(project, path, read[path], links)
        except SiteError as error:
            faults += [f"notebooks/{path.name}: {fault}" for fault in error.problems]
            continue
        pages[project.page_name(path)] = html
        cited.append(citation(project, path, read[path]))
        files += [*cited[-1].files(), *(file for cell in downloads(read[path], path.stem) for file in cell)]
        faults += [f"notebooks/{path.name}: {fault}" for fault in page_faults(html, read[path], dict(links))]
        say(f"{path.stem}: page built, {len(html.encode()) / 1000:.0f} kB")
    if faults:
        raise SiteError(faults)
    whole = len(notebooks) == len(everything)
    files = [*files, feed(cited, project.review)] if whole else files
    return _write(project, settled(pages) if whole else pages, files, whole)


def _write(project, pages, files, whole) -> list[Path]:
    """Put pages and files in place; after a whole build nothing of a notebook or figure that is gone stays behind."""
    if whole and "index.html" not in pages:
        raise SiteError(f"notebooks/{project.review.front}.ipynb is missing: the site would have no front page")
    site = project.site
    new = {site / name: html for name, html in pages.items()} | {site / file.name: file.content for file in files}
    old = [path for pattern in ("*.html", *(f"{folder}/*" for folder in FOLDERS)) for path in site.glob(pattern)]
    write_all(new, remove=[path for path in old if path not in new] if whole else (), durable=False)
    return [site / name for name in pages]


def page(project, path, nb, links) -> str:
    """Return the HTML of one notebook."""
    faults = source_faults(nb)
    if faults:
        raise SiteError(faults)
    nb = nbformat.from_dict(nb)
    here, review = project.page_name(path), project.review
    provenance = provenance_line(project, path)
    _fill(nb, path.parent, provenance)
    for cell, files in zip(nb.cells, downloads(nb, path.stem), strict=True):
        cell.metadata.page_downloads = [{"href": file.name, "words": file.words} for file in files]
    cited = citation(project, path, nb)
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
            "css": "\n".join([*_sheets(), FIGURE_CSS, FOREST_CSS]),
            "links": [{"href": name, "label": text, "here": name == here} for name, text in links],
            "provenance": provenance,
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
    return explained(html, terms(review))


def citation(project, path, nb) -> Citation:
    """Return how a page is cited, from its title, its bottom line, and the tables it rests on."""
    outputs = "".join(shown(output)[1] for cell in nb.cells for output in cell.get("outputs", []))
    return Citation(
        stem=project.page_name(path).removesuffix(".html"),
        title=heading(nb) or label(project, path, nb),
        review=project.review,
        sentence=sentence(outputs),
        edited=_latest(project, topics_of(project, path), "edited"),
        version=__version__,
        checksum=project.evidence(),
    )


def topics_of(project, path) -> list[str]:
    """Return the topics behind a page: its own, or all."""
    review = project.review
    listed = review.page(path.stem)
    return [listed.topic] if listed and listed.topic else list(review.topics)


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


def heading(nb) -> str:
    """Return the text of the first heading of the first level, or nothing."""
    for cell in nb.cells:
        found = cell.cell_type == "markdown" and re.search(r"^# +(.+)$", cell.source, re.MULTILINE)
        if found:
            return re.sub(r"[*_`]", "", found[1]).strip()
    return ""


def label(project, path, nb) -> str:
    """Return what the navigation calls a page."""
    listed = project.review.page(path.stem)
    return (listed.label if listed else "") or heading(nb) or path.stem


def provenance_line(project, path) -> str:
    """Return, as HTML, what the page rests on: dates of its topic, checksum of the tables, version of the library."""
    folders = topics_of(project, path)
    searched, edited = _latest(project, folders, "searched"), _latest(project, folders, "edited")
    parts = [f"Evidence up to {searched}"] if searched else []
    parts += [f"tables edited {edited}"] if edited else []
    dates = " · ".join(parts)
    made = f"data <code>{project.evidence()[:12]}</code>"
    # A phone shows the dates in the answer and in the footer.
    before = f'<span class="at-desk">{dates[0].upper()}{dates[1:]} · </span>' if dates else ""
    return f'{before}{made}<span class="at-desk"> · version {escape(__version__)}</span>'


def _latest(project, topics, key) -> str:
    dates = []
    for topic in topics:
        path = project.root / "evidence" / topic / "topic.yml"
        if path.is_file():
            dates.append((yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get(key))
    return max((str(date) for date in dates if date), default="")
