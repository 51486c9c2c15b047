"""What the name of a column says: whose arm it counts, which effect it is, and on which scale.

A name of one letter says nothing alone. `Se` is the SD of the experimental arm beside `Ne`, `Me`, `Nc`, `Mc` and `Sc`,
and a standard error elsewhere: arms are understood only as complete sets.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache
from typing import Any, NamedTuple

from ..effects.names import ADJUSTED, LOG_WORDS, WEAK, Effect, bare, effect_named, folded
from .vocabulary import NAMES, words_of

_INT, _CTL = words_of("arms").values()
NUMBERED = tuple(tuple(arms.split()) for arms in NAMES["numbered"])
_QUANTITIES = words_of("quantities")
FAMILIES = ({"n", "mean", "sd"}, {"n", "events"}, {"events", "nonevents"}, {"events", "time"})
_SIDES, _ENDS = words_of("sides"), words_of("ends")
_SIDE = {word: side for table in (_SIDES, _ENDS) for side, words in table.items() for word in words}
_NAMED_ENDS = {word for words in _ENDS.values() for word in words}
_INTERVAL = {"ci", "ki", "ic", "bi"}
_FILL = _INTERVAL | {*NAMES["filling"].split()}
_LEVELS = {"80", "90", "95", "99"}
_PERCENTILE = {"2.5": ("low", 95), "97.5": ("high", 95), "5.0": ("low", 90), "95.0": ("high", 90)}


def words(name: str) -> list[str]:
    """Return the words of a name: parted at signs, at digits and where small letters turn into capitals."""
    text = folded(name)
    text = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]{2})|(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])", " ", text)
    return re.findall(r"[a-z]+|\d+", text.lower())


# Arms ------------------------------------------------------------------------------------------------------------


_BETWEEN = ("of", "in", "inthe", "gruppe", "groupe", "grupo")


@cache
def _arm_names() -> dict:
    """Return what each name of an arm's column may mean: (quantity, arm, word for the quantity)."""
    found = defaultdict(set)
    arms = {*_INT, *_CTL, *(arm for triple in NUMBERED for arm in triple)}
    for quantity, synonyms in _QUANTITIES.items():
        for word in synonyms:
            for arm in arms:
                names = [word + arm, arm + word, *(word + fill + arm for fill in _BETWEEN)]
                names += [name for group in ("group", "arm") for name in (f"{arm}{group}{word}", f"{word}{arm}{group}")]
                for name in names:
                    found[name].add((quantity, arm, word))
    return dict(found)


class ArmSet(NamedTuple):
    """Columns of two arms that make sense together: `columns` leads from ours to theirs."""

    columns: dict
    pair: tuple
    numbered: bool


def arm_sets(header: Any) -> list[ArmSet]:
    """Return every complete set of columns of two arms; several columns for one cell stand in it as a tuple."""
    by_arm = defaultdict(lambda: defaultdict(dict))
    for name in header:
        for quantity, arm, word in _arm_names().get(bare(name), ()):
            by_arm[arm][quantity].setdefault(word, []).append(name)
    pairs = [(one, two, False) for one in _INT for two in _CTL] + [(one, two, True) for one, two, _ in NUMBERED]
    found = []
    for one, two, numbered in pairs:
        both = by_arm[one].keys() & by_arm[two].keys() if one in by_arm and two in by_arm else set()
        families = [family for family in FAMILIES if family <= both]
        columns = _of_both(by_arm[one], by_arm[two], set().union(*families)) if families else {}
        if columns and not any(set(columns.values()) <= set(other.columns.values()) for other in found):
            found.append(ArmSet(columns, (one, two), numbered))
    return found


def _of_both(one, two, quantities) -> dict:
    """Return the columns of two arms; those that call a quantity by the same word in both belong together."""
    columns = {}
    for quantity in sorted(quantities):
        words_of = one[quantity].keys() & two[quantity].keys() or {*one[quantity], *two[quantity]}
        for ours, arm in (("int", one), ("ctl", two)):
            names = [name for word in words_of for name in arm[quantity].get(word, ())]
            columns[f"{quantity}_{ours}"] = tuple(dict.fromkeys(names))
    return columns


def third_arm(header: Any, pair: Any) -> list[str]:
    """Return the columns of a third arm of equal rank beside a numbered pair."""
    third = next((arms[2] for arms in NUMBERED if arms[:2] == pair), None)
    return [name for name in header if third and any(arm == third for _, arm, _ in _arm_names().get(bare(name), ()))]


# Effects ---------------------------------------------------------------------------------------------------------


def _beside(rest: str) -> Effect | None:
    """Return what the rest of the name of a standard error, variance or limit says of its effect."""
    rest = re.sub(r"^(ofthe|of|for)|(of|the)$", "", rest)
    if not ADJUSTED.sub("", rest):
        return Effect(None, None)
    if rest in LOG_WORDS or rest in ("yi", "te", "meta"):
        return Effect("log", None)
    return effect_named(rest)


_SPREADS = words_of("spreads")


def spread_named(name: str) -> tuple[str, Effect] | None:
    """Return ("se" or "variance", what the name says of its effect), None where it names neither."""
    text = bare(name)
    for kind, cores in _SPREADS.items():
        for core in cores:
            rests = [text.removeprefix(core)] * text.startswith(core) + [text.removesuffix(core)] * text.endswith(core)
            for rest in rests:  # se_g, but no "seg"
                said = _beside(rest) if rest not in WEAK or re.search(r"[^\W_]+[\W_]+[^\W_]+", name) else None
                if said and (core not in ("v", "vi") or not rest or said.scale == "log"):
                    return kind, said
    return None


def _joined(text):
    """Return what a name says that joins its effect and its side in one word: hrlower, ORul, lowerhr."""
    for word, side in _SIDE.items():
        rests = [text.removesuffix(word)] * text.endswith(word) + [text.removeprefix(word)] * text.startswith(word)
        said = [of for rest in rests if rest and len(word) > 1 and (of := _beside(rest)) and of.measure]
        if said:
            return side, 95.0, said[0]
    return None


def limit_named(name: str) -> tuple[str, float, Effect] | None:
    """Return ("low" or "high", level in per cent, what the name says of its effect), None where it names no limit."""
    percentile = re.fullmatch(r"x?\s*(\d+\.\d)\s*[.%]*", name.strip().lower())
    if percentile and percentile[1] in _PERCENTILE:
        return (*_PERCENTILE[percentile[1]], Effect(None, None))
    if bare(name) in _SIDE and bare(name) not in _NAMED_ENDS:
        return _SIDE[bare(name)], 95.0, Effect(None, None)
    parts = words(name)
    sides = [word for word in parts if word in _SIDE]
    levels = [word for word in parts if word in _LEVELS]
    rest = [word for word in parts if word not in _FILL and word not in _LEVELS and word not in _SIDE]
    if not sides and (joined := _joined(bare(name))):
        return joined
    if len(sides) != 1 or len(levels) > 1 or (sides[0] in _NAMED_ENDS and not _INTERVAL & set(parts)):
        return None
    said = _beside("".join(rest))
    return (_SIDE[sides[0]], float(levels[0]) if levels else 95.0, said) if said else None
