"""A difference as one self-contained HTML page that fetches nothing."""

from __future__ import annotations

from ..html import Html, cell, table
from . import telling
from .conclusions import Conclusion, Difference
from .overlay import svg

_CSS = """
:root { color-scheme: light; }
body { font: 16px/1.5 system-ui, "Noto Sans", sans-serif; max-width: 62rem; margin: 0 auto; padding: 1rem;
  color: #1c2326; background: #fdfcfa; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; margin: .8rem 0; }
caption { text-align: left; font-weight: 650; }
th, td { border-bottom: 1px solid #d5d4cd; padding: .3rem .5rem .3rem 0; text-align: left; vertical-align: top; }
td.differs { font-weight: 650; }
section { border-top: 1px solid #d5d4cd; }
.changes { font-weight: 700; color: #7a2e00; }
svg { max-width: 100%; height: auto; }
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def text(difference: Difference) -> str:
    """Return the page."""
    title = "What this change does to the conclusions"
    body = [f"<h1>{title}</h1>", f"<p>{cell(telling.between(difference))}</p>"]
    body.append(f"<p><strong>{cell(telling.headline(difference))}</strong></p>")
    for label, faults in telling.refusals(difference):
        items = "".join(f"<li>{cell(fault)}</li>" for fault in faults)
        body.append(f"<h2>{cell(label)} does not pass the check</h2><ul>{items}</ul>")
    body += [_conclusion(conclusion) for conclusion in difference.conclusions]
    if difference.rows:
        body.append(_rows(difference))
    body.append("<p>Both states were computed with the code of this checkout; only the tables differ.</p>")
    head = f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
    head += '<meta name="viewport" content="width=device-width, initial-scale=1">'
    head += f"<title>{title}</title><style>{_CSS}</style>"
    inner = "\n".join(map(str, body))
    return f'<!DOCTYPE html>\n<html lang="en"><head>{head}</head>\n<body><main>\n{inner}\n</main></body></html>\n'


def _conclusion(conclusion: Conclusion) -> str:
    import pandas as pd

    verdict = cell(telling.verdict(conclusion))
    parts = [f"<h2>{cell(conclusion.title)}</h2>"]
    parts.append(f'<p class="changes">{verdict}.</p>' if conclusion.changed else f"<p>{verdict}.</p>")
    picture = svg(conclusion)
    parts += (
        [f"<figure>{picture}<figcaption>Open circle: before. Filled: after.</figcaption></figure>"] if picture else []
    )
    facts = [(n, b or "none", _marked(a or "none", a != b)) for n, b, a in telling.facts(conclusion)]
    frame = pd.DataFrame(facts, columns=["Fact", "Before", "After"])
    parts.append(table(frame, f"{conclusion.title}: before and after"))
    alone = telling.alone(conclusion)
    if alone:
        frame = pd.DataFrame(alone, columns=["Row by itself", "What happened", "Effect", "Moves the estimate by"])
        parts.append(table(frame, "How far each changed row alone moves it"))
    return f"<section>{''.join(map(str, parts))}</section>"


def _marked(value: str, differs: bool) -> Html:
    return Html(f"<strong>{cell(value)}</strong>" if differs else cell(value))


def _rows(difference: Difference) -> str:
    import pandas as pd

    lines = []
    for change in difference.rows:
        cells = telling.cells(change) if change.kind == "changed" else [("", "", "")]
        lines += [(f"{change.file} {change.record}", change.kind, *each) for each in cells]
    frame = pd.DataFrame(lines, columns=["Row", "What happened", "Cell", "Before", "After"])
    caption = "Every row that differs"
    return f"<section><h2>Rows</h2>{table(frame, caption)}</section>"
