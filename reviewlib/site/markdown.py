"""Markdown of a notebook into HTML: formulas as MathML, headings with ids, pictures inlined."""

from __future__ import annotations

from pathlib import Path

from . import notebook  # noqa: F401  (before nbconvert, which would import nbformat slowly)

# isort: split

from latex2mathml.converter import convert as mathml
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from .links import slug
from .project import SiteError


class _Renderer(IPythonRenderer):
    """nbconvert's renderer, with formulas that a browser shows without a script."""

    def __init__(self, folder, ids):
        super().__init__(escape=False, exclude_anchor_links=True, embed_images=True, path=str(folder))
        self._ids = ids

    def heading(self, text, level, **attrs):
        return f'<h{level} id="{_unique(slug(text), self._ids)}">{text}</h{level}>\n'

    def inline_math(self, body):
        return formula(body, "inline")

    def block_math(self, body):
        return formula(body, "block")

    def latex_environment(self, name, body):
        return formula(f"\\begin{{{name}}}{body}\\end{{{name}}}", "block")


def to_html(source: str, *, folder: Path, ids: set[str]) -> str:
    """Return the HTML of a Markdown cell; `ids` is the set of ids already used on the page and grows."""
    return MarkdownWithMath(renderer=_Renderer(folder, ids)).render(source)


def formula(latex: str, display: str) -> str:
    """Return MathML; LaTeX that cannot be converted is refused with the formula in the message."""
    try:
        return mathml(latex.strip(), display=display)
    except Exception as error:  # the converter raises many kinds, none of which it promises
        raise SiteError(f"the formula {latex.strip()!r} cannot be shown: {type(error).__name__} {error}") from None


def _unique(name, taken) -> str:
    number, candidate = 2, name
    while candidate in taken:
        candidate, number = f"{name}-{number}", number + 1
    taken.add(candidate)
    return candidate
