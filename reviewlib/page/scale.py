"""A mean difference on a ruler as long as its scale, beside the smallest difference that matters: one line of SVG.

Places are percentages and letters are CSS pixels, so the ruler stretches with the page and its words never shrink.
"""

from __future__ import annotations

from html import escape

from ..html import Html, missing
from ..meaning.few_trials import both_limits, widest
from ..meaning.finding import Finding
from ..meaning.words import MINUS, digits_for, number

_EDGE = 2.0  # percent of the width left free on each side
_MIDDLE = 16  # px from the top: the line on which the difference lies


def ruler(found: Finding) -> Html | None:
    """Return the ruler of a finding, or None where it is no difference in points of a scale with known ends.

    Parameters
    ----------
    found : Finding

    Returns
    -------
    Html or None
        One `<svg role="img">` whose label says everything that is drawn.
    """
    low, high = (found.instrument.get(f"scale_{end}") for end in ("min", "max"))
    if found.comparison["measure"] != "MD" or found.estimate is None or missing(low) or missing(high) or not low < high:
        return None
    ends = _ends(found, high - low)
    marks = [_band(found, ends), _axis(ends), _interval(found, ends), *_letters(found, ends)]
    return Html(
        f'<svg class="ruler" role="img" focusable="false" aria-label="{escape(in_words(found))}">{"".join(marks)}</svg>'
    )


def in_words(found: Finding) -> str:
    """Return what the ruler shows, for those who do not see it."""
    low, high = (found.instrument[f"scale_{end}"] for end in ("min", "max"))
    mid = "" if found.threshold is None else f" Shaded: differences below {found.threshold:g} {found.unit}."
    return f"The difference on a ruler as long as the scale of {low:g} to {high:g}: {points(found)}.{mid}"


def points(found: Finding) -> str:
    """Return a difference and its interval in words: "2.7 points lower (95% CI 1.8 to 3.6 lower)"."""
    digits = digits_for("MD", found.instrument)
    both = both_limits(found.pooled)
    spans = [f"{_span(*limits, digits)} by {name}" for name, limits in both.items()] or [_span(*found.ci, digits)]
    estimate = found.estimate
    return f"{number(abs(estimate), digits)} {found.unit} {_side(estimate)} (95% CI {', '.join(spans)})"


def _span(low, high, digits) -> str:
    if low < 0 < high:
        return f"{number(-low, digits)} lower to {number(high, digits)} higher"
    near, far = sorted((abs(low), abs(high)))
    return f"{number(near, digits)} to {number(far, digits)} {_side(low + high)}"


def _side(value) -> str:
    return "lower" if value < 0 else "higher"


def _drawn(found):
    """Return the interval on the ruler: one line has room for one, and that is not the narrower of two."""
    return widest(found.pooled, found.ci)


def _ends(found, length):
    """Return the ends of the ruler: zero, the whole scale on the side of the difference, and what else is drawn."""
    beyond = [abs(found.threshold or 0), *(abs(limit) for limit in _drawn(found) if limit * found.estimate < 0)]
    short = max(0.12 * length, 1.2 * max(beyond))
    return (-length, short) if found.estimate < 0 else (-short, length)


def _place(value, ends) -> float:
    return _EDGE + (100 - 2 * _EDGE) * (value - ends[0]) / (ends[1] - ends[0])


def _band(found, ends) -> str:
    if found.threshold is None:
        return ""
    left, right = _place(-abs(found.threshold), ends), _place(abs(found.threshold), ends)
    return f'<rect class="mid" x="{left:.2f}%" y="3" width="{right - left:.2f}%" height="{2 * _MIDDLE - 6}"/>'


def _axis(ends) -> str:
    ticks = [(end, 6) for end in ends] + [(0, 12)]
    lines = "".join(
        f'<line x1="{_place(at, ends):.2f}%" x2="{_place(at, ends):.2f}%" y1="{_MIDDLE - half}" y2="{_MIDDLE + half}"/>'
        for at, half in ticks
    )
    base = f'<line x1="{_EDGE}%" x2="{100 - _EDGE}%" y1="{_MIDDLE}" y2="{_MIDDLE}"/>'
    return f'<g class="axis">{base}{lines}</g>'


def _interval(found, ends) -> str:
    low, high = (_place(limit, ends) for limit in _drawn(found))
    at = _place(found.estimate, ends)
    caps = "".join(f'<line x1="{x:.2f}%" x2="{x:.2f}%" y1="{_MIDDLE - 6}" y2="{_MIDDLE + 6}"/>' for x in (low, high))
    line = f'<line x1="{low:.2f}%" x2="{high:.2f}%" y1="{_MIDDLE}" y2="{_MIDDLE}"/>'
    diamond = f'<svg x="{at:.2f}%" y="{_MIDDLE}" overflow="visible"><path d="M-6 0L0-6 6 0 0 6Z"/></svg>'
    return f'<g class="difference">{line}{caps}{diamond}</g>'


def _letters(found, ends):
    """Return the words under the ruler: the far end in points, and zero."""
    far, near = (ends[0], "start") if found.estimate < 0 else (ends[1], "end")
    sign = MINUS if far < 0 else "+"
    yield _text(far, ends, near, f"{sign}{abs(far):g} {escape(found.unit)}")
    yield _text(0, ends, "end" if found.estimate < 0 else "start", "0: no difference")


def _text(at, ends, anchor, words) -> str:
    # The word of zero starts a little beside its tick, towards the long side, where there is room.
    return f'<text x="{_place(at, ends):.2f}%" y="{2 * _MIDDLE + 11}" text-anchor="{anchor}">{words}</text>'
