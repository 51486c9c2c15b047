"""Which column of somebody else's table is which of ours: by the names of a program, else by sets that make sense.

A name is understood without regard to case, blanks and signs. Two columns that could both be the same of ours, two
effects, two sets of arms: the header is refused, and ``--map ours=theirs`` says which is meant.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from ..effects.names import Effect, bare, effect_named
from ..errors import EvidenceError
from ..measures import CORRELATION, ONE_GROUP, find
from ..otherwise import remedies
from .estimates import ambiguous, effect_of, option, refuse_strays, spare_columns
from .naming import arm_sets, third_arm
from .programs import ARMS, DIALECTS, NUMBERS, OURS, WORDS, Dialect
from .vocabulary import words_of

_SCALES = {
    "ratio": "the estimate is a ratio, and its se or variance that of the logarithm",
    "log": "the estimate is on the scale of the model, a ratio as its logarithm",
}


@dataclass(frozen=True, slots=True)
class Mapping:
    """How the columns of a header are understood: `columns` leads from ours to theirs.

    `effect` is what the name of the estimate says; `order` says which of two numbered arms was taken for the
    intervention where no program decides that; `ci_level` is the level that the names of the limits say, in per cent.
    `spare` holds more columns of the same effect, for rows whose first one is empty: (ours, theirs, scale).
    """

    dialect: Dialect
    columns: dict
    unread: tuple
    effect: Effect = Effect(None, None)
    order: str = ""
    ci_level: float = 95.0
    spare: tuple = ()

    def __str__(self) -> str:
        pairs = ", ".join(f"{theirs} -> {ours}" if theirs != ours else ours for ours, theirs in self.columns.items())
        scale = f"; {_SCALES[self.effect.scale]}" if "estimate" in self.columns and self.effect.scale else ""
        left = f". Not read: {', '.join(self.unread)}" if self.unread else ""
        order = f". {self.order}" if self.order else ""
        spare = "; ".join(f"{ours}: {theirs}" + f" ({kind})" * bool(kind) for ours, theirs, kind in self.spare)
        spare = f". Where these are empty, {spare}" if spare else ""
        return f"The columns are {self.dialect.title}: {pairs or 'none'}{scale}{spare}{order}{left}"

    def otherwise(self, needs: Any = ARMS) -> str:
        """Say what the columns that were not read may be, and what to write instead."""
        said = []
        for text, entry, names in remedies([*self.unread, self.columns.get("p_value", "")], self.columns, needs):
            read = " ".join(option(*pair) for pair in zip(entry.get("map", ()), names, strict=False))
            said.append(f"{text}{read and f'; or say {read}'}. ")
        return "".join(said)


def squeeze(name: str) -> str:
    """Return a column name without case, blanks, underscores, hyphens and points inside."""
    return re.sub(r"[\s_\-]+|(?<=\w)\.(?=\w)", "", name.strip().lower())


def understand(header: Any, *, dialect: Any = None, given: Any = (), measure: str | None = None) -> Mapping:
    """Return the mapping of a header.

    Parameters
    ----------
    header : sequence of str
    dialect : str, optional
        Key of a dialect; by default the one of whose tell-tale names a set is in the header.
    given : sequence of str
        ``ours=theirs`` as a person typed it; goes before everything else. For the estimate, ours may be a word that
        says its scale: ``logOR=theirs``.
    measure : str, optional
        The measure that is wanted, where the header holds effects of several.

    Raises
    ------
    EvidenceError
        A pair that is no pair or names a column that is not there, or a header that can be read in more than one way.
    """
    names = {bare(name) for name in header} - {""}
    found = (
        DIALECTS[dialect]
        if dialect
        else next((d for d in DIALECTS.values() if any(mark <= names for mark in d.marks)), DIALECTS["plain"])
    )
    columns, effect = {}, None
    for text in given:
        ours, theirs, said = _pair(text, header)
        columns[ours] = theirs
        effect = said or effect
    typed = set(columns)
    _exact(columns, header, found, names)
    own = {ours for ours, theirs in columns.items() if bare(ours) == bare(theirs)} - typed
    taken = [theirs for ours, theirs in columns.items() if ours not in own]
    order = _arms(columns, [name for name in header if name not in taken], own | typed, found)
    before = set(columns)
    effect, level = effect_of(columns, _free(header, columns), effect, measure, found)
    _one_group(columns, _free(header, columns), measure)
    known = [name for name in _free(header, columns) if bare(name) in WORDS]
    for name in sorted(known, key=lambda name: list(WORDS).index(bare(name))):
        columns.setdefault(WORDS[bare(name)], name)
    placed = {ours: theirs for theirs in header for ours, place in columns.items() if place == theirs}
    effect, spare = spare_columns(_free(header, columns), columns, effect, measure)
    refuse_strays(header, columns, {"se", "variance", "ci_low"} & (columns.keys() - before), effect)
    unread = [name for name in _free(header, columns) if name not in {theirs for _, theirs, _ in spare}]
    return Mapping(found, placed, tuple(unread), effect, order, level, spare)


def _free(header, columns):
    return [name for name in header if name not in columns.values()]


def _pair(text, header):
    ours, sign, theirs = text.partition("=")
    ours, theirs = ours.strip(), theirs.strip()
    known = sorted({*OURS, *NUMBERS} - {"shown_mean"})
    if not sign or not ours or not theirs:
        raise EvidenceError(f"--map takes our=theirs, such as n_int=N1, got {text!r}")
    said = effect_named(ours) if ours not in known or ours == "estimate" else None
    if ours not in known and said is None:
        near = get_close_matches(ours, known, n=3)
        hint = f"Did you mean {' or '.join(near)}? " if near else ""
        raise EvidenceError(f"--map {text}: {ours!r} is not a column of ours. {hint}They are: {', '.join(known)}")
    if theirs not in header:
        raise EvidenceError(f"--map {text}: the file has no column {theirs!r}. It has: {', '.join(header)}")
    if said is None:
        return ours, theirs, None
    return "estimate", theirs, said if ours != "estimate" else effect_named(theirs) or said


def _exact(columns, header, found, names):
    """Read the names of a program, each of which means one thing in it."""
    whole = {"ai", "ci"} <= names and ({"bi", "di"} <= names or {"n1i", "n2i"} <= names)
    places = {}
    for name in _free(header, columns):
        ours = found.names.get(bare(name))
        if found.key == "metafor" and bare(name) in ("ai", "bi", "ci", "di") and not whole:
            continue
        if ours and ours not in columns:
            places.setdefault(ours, []).append(name)
    for ours, theirs in places.items():
        if len(theirs) > 1:
            ambiguous(ours, theirs)
        columns[ours] = theirs[0]


def _arms(columns, free, settled, found):
    """Read the one complete set of two arms that the columns make; return which arm was taken as the first.

    `settled` holds those that have our own names or that a person named: they stay what they are.
    """
    sets = [s for s in arm_sets(free) if not s.columns.keys() <= columns.keys()]
    if not sets:
        return ""
    if len(sets) > 1:
        shown = " or ".join(" and ".join(s.pair) for s in sets)
        raise EvidenceError(
            f"the columns make more than one pair of arms ({shown}). Say which is meant, for example "
            f"{option(*_first(sets[0].columns))}, or leave the others out"
        )
    arms = sets[0]
    others = third_arm(free, arms.pair)
    if arms.numbered and others:
        raise EvidenceError(
            f"there are columns of a third arm ({', '.join(others)}). Say with --map which arm is the intervention "
            "(_int) and which the control (_ctl), or leave one out"
        )
    for ours, theirs in arms.columns.items():
        there = list(dict.fromkeys([*([columns[ours]] if ours in columns else []), *theirs]))
        if ours not in settled and len(there) > 1:  # a set is taken whole, or not at all
            ambiguous(ours, there)
        columns.setdefault(ours, theirs[0])
    if not arms.numbered or found.key in ("cma", "jamovi"):  # their first group is the intervention
        return ""
    ours, one = _first(arms.columns)
    turned = {name: name.replace("_int", "_x").replace("_ctl", "_int").replace("_x", "_ctl") for name in arms.columns}
    swapped = " ".join(option(turned[name], theirs[0]) for name, theirs in arms.columns.items())
    return (
        f"Effects are the first group ({one}) against the second ({arms.columns[turned[ours]][0]}), because nothing "
        f"says which is the intervention; for the other way round say {swapped}"
    )


def _first(columns):
    ours = next(name for name in ("n_int", *columns) if name in columns)
    return ours, columns[ours][0]


def _one_group(columns, free, measure):
    """Read the counts of one group, or a correlation with its n, where nothing else was found or these are wanted."""
    wanted = find(measure).columns in (ONE_GROUP, CORRELATION)
    if {"events_int", "mean_int", "g", "log_rr", *(() if wanted else ("estimate",))} & columns.keys():
        return
    for ours, theirs in words_of("one_group").items():
        fits = [name for name in free if bare(name) in theirs]
        if ours not in columns and fits:
            columns[ours] = fits[0] if len(fits) == 1 else ambiguous(ours, fits)
