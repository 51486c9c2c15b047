"""A difference as one self-contained HTML page that fetches nothing."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from ..html import Html, cell, table
from . import wording
from .conclusions import Difference
from .overlay import svg

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def text(difference: Difference) -> str:
    """Return the page."""
    body = [f"<h1>{wording.TITLE}</h1>", f"<p>{cell(wording.between(difference))}</p>"]
    body.append(f"<p><strong>{cell(wording.headline(difference))}</strong></p>")
    body += map(_section, wording.sections(difference))
    if difference.rows:
        body.append(f"<section><h2>Rows</h2>{_table(wording.row_table(difference))}</section>")
    body.append(f"<p>{wording.SAME_CODE}</p>")
    head = f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
    head += '<meta name="viewport" content="width=device-width, initial-scale=1">'
    css = Path(__file__).with_suffix(".css").read_text(encoding="utf-8")
    head += f"<title>{wording.TITLE}</title><style>\n{css}</style>"
    inner = "\n".join(map(str, body))
    return f'<!DOCTYPE html>\n<html lang="en"><head>{head}</head>\n<body><main>\n{inner}\n</main></body></html>\n'


def _section(section) -> str:
    parts = [f"<h2>{cell(section.title)}</h2>"]
    parts += [f"<ul>{''.join(f'<li>{cell(item)}</li>' for item in section.items)}</ul>"] if section.items else []
    mark = ' class="changes"' if section.changed else ""
    parts += [f"<p{mark}>{cell(section.lead)}</p>"] if section.lead else []
    picture = svg(section.conclusion) if section.conclusion else ""
    note = "<figcaption>Open circle: before. Filled: after.</figcaption>"
    parts += [f"<figure>{picture}{note}</figure>"] if picture else []
    return f"<section>{''.join([*parts, *map(_table, section.tables)])}</section>"


def _table(shown) -> Html:
    """Return a table; in one of facts before and after, what differs is bold."""
    frame = pd.DataFrame(shown.rows, columns=list(shown.head))
    if shown.head[0] == "Fact":
        frame = frame.replace("", "none")
        differs = frame["Before"] != frame["After"]
        frame["After"] = [
            Html(f"<strong>{cell(v)}</strong>") if d else v for v, d in zip(frame["After"], differs, strict=True)
        ]
    return table(frame, shown.caption)
