"""How Sphinx builds the manual: offline, warnings are errors, and no page asks anything of another machine."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import making  # noqa: E402
from docutils import nodes  # noqa: E402
from latex2mathml.converter import convert  # noqa: E402
from pygments.lexers.special import TextLexer  # noqa: E402

from reviewlib import __version__  # noqa: E402

project = "reviewlib"
author = "The reviewlib contributors"
project_copyright = author
version = release = __version__

extensions = ["sphinx.ext.autodoc", "numpydoc", "myst_parser"]
exclude_patterns = ["_build", "_made/reference/*.tmp"]
myst_heading_anchors = 3
myst_enable_extensions = ["colon_fence"]
# Names are documented where a reader meets them; a type in a signature is a word, not a link.
numpydoc_show_class_members = False
numpydoc_xref_param_type = False
autodoc_typehints = "none"
autodoc_member_order = "bysource"
toc_object_entries_show_parents = "hide"

html_theme = "furo"
html_title = f"reviewlib {__version__}"
html_copy_source = False
html_show_sphinx = False
html_math_renderer = "mathml"


def _math(self, node):
    """Write a formula as MathML, which browsers show without a script."""
    display = "block" if isinstance(node, nodes.math_block) else "inline"
    self.body.append(convert(node.astext(), display=display))
    raise nodes.SkipNode


def _cited(app, what, name, thing, options, lines):
    """Turn the ids of method papers under "References" into links to what they are."""
    sources, inside = making.sources(), False
    for at, line in enumerate(lines):
        inside = line.strip() == ".. rubric:: References" or (inside and not line.startswith(".. "))
        if inside:
            lines[at] = making.SOURCE.sub(lambda found: sources.get(found[0], found[0]), line)


def _write_reference(app):
    folder = making.MADE / "reference"
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in making.reference().items():
        path = folder / f"{name}.rst"
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8", newline="\n")


def _draw(app, name, source):
    if name == "gallery":
        source[0] = making.drawn(source[0], making.MADE)


def anew(app, env, added, changed, removed):
    """Return every page where the build before did not end well: Sphinx takes half a page for one that is made."""
    mark = Path(app.doctreedir, "whole")
    known = mark.exists()
    mark.unlink(missing_ok=True)
    return [] if known else sorted(env.found_docs)


def ended(app, fault):
    """Leave a mark that every page is whole."""
    if fault is None and not app.statuscode:
        Path(app.doctreedir, "whole").touch()


def setup(app):
    """Register what the manual adds to Sphinx."""
    app.add_lexer("csv", TextLexer)
    app.add_html_math_renderer("mathml", inline_renderers=(_math, None), block_renderers=(_math, None))
    app.connect("builder-inited", _write_reference)
    app.connect("source-read", _draw)
    app.connect("env-get-outdated", anew)
    app.connect("build-finished", ended)
    app.connect("autodoc-process-docstring", _cited, priority=900)  # after numpydoc
