"""A table as typed, for exploring: hover a cell for its unit and the place that it was read at, a head for its meaning.

What stands in a ``title`` attribute is also on the page (unit and source in words below the table, the columns in
`columns`), because a title cannot be reached by everybody.
"""

from __future__ import annotations

from html import escape
from typing import Any

import pandas as pd

from ..errors import EvidenceError
from ..evidence.schema import schemas
from ..html import Html, missing
from ..meaning.words import count
from ..measures import is_ratio
from .block import Block, details, join, paragraph, table_block
from .provenance import READ

ON_SCALE = ("mean_int", "mean_ctl", "sd_int", "sd_ctl", "estimate", "ci_low", "ci_high")
UNITS = {"timepoint_weeks": "weeks", "n": "", "k": "studies"}
UNITS |= dict.fromkeys(("n_int", "n_ctl", "n_total", "n_at_risk"), "people")
UNITS |= dict.fromkeys(("events_int", "events_ctl", "n_events"), "people with the event")
UNITS |= dict.fromkeys(("ci_level", "percent", "percent_low", "percent_high", "i2"), "percent")


def look(holder: Any, name: str, *, columns: Any = None, records: Any = None, rows: Any = 20) -> Block:
    """Rows of a table as typed; hovering a cell shows its unit, source, locator and what was read.

    Parameters
    ----------
    holder : Topic or Evidence
        Whose table it is.
    name : str
        A table of it, such as "results".
    columns, records : sequence of str, optional
        Only these columns, only the rows with these identifiers.
    rows : int, default 20
        At most so many rows.

    Raises
    ------
    EvidenceError
        There is no such table, column or record; the message names those there are.
    """
    if name not in schemas():
        raise EvidenceError(f"there is no table {name!r}; there are: {', '.join(holder.text)}")
    if not len(holder.text.get(name, ())):
        return paragraph(f"{name}.csv holds no row yet.", "note")
    text, schema = holder.text[name], schemas()[name]
    chosen = list(columns or schema.names)
    _known(chosen, schema.names, "column")
    if records is not None:
        _known(records, list(text[schema.key[0]]), "record")
        text = text[text[schema.key[0]].isin(records)]
    shown = text.head(rows)
    instruments = {row["instrument_id"]: row for row in _instruments(holder)}
    frame = shown[chosen].astype(object).copy()
    for at, row in zip(frame.index, shown.to_dict("records"), strict=True):
        for column in chosen:
            frame.at[at, column] = _hover(schema[column], row, instruments)
    titles = {column: schema[column].title for column in chosen}
    caption = f"{schema.title}: {count(len(shown), 'row')} of {len(text)}"
    made = table_block(frame.rename(columns=titles), caption, classes="rows")
    html = str(made.html)
    for column in chosen:
        head = f'<th scope="col">{escape(titles[column])}</th>'
        html = html.replace(head, head.replace("<th ", f'<th title="{escape(schema[column].description)}" '), 1)
    return Block(Html(html), made.text)


def columns(name: str) -> Block:
    """What each column of a table means, in which form, and what is allowed in it."""
    if name not in schemas():
        raise EvidenceError(f"there is no table {name!r}; there are: {', '.join(schemas())}")
    schema = schemas()[name]
    lines = [
        (
            Html(f"<code>{c.name}</code>"),
            c.type + (", needed" if c.required else ""),
            c.description,
            ", ".join(c.enum) or c.example,
        )
        for c in schema.columns
    ]
    frame = pd.DataFrame(lines, columns=["Column", "Type", "Meaning", "Allowed words, or an example"])
    caption = f"Columns of {name}.csv"
    return join(paragraph(schema.description), details(caption, table_block(frame, caption)))


def _known(wanted, there, what) -> None:
    strange = [word for word in wanted if word not in there]
    if strange:
        raise EvidenceError(f"there is no {what} {', '.join(strange)}; there are: {', '.join(there)}")


def _instruments(holder):
    table = getattr(holder, "instruments", None)
    return () if table is None else table.to_dict("records")


def _hover(column, row, instruments) -> Html:
    value = row.get(column.name) or ""
    if not value:
        return Html("")
    parts = [f"{column.title}: {value} {unit(column.name, row, instruments)}".rstrip()]
    parts += [f"source {row['source_id']}"] if row.get("source_id") else []
    parts += [row["locator"]] if row.get("locator") else []
    parts += [f"read: {READ.get(row['read'], row['read'])}"] if row.get("read") else []
    return Html(f'<span title="{escape("; ".join(parts))}">{escape(value)}</span>')


def unit(column: Any, row: Any, instruments: Any) -> str:
    """Return the unit of a cell in words, or an empty text for what has none.

    Examples
    --------
    >>> scale = {"act": {"name": "Control", "unit": "points", "scale_min": 5, "scale_max": 25, "better": "higher"}}
    >>> unit("mean_int", {"instrument_id": "act", "value_kind": "final"}, scale)
    'points on Control (5 to 25, higher is better)'
    """
    if column not in ON_SCALE:
        return UNITS.get(column, "")
    if row.get("value_kind", "").startswith("percent") and not column.startswith(("estimate", "ci")):
        return "percent"
    if column in ("estimate", "ci_low", "ci_high"):
        if is_ratio(row.get("measure")):
            return "(a ratio, without a unit)"
        if row.get("measure") == "SMD":
            return "standard deviations"
        if row.get("measure") in ("RD", "proportion"):
            return "percentage points" if row["measure"] == "RD" else "percent"
    scale = instruments.get(row.get("instrument_id"))
    if scale is None:
        return ""
    low, high = scale["scale_min"], scale["scale_max"]
    span = "" if missing(low) or missing(high) else f"{low:g} to {high:g}, "
    better = "" if missing(scale["better"]) else f"{scale['better']} is better"
    about = f"{span}{better}".rstrip(", ")
    return f"{scale['unit'] or 'points'} on {scale['name']}" + (f" ({about})" if about else "")
