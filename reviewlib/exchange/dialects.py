"""Which column of somebody else's table is which of ours: by the names of a program, else by sets that make sense.

A name is understood without regard to case, blanks and signs. Two columns that could both be the same of ours, two
effects, two sets of arms: the header is refused, and ``--map ours=theirs`` says which is meant.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from ..effects.names import MEASURE_WORDS, WEAK, Effect, bare, effect_named
from ..errors import EvidenceError
from ..measures import CORRELATION, ONE_GROUP, find
from .naming import arm_sets, limit_named, spread_named, third_arm
from .programs import DIALECTS, NUMBERS, OURS, WORDS, Dialect

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
    effect, level = _effect(columns, _free(header, columns), effect, measure, found)
    _one_group(columns, _free(header, columns), measure)
    known = [name for name in _free(header, columns) if bare(name) in WORDS]
    for name in sorted(known, key=lambda name: list(WORDS).index(bare(name))):
        columns.setdefault(WORDS[bare(name)], name)
    placed = {ours: theirs for theirs in header for ours, place in columns.items() if place == theirs}
    effect, spare = _spare(_free(header, columns), columns, effect, measure)
    _strays(header, columns, [ours for ours in ("se", "variance", "ci_low") if ours in columns.keys() - before], effect)
    unread = [name for name in _free(header, columns) if name not in {theirs for _, theirs, _ in spare}]
    return Mapping(found, placed, tuple(unread), effect, order, level, spare)


def _free(header, columns):
    return [name for name in header if name not in columns.values()]


def option(ours: str, theirs: str) -> str:
    """Return what a person types to say that a column is one of ours."""
    return f'--map "{ours}={theirs}"' if " " in theirs else f"--map {ours}={theirs}"


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


def _ambiguous(ours, names):
    both = " and ".join(names)
    raise EvidenceError(
        f"the columns {both} could all be {ours}: say which with {option(ours, names[0])}, or rename the others"
    )


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
            _ambiguous(ours, theirs)
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
            f"{option('n_int', _first(sets[0].columns, 'n_int'))}, or leave the others out"
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
            _ambiguous(ours, there)
        columns.setdefault(ours, theirs[0])
    if not arms.numbered or found.key in ("cma", "jamovi"):  # their first group is the intervention
        return ""
    one, two = (_first(arms.columns, name) for name in ("n_int", "n_ctl"))
    return (
        f"Effects are the first group ({one}) against the second ({two}), because nothing says which is the "
        f"intervention; for the other way round say {option('n_int', two)} and so on"
    )


def _first(columns, name):
    return columns.get(name, next(iter(columns.values())))[0]


def _effect(columns, free, effect, measure, found):
    """Read the estimate and what says how precise it is; return what its name says, and the level of its limits."""
    if found.key == "revman":
        return Effect("log" if "estimate" in columns else None, None), 95.0
    arms = {bare(name) for name in free} & {"sc", "me", "mc"}  # beside these, Se is an SD
    spreads = {name: said for name in free if (said := spread_named(name)) and not (arms and bare(name) == "se")}
    limits = {name: said for name in free if (said := limit_named(name)) and name not in spreads}
    if "estimate" in columns:
        effect = effect or effect_named(columns["estimate"]) or Effect(None, None)
    else:
        effects = {name: said for name in free if (said := effect_named(name)) and name not in (*spreads, *limits)}
        spread = {"se", "variance", "ci_low"} & columns.keys() or spreads or limits
        spread = spread or not {"mean_int", "events_int", "r", "events"} & columns.keys()
        known = spreads or limits or any(bare(name) not in WEAK for name in effects)
        theirs = _one_effect(effects, measure, limits) if effects and spread and known else None
        if theirs is None:
            return Effect(None, None), 95.0
        columns["estimate"], effect = theirs, effects[theirs]
    level = _limits(columns, limits, effect)
    for kind in ("se", "variance"):
        fits = _fitting({name: said for name, (what, said) in spreads.items() if what == kind}, effect)
        if kind in columns or not fits:
            continue
        columns[kind] = fits[0] if len(fits) == 1 else _ambiguous(kind, fits)
        if spreads[fits[0]][1].scale == "ratio" and "ci_low" not in columns:
            raise EvidenceError(
                f"{fits[0]} may be the {kind} of the ratio itself or of its logarithm. Say {option(kind, fits[0])} if "
                "it is that of the logarithm, or give the limits of the interval"
            )
    return effect, level


def _strays(header, columns, found, effect):
    """Refuse a standard error or limits without a name that stand behind another effect than the estimate."""
    named = {name: effect_named(name) for name in header if not spread_named(name) and not limit_named(name)}
    estimate = columns.get("estimate")
    named = {name: of for name, of in named.items() if of and (name == estimate or bare(name) not in WEAK)}
    twins = {name for name, of in named.items() if of.measure in (effect.measure, None) and of.scale != effect.scale}
    rivals = named.keys() - twins - {estimate}
    for ours in found if rivals else ():
        theirs = columns[ours]
        said = (spread_named(theirs) or limit_named(theirs))[-1]
        owner = ([name for name in header[: header.index(theirs)] if name in named] or [*rivals])[-1]
        if owner in rivals and said.measure is None:
            raise EvidenceError(
                f"{theirs} may belong to {owner} or to {estimate}: name it after its effect, say "
                f"{option(ours, theirs)}, or leave {owner} out"
            )


def _one_effect(effects, measure, limits):
    """Return the column of the estimate: the measure that is wanted, and the strongest name."""
    wanted = (measure or "").upper()
    if len({said.measure for said in effects.values() if said.measure}) > 1 or wanted in MEASURE_WORDS.values():
        kept = {name: said for name, said in effects.items() if said.measure in (wanted, None)}
        if not kept or (not wanted and len(kept) < len(effects)):
            there = ", ".join(effects)
            if wanted:
                return None
            raise EvidenceError(f"the file holds effects of several measures ({there}): say which with --measure")
        effects = kept
    fits = [name for name in effects if bare(name) not in WEAK] or list(effects)
    scales, measures = {effects[name].scale: name for name in fits}, {effects[name].measure for name in fits}
    if len(fits) == 2 and len(measures - {None}) == 1 and {"ratio", "log"} == scales.keys():
        # the same effect, once as it is and once as its logarithm
        return scales["ratio" if limits and not any(said[2].scale == "log" for said in limits.values()) else "log"]
    return fits[0] if len(fits) == 1 else _ambiguous("estimate", fits)


def _fitting(said, effect):
    """Return the columns whose names do not speak of another effect, those that name this one first."""
    fits = [name for name, of in said.items() if of.measure in (None, effect.measure) or effect.measure is None]
    own = [name for name in fits if said[name].measure and said[name].measure == effect.measure]
    logs = [name for name in own or fits if said[name].scale == "log"]
    return logs or own or fits


def _limits(columns, limits, effect):
    """Read the pair of limits that belongs to the effect, and return their level."""
    if {"ci_low", "ci_high"} & columns.keys():
        return 95.0
    sides = {side: {name: of for name, (s, _, of) in limits.items() if s == side} for side in ("low", "high")}
    pairs = {side: _fitting(names, effect) for side, names in sides.items()}
    if not pairs["low"] or not pairs["high"]:
        return 95.0
    for side, names in pairs.items():
        columns[f"ci_{side}"] = names[0] if len(names) == 1 else _ambiguous(f"ci_{side}", names)
    levels = {limits[columns[name]][1] for name in ("ci_low", "ci_high")}
    if len(levels) > 1:
        raise EvidenceError(f"{columns['ci_low']} and {columns['ci_high']} have different levels: rename one of them")
    return levels.pop()


def _spare(free, columns, effect, wanted):
    """Return what the names say of the effect, and the columns that show it again, for rows whose first is empty."""
    if "estimate" not in columns or effect.scale is None:
        return effect, ()
    spreads = {name: said for name in free if (said := spread_named(name))}
    limits = {name: said for name in free if name not in spreads and (said := limit_named(name))}
    named = {name: effect_named(name) for name in free if name not in spreads and name not in limits}
    same = {name: of for name, of in named.items() if of and of.scale and bare(name) not in WEAK}
    measures = {of.measure for of in same.values()} - {None}
    if effect.measure is None and len(measures) == 1 and (wanted or "").upper() in ("", *measures):
        effect = Effect(effect.scale, *measures)  # yi beside OR
    own = (effect.measure, None)
    estimates = [("estimate", name, of.scale) for name, of in same.items() if of.measure in own]
    logs = [(kind, name, "") for name, (kind, of) in spreads.items() if of.scale == "log" and of.measure in own]
    ends = [(f"ci_{side}", name, "") for name, (side, _, of) in limits.items() if of.measure in own]
    ends = ends if sorted(ours for ours, *_ in ends) == ["ci_high", "ci_low"] else []
    return effect, (*estimates, *(one for one in (*logs, *ends) if estimates or one[0] not in columns))


def _one_group(columns, free, measure):
    """Read the counts of one group, or a correlation with its n, where nothing else was found or these are wanted."""
    wanted = find(measure).columns in (ONE_GROUP, CORRELATION)
    if {"events_int", "mean_int", "g", "log_rr", *(() if wanted else ("estimate",))} & columns.keys():
        return
    for ours, theirs in (
        ("events", ("events", "event", "cases", "xi", "numberofevents")),
        ("n", ("n", "ni", "total", "ntotal", "samplesize", "n_total")),
        ("r", ("r", "ri", "cor", "correlation", "korrelation", "correlacion", "pearsonr", "pearsonsr")),
    ):
        fits = [name for name in free if bare(name) in theirs]
        if ours not in columns and fits:
            columns[ours] = fits[0] if len(fits) == 1 else _ambiguous(ours, fits)
