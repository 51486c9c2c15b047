"""Tables for a screen reader and a phone: scopes, no empty header cell, labels on cells, one scroll region a table."""

from __future__ import annotations

from typing import Any

from bs4 import BeautifulSoup

_WIDE = 7  # columns from which a table may need to scroll on a desktop
_STACKED = 3  # columns from which rows become cards on a phone


def finish_tables(html: str, labels: Any) -> str:
    """Return `html` with its tables made walkable; `labels` is the set of region labels on the page and grows.

    HTML without a table is returned as it is, byte for byte.
    """
    if "<table" not in html:
        return html
    soup = BeautifulSoup(html, "html.parser")
    for table in soup.find_all("table"):
        _scopes(soup, table)
        _said_once(table)
        names = _column_names(table)
        if names:
            _label_cells(table, names)
        classes = table.get("class") or []
        if len(names) >= _STACKED and not {"keep", "card"} & set(classes):
            classes = table["class"] = [*classes, "card"]
        if "keep" not in classes or "forest-plot" in classes:
            _once(table)
        else:  # its cells never stand alone
            for cell in table.select("[data-label]"):
                del cell["data-label"]
        if len(names) >= _WIDE and not table.find_parent(attrs={"tabindex": "0"}):
            _scroll_region(soup, table, labels)
    return str(soup)


def _said_once(table):
    """Keep a caption for a screen reader alone where the line of its fold, or the heading over it, says the same."""
    fold, caption = table.find_parent("details"), table.caption
    summary = fold.summary if fold else None
    same = summary and caption and summary.get_text(" ", strip=True) == caption.get_text(" ", strip=True)
    if caption and (same or "sof" in (table.get("class") or [])):
        caption["class"] = [*(caption.get("class") or []), "sr"]


def _scopes(soup, table):
    """Give every header cell its scope; a header cell that names nothing is an ordinary cell."""
    for th in table.find_all("th"):
        if not th.get_text(strip=True) and not th.find(["svg", "img"]):
            th.name = "td"
            th.attrs.pop("scope", None)
        elif not th.get("scope"):
            th["scope"] = "col" if th.find_parent("thead") else "row"


def _column_names(table) -> list[str]:
    """Return the names of the columns, or nothing where cells span and a cell's column cannot be told by counting."""
    rows = table.select("thead > tr")
    if len(rows) != 1 or table.find(lambda tag: tag.get("colspan", "1") != "1" or tag.get("rowspan", "1") != "1"):
        return []
    return [cell.get_text(" ", strip=True) for cell in rows[0].find_all(["th", "td"], recursive=False)]


def _label_cells(table, names):
    for row in table.select("tbody > tr"):
        for name, cell in zip(names, row.find_all(["th", "td"], recursive=False), strict=False):
            if cell.name == "td" and name and not cell.get("data-label"):
                cell["data-label"] = name


def _once(table):
    """Say the label of a column once, as a variable of the table (`--c2`), where all its cells have the same."""
    rows = [row.find_all(["th", "td"], recursive=False) for row in table.select("tbody > tr")]
    said = []
    for at in range(1, max(map(len, rows), default=0) + 1):
        cells = [row[at - 1] for row in rows if len(row) >= at and row[at - 1].name == "td"]
        labels = {cell.get("data-label") for cell in cells}
        if len(labels) == 1 and (label := labels.pop()):
            escaped = label.replace("\\", "\\\\").replace("'", "\\'")
            said.append(f"--c{at}:'{escaped}'")
            for cell in cells:
                del cell["data-label"]
    if said:
        table["class"] = [*(table.get("class") or []), "labelled"]
        table["style"] = ";".join(filter(None, [table.get("style"), *said]))


def _scroll_region(soup, table, labels):
    """Wrap a wide table so that it scrolls by itself; the same label twice on a page is an accessibility fault."""
    caption = table.caption.get_text(" ", strip=True) if table.caption else "Table"
    label, number = caption, 2
    while label in labels:
        label, number = f"{caption} ({number})", number + 1
    labels.add(label)
    attributes = {"class": "scroll", "role": "region", "tabindex": "0", "aria-label": label}
    table.wrap(soup.new_tag("div", attrs=attributes))
