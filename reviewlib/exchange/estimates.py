"""Which columns of a header hold the effect, and what says how precise it is: its name, its neighbours, its spares."""

from __future__ import annotations

from typing import Any, NoReturn

from ..effects.names import MEASURE_WORDS, WEAK, Effect, bare, effect_named
from ..errors import EvidenceError
from .naming import limit_named, spread_named


def option(ours: str, theirs: str) -> str:
    """Return what a person types to say that a column is one of ours."""
    return f'--map "{ours}={theirs}"' if " " in theirs else f"--map {ours}={theirs}"


def ambiguous(ours: str, names: Any) -> NoReturn:
    """Refuse columns that could all be one of ours."""
    both = " and ".join(names)
    raise EvidenceError(
        f"the columns {both} could all be {ours}: say which with {option(ours, names[0])}, or rename the others"
    )


def effect_of(
    columns: dict, free: list, effect: Effect | None, measure: str | None, found: Any
) -> tuple[Effect, float]:
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
        columns[kind] = fits[0] if len(fits) == 1 else ambiguous(kind, fits)
        if spreads[fits[0]][1].scale == "ratio" and "ci_low" not in columns:
            raise EvidenceError(
                f"{fits[0]} may be the {kind} of the ratio itself or of its logarithm. Say {option(kind, fits[0])} if "
                "it is that of the logarithm, or give the limits of the interval"
            )
    return effect, level


def refuse_strays(header: Any, columns: dict, found: set[str], effect: Effect) -> None:
    """Refuse a standard error or limits without a name that stand behind another effect than the estimate."""
    named = {name: effect_named(name) for name in header if not spread_named(name) and not limit_named(name)}
    estimate = columns.get("estimate")
    named = {name: of for name, of in named.items() if of and (name == estimate or bare(name) not in WEAK)}
    twins = {name for name, of in named.items() if of.measure in (effect.measure, None) and of.scale != effect.scale}
    rivals = named.keys() - twins - {estimate}
    for ours in sorted(found) if rivals else ():
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
            which = "say which with --measure (import: --set measure=)"
            raise EvidenceError(f"the file holds effects of several measures ({there}): {which}")
        effects = kept
    fits = [name for name in effects if bare(name) not in WEAK] or list(effects)
    scales, measures = {effects[name].scale: name for name in fits}, {effects[name].measure for name in fits}
    if len(fits) == 2 and len(measures - {None}) == 1 and {"ratio", "log"} == scales.keys():
        # the same effect, once as it is and once as its logarithm
        return scales["ratio" if limits and not any(said[2].scale == "log" for said in limits.values()) else "log"]
    return fits[0] if len(fits) == 1 else ambiguous("estimate", fits)


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
        columns[f"ci_{side}"] = names[0] if len(names) == 1 else ambiguous(f"ci_{side}", names)
    levels = {limits[columns[name]][1] for name in ("ci_low", "ci_high")}
    if len(levels) > 1:
        raise EvidenceError(f"{columns['ci_low']} and {columns['ci_high']} have different levels: rename one of them")
    return levels.pop()


def spare_columns(free: list, columns: dict, effect: Effect, wanted: str | None) -> tuple[Effect, tuple]:
    """Return what the names say of the effect, and the columns that show it again, for rows whose first is empty."""
    if "estimate" not in columns or effect.scale is None:
        return effect, ()
    spreads = {name: said for name in free if (said := spread_named(name))}
    limits: dict[str, Any] = {name: said for name in free if name not in spreads and (said := limit_named(name))}
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
