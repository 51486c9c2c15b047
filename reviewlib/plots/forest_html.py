"""A forest plot as a table: words to read and select in every row, and one small drawing beside them.

The numbers are text in cells, so the drawings are hidden from screen readers; on a narrow screen each row becomes a
card. Colours follow the page's text colour, so that it can be read in the dark and in print.
"""

from __future__ import annotations

import re
from html import escape
from math import log, sqrt
from typing import TYPE_CHECKING, Any

from ..html import Html, cell
from .bias_marks import bias_heads, bias_marks
from .colours import BIAS
from .fit import axis_ends, ticks
from .forest_layout import weight_text
from .forest_notes import bias_key
from .rows import forest_rows
from .sheets import FOREST_CSS
from .words import count, is_ratio, name, percent, sentence

if TYPE_CHECKING:
    from .rows import Forest

_SIDE = 15.0  # px, the largest square
_TICK_ROOM = 190.0  # points, the narrowest drawing on a phone


def forest_html(
    studies: Any,
    pooled: Any = None,
    *,
    caption: str | None = None,
    favours: Any = None,
    xlim: tuple[float, float] | None = None,
    links: Any = None,
    style: Any = True,
    **options: Any,
) -> Html:
    """Return a forest plot as an accessible table with an inline drawing in each row.

    Parameters
    ----------
    studies, pooled, favours, xlim, options
        As for `forest` (not `columns`, `stacked`, `size`, `ax`).
    caption : str, optional
        Default names the measure and counts the trials.
    links : mapping, optional
        `result_id` or trial -> address of its row; relative, `#fragment` or https.
    style : bool, default True
        Bring the style sheet along; False where the page has `FOREST_CSS` already.

    Returns
    -------
    Html
        Every cell escaped. Study rows carry `data-result`, `data-estimate` and `data-variance` (analysis scale).
    """
    data = forest_rows(studies, pooled, **options)
    ends = axis_ends(data, xlim)
    heads = _heads(data)
    head = "".join(_head(data, key, text) for key, text in heads)
    body = _bodies(data, ends, heads, links or {})
    trials = count(len(data.studies), "trial")
    title = caption or f"{sentence(name(data.measure))}: {trials}"
    block = f'<div class="forest-block" role="region" tabindex="0" aria-label="Forest plot: {escape(title)}">'
    notes = "".join(note if "<details>" in note else f"<p>{cell(note)}</p>" for note in _notes(data))
    return Html(
        (f"<style>{FOREST_CSS}</style>" if style else "")
        + f'{block}<table class="forest-plot keep"><caption>{cell(title)}</caption>\n'
        + f"<thead><tr>{head}</tr></thead>\n{body}{_foot(data, ends, heads, favours)}</table>"
        + (f'<div class="forest-notes">{notes}</div>' if notes else "")
        + "</div>"
    )


def _head(data, key, text) -> str:
    """Return the head of a column: a bracket stays on one line, the letter of each domain stands over its signs."""
    said = re.sub(r"(\[[^\]]*\])", r'<span class="whole">\1</span>', cell(text))
    if key == "bias":
        said = f'<span class="said">{said}</span> {bias_heads(data.bias)}'
    return f'<th scope="col"{f" class={key}" if key in ("plot", "bias") else ""}>{said}</th>'


def _heads(data):
    """Return (key, text) of the columns."""
    heads = [("label", "Trial")]
    heads += [(f"arm_{arm}", head) for arm, head in _arms(data)]
    heads += [("plot", sentence(name(data.measure)) + (f" ({data.unit})" if data.unit else ""))]
    heads += [("effect", data.heading)]
    heads += [("weight", "Weight")] if data.weighted else []
    heads += [("bias", "Risk of bias")] if data.bias is not None else []
    return heads


def _arms(data):
    """Return (arm, head) of the two columns that hold an arm's data together: "7.5 (6.6), n 26"."""
    found = {}
    for key, text, group in data.columns:
        found.setdefault((key.rsplit("_", 1)[1], group), []).append(text)
    return [(arm, f"{group}: {', '.join(texts)}") for (arm, group), texts in found.items()]


def _arm(data, row, arm) -> str:
    """Return what is known of one arm of a trial."""
    kinds = [key.rsplit("_", 1)[0] for key, *_ in data.columns if key.endswith(f"_{arm}")]
    known = [(kind, row.cells.get(f"{kind}_{arm}", "")) for kind in kinds]
    lead = len(kinds) > 1
    return ", ".join(f"n {text}" if lead and kind == "n" else text for kind, text in known if text)


def _bodies(data, ends, heads, links):
    """Return a table body for each group of trials, summary rows with their group."""
    parts, rows = [], []
    for row in data.rows:
        if row.kind in ("group", "pooled") and rows:
            parts, rows = [*parts, rows], []
        rows.append(_row(data, row, ends, heads, links))
    return "".join("<tbody>" + "\n".join(part) + "</tbody>\n" for part in [*parts, rows] if part)


def _row(data, row, ends, heads, links):
    if row.kind == "group":
        return f'<tr class="group"><th scope="rowgroup" colspan="{len(heads)}">{cell(row.label)}</th></tr>'
    cells = [_name(row, links)]
    for key, text in heads[1:]:
        label = "" if key == "plot" else f' data-label="{escape(text)}"'
        content = _content(data, row, key, ends)
        kind = key.split("_")[0] if content else "empty"
        kind += " words" if kind == "effect" and row.word else ""
        cells.append(f'<td class="{kind}"{label}>{content}</td>')
    facts = f' data-result="{escape(row.key)}"' if row.key else ""
    if row.analysis:
        facts += ' data-estimate="{:.12g}" data-variance="{:.12g}"'.format(*row.analysis)
    return f'<tr class="{row.kind}"{facts}>{"".join(cells)}</tr>'


def _name(row, links):
    """Return the row header; a repeated trial is repeated for those who hear the table."""
    shown = cell(row.label) if row.label else f'<span class="unseen">{cell(row.trial)}</span>'
    href = links.get(row.key) or links.get(row.trial)
    if href and row.label and (":" not in href or href.startswith("https://")):
        shown = f'<a href="{escape(href)}">{shown}</a>'
    detail = f' <span class="detail">{cell(row.detail)}</span>' if row.detail else ""
    return f'<th scope="row">{shown}{detail}</th>'


def _content(data, row, key, ends):
    """Return the inside of a cell as HTML."""
    if key == "plot":
        return drawing(data, row, ends)
    if key == "effect":
        return cell(data.text(row)) + (f" <small>{cell(row.reason)}</small>" if row.reason else "")
    if key == "weight":
        return cell(weight_text(row))
    if key.startswith("arm_"):
        return cell(_arm(data, row, key[4:]))
    if key == "bias":
        return bias_marks(data.bias, row.trial) if row.kind == "study" else ""
    return cell(row.cells.get(key, ""))


def _place(data, ends):
    """Return the function from a value to percent of the drawing's width, and whether it lies inside."""
    scale = log if is_ratio(data.measure) else float
    low, high = map(scale, ends)
    return lambda v: 3 + 94 * (scale(min(max(v, ends[0]), ends[1])) - low) / (high - low)


def drawing(data: Forest, row: Any, ends: tuple[float, float]) -> str:
    """Return the inline SVG of one row; its widths are percentages, so it stretches without distortion."""
    x = _place(data, ends)
    parts = []
    if data.mid:
        a, b = x(data.mid[0]), x(data.mid[1])
        parts.append(f'<rect class="mid" x="{a:.2f}%" y="0" width="{b - a:.2f}%" height="100%"/>')
    if data.null is not None and ends[0] <= data.null <= ends[1]:
        parts.append(f'<line class="null" x1="{x(data.null):.2f}%" x2="{x(data.null):.2f}%" y1="0" y2="100%"/>')
    if row.low is not None:
        parts += _marks(data, row, x, ends)
    elif row.estimate is not None:
        parts.append(f'<circle class="estimate" cx="{x(row.estimate):.2f}%" cy="50%" r="4"/>')
    return f'<svg aria-hidden="true" focusable="false">{"".join(parts)}</svg>'


def _marks(data, row, x, ends):
    """Return interval, square or diamond, and arrows, of a row that has limits."""
    a, b = x(row.low), x(row.high)
    if row.kind in ("pooled", "subtotal"):
        middle = 100 * (x(row.estimate) - a) / (b - a) if b > a else 50
        marks = [
            f'<g class="{row.kind}" transform="translate(0,-8)"><svg x="{a:.2f}%" y="50%" width="{b - a:.2f}%" '
            f'height="16" viewBox="0 0 100 16" preserveAspectRatio="none">'
            f'<polygon points="0,8 {middle:.2f},0 100,8 {middle:.2f},16"/></svg></g>'
        ]
    else:
        kind = "prediction" if row.kind == "prediction" else "interval"
        marks = [f'<line class="{kind}" x1="{a:.2f}%" x2="{b:.2f}%" y1="50%" y2="50%"/>']
    if row.kind == "study" and ends[0] <= row.estimate <= ends[1]:
        marks.append(_estimate(data, row, x))
    for value, place, tip in ((row.low, a, "4,-4 4,4 -5,0"), (row.high, b, "-4,-4 -4,4 5,0")):
        if not ends[0] <= value <= ends[1]:
            arrow = f'<polygon points="{tip}"/>'
            marks.append(f'<svg class="beyond" x="{place:.2f}%" y="50%" overflow="visible">{arrow}</svg>')
        elif row.kind == "prediction":
            cap = '<line class="prediction" y1="-6" y2="6"/>'
            marks.append(f'<svg x="{place:.2f}%" y="50%" overflow="visible">{cap}</svg>')
    return marks


def _estimate(data, row, x):
    """Return a square of an area proportional to weight, or a circle where nothing is weighted."""
    if row.weight is None:
        return f'<circle class="estimate" cx="{x(row.estimate):.2f}%" cy="50%" r="4"/>'
    most = max(r.weight or 0.0 for r in data.studies)
    side = max(_SIDE * sqrt(row.weight / most), 2.0)
    return (
        f'<rect class="estimate" x="{x(row.estimate):.2f}%" y="50%" width="{side:.1f}" height="{side:.1f}" '
        f'transform="translate({-side / 2:.2f},{-side / 2:.2f})"/>'
    )


def _foot(data, ends, heads, favours):
    """Return the row with the scale; in words for those who cannot see it."""
    x = _place(data, ends)
    found = ticks(*ends, is_ratio(data.measure), _TICK_ROOM, 9.0)
    marks = "".join(
        f'<line class="tick" x1="{x(v):.2f}%" x2="{x(v):.2f}%" y1="0" y2="5"/>'
        f'<text x="{x(v):.2f}%" y="18" text-anchor="middle">{label}</text>'
        for v, label in found
    )
    sides = "".join(f"<span>{cell(text)}</span>" for text in _sides(favours)) if favours else ""
    words = f"Scale from {found[0][1]} to {found[-1][1]}"
    words += "" if data.null is None else f"; no difference at {data.null:g}"
    before = [key for key, _ in heads].index("plot")
    after = len(heads) - before - 1
    return (
        f'<tfoot><tr class="axis"><td colspan="{before}"></td><td class="plot">'
        f'<svg role="img" aria-label="{escape(words)}">'
        f'<line class="tick" x1="3%" x2="97%" y1="0" y2="0"/>{marks}</svg>'
        + (f'<div class="sides">{sides}</div>' if sides else "")
        + f'</td><td colspan="{after}"></td></tr></tfoot>'
    )


def _sides(favours):
    left, right = favours
    return (f"\N{LEFTWARDS ARROW} {left}" if left else "", f"{right} \N{RIGHTWARDS ARROW}" if right else "")


def _notes(data):
    """Return the lines under the table."""
    notes = list(data.notes)
    if data.mid:
        notes.append("Shaded: smaller than the minimal important difference.")
    if not data.pooled:
        notes.append(f"Circles: single trials with {percent(data.level)} intervals, not pooled.")
    if data.bias is not None:
        notes += _bias_notes(data)
    return notes


def _bias_notes(data) -> list[Html]:
    """Return who judged with which tool, what the signs mean, and folded what the letters stand for."""
    letters = data.bias.letters()
    key = "; ".join(f"{BIAS[kind][2]} {text}" for kind, text in bias_key(data).items())
    tool = f" ({data.bias.tool})" if data.bias.tool else ""
    quiet = any(row.trial not in data.bias.cells for row in data.studies)
    left_out = " A trial without signs was not judged with this tool." if quiet else ""
    plain = sorted(set(letters.values()) - {"All", "Total"})
    summary = f"What {plain[0]} to {plain[-1]} stand for" if len(plain) > 1 else "What was judged"
    domains = "; ".join(f"{letter} {domain}" for domain, letter in letters.items())
    said = cell(f"Risk of bias{tool}: {key}.{left_out}")
    return [Html(said), Html(f"<details><summary>{summary}</summary><p>{cell(domains)}.</p></details>")]
