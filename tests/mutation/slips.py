"""Slips of a person who types a table: each makes one change to the rows of a table, or None where it cannot.

A kind is a function of (rows, i, column, draw): `rows` are dicts of text, `i` the row, `column` the cell, `draw` a
seeded `random.Random`. It changes `rows` in place and returns True, or returns None where the slip is impossible there.
"""

from __future__ import annotations

from math import sqrt

KINDS = {}
LOOKALIKE = dict(zip("aceopxyABCEHKMOPTX", "асеорхуАВСЕНКМОРТХ", strict=True))


def kind(columns):
    """Register a kind for the columns that `columns` (a test of a schema column) accepts."""

    def register(slip):
        KINDS[slip.__name__] = (columns, slip)
        return slip

    return register


def number(column):
    """Whether a cell of this column is a number."""
    return column.type in ("number", "integer")


def named(*names):
    """Return a test for columns of these names."""
    return lambda column: column.name in names


def text(column):
    """Whether a cell of this column is free text."""
    return column.type == "string" and not column.enum


def key(column):
    """Whether a cell of this column names a row, here or in another table."""
    return column.name.endswith("_id")


def cell(change):
    """Make a kind from a function of (text, draw) that returns the new text, or None."""

    def slip(rows, i, column, draw):
        new = change(rows[i][column], draw) if rows[i][column] else None
        if new is None or new == rows[i][column]:
            return None
        rows[i][column] = new
        return True

    slip.__name__ = change.__name__
    return slip


def digits(typed):
    return [place for place, sign in enumerate(typed) if sign.isdigit()]


@kind(number)
@cell
def digit_changed(typed, draw):
    return digit_changed_in(typed, draw)


def digit_changed_in(typed, draw):
    """Return a number with another digit at one of its places."""
    place = draw.choice(digits(typed))
    return typed[:place] + draw.choice("0123456789".replace(typed[place], "")) + typed[place + 1 :]


@kind(number)
@cell
def digits_transposed(typed, draw):
    pairs = [p for p in digits(typed)[:-1] if typed[p + 1].isdigit() and typed[p] != typed[p + 1]]
    if not pairs:
        return None
    p = draw.choice(pairs)
    return typed[:p] + typed[p + 1] + typed[p] + typed[p + 2 :]


@kind(number)
@cell
def digit_lost(typed, draw):
    if len(digits(typed)) < 2:
        return None
    place = draw.choice(digits(typed))
    return typed[:place] + typed[place + 1 :]


@kind(number)
@cell
def digit_doubled(typed, draw):
    place = draw.choice(digits(typed))
    return typed[:place] + typed[place] + typed[place:]


@kind(number)
@cell
def tenfold(typed, draw):
    return f"{float(typed) * 10:.10g}"


@kind(number)
@cell
def tenth(typed, draw):
    return f"{float(typed) / 10:.10g}"


@kind(number)
@cell
def sign_lost(typed, draw):
    return None if not float(typed) else typed[1:] if typed.startswith("-") else f"-{typed}"


@kind(number)
@cell
def decimal_comma(typed, draw):
    return typed.replace(".", ",") if "." in typed else None


@kind(lambda column: not column.required)
@cell
def blank(typed, draw):
    return ""


@kind(named("sd_int", "sd_ctl"))
def error_for_deviation(rows, i, column, draw):
    n = rows[i][column.replace("sd", "n")]
    if not (rows[i][column] and n):
        return None
    rows[i][column] = f"{float(rows[i][column]) / sqrt(float(n)):.2f}"
    return True


@kind(named("n_int", "n_ctl", "events_int", "events_ctl", "n_events", "n_at_risk"))
@cell
def off_by_one(typed, draw):
    return str(int(typed) + draw.choice((-1, 1)))


@kind(named("mean_int"))
def arms_exchanged(rows, i, column, draw):
    row = rows[i]
    if not row[column]:
        return None
    for name in ("n", "mean", "sd", "events"):
        row[f"{name}_int"], row[f"{name}_ctl"] = row[f"{name}_ctl"], row[f"{name}_int"]
    return True


@kind(named("mean_int", "sd_int", "n_int", "events_int"))
def pair_exchanged(rows, i, column, draw):
    other = column.replace("_int", "_ctl")
    if rows[i][column] == rows[i][other]:
        return None
    rows[i][column], rows[i][other] = rows[i][other], rows[i][column]
    return True


@kind(named("ci_low"))
def limits_exchanged(rows, i, column, draw):
    if not rows[i][column]:
        return None
    rows[i]["ci_low"], rows[i]["ci_high"] = rows[i]["ci_high"], rows[i]["ci_low"]
    return True


@kind(named("ci_level"))
@cell
def other_level(typed, draw):
    return draw.choice([level for level in ("90", "95", "98.33", "99") if level != typed])


def _other_of_column(rows, i, column, draw):
    others = sorted({row[column] for row in rows} - {rows[i][column], ""})
    if not (others and rows[i][column]):
        return None
    rows[i][column] = draw.choice(others)
    return True


@kind(named("instrument_id"))
def other_instrument(rows, i, column, draw):
    return _other_of_column(rows, i, column, draw)


@kind(named("source_id"))
def sibling_source(rows, i, column, draw):
    return _other_of_column(rows, i, column, draw)


@kind(lambda column: column.enum)
def other_word(rows, i, column, draw):
    return _other_of_column(rows, i, column, draw)


@kind(named("favours", "direction", "better"))
def other_direction(rows, i, column, draw):
    return _other_of_column(rows, i, column, draw)


@kind(lambda column: text(column) or key(column))
@cell
def lookalike_letter(typed, draw):
    places = [p for p, sign in enumerate(typed) if sign in LOOKALIKE]
    if not places:
        return None
    p = draw.choice(places)
    return typed[:p] + LOOKALIKE[typed[p]] + typed[p + 1 :]


@kind(lambda column: text(column) or key(column))
@cell
def invisible_sign(typed, draw):
    place = draw.randrange(len(typed) + 1)
    return typed[:place] + draw.choice("\u200b\u00a0\u202e\ufeff") + typed[place:]


@kind(named("trial", "arm", "procedure", "condition", "technique"))
@cell
def label_respelled(typed, draw):
    return draw.choice((typed.upper(), typed.replace(" ", "  "), typed + ".", typed.replace(" ", "")))


@kind(named("timepoint_weeks"))
@cell
def months_for_weeks(typed, draw):
    return f"{float(typed) * 12 / 52:.4g}" if float(typed) else None


@kind(key)
@cell
def letter_of_key(typed, draw):
    place = draw.randrange(len(typed))
    return typed[:place] + draw.choice("abcdefghij0123456789") + typed[place + 1 :]


@kind(number)
def block_slipped(rows, i, column, draw):
    part = rows[i : i + 4]
    values = [row[column] for row in part]
    if len(set(values)) < 2:
        return None
    for row, value in zip(part, values[-1:] + values[:-1], strict=True):
        row[column] = value
    return True


@kind(number)
def neighbour_copied(rows, i, column, draw):
    if not i or not rows[i - 1][column] or rows[i - 1][column] == rows[i][column]:
        return None
    rows[i][column] = rows[i - 1][column]
    return True


@kind(key)
def row_doubled(rows, i, column, draw):
    rows.insert(i, dict(rows[i]))
    return True


@kind(lambda column: column.name.endswith("_id") and column.name != "source_id")
def row_doubled_under_new_name(rows, i, column, draw):
    if next(iter(rows[i])) != column:
        return None
    rows.insert(i + 1, rows[i] | {column: rows[i][column] + "-b"})
    return True


@kind(key)
def rows_cut_off(rows, i, column, draw):
    del rows[max(i, 1) :]
    return True
