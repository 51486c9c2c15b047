"""What other people call our columns, and which of their dialects a header is written in.

A name is understood without regard to case, blanks and underscores. `estimate` with `se` or `variance` is on the
analysis scale (ratios as logarithms); `estimate` with limits is on the scale that people read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..errors import EvidenceError
from ..evidence.schema import schemas
from ..measures import spelled

ARMS = ("mean_int", "sd_int", "n_int", "mean_ctl", "sd_ctl", "n_ctl")
EVENTS = ("events_int", "n_int", "events_ctl", "n_ctl")
TIMES = ("events_int", "time_int", "events_ctl", "time_ctl")
NUMBERS = {
    *ARMS, *EVENTS, *TIMES, "nonevents_int", "nonevents_ctl", "estimate", "se", "variance", "ci_low", "ci_high",
    "ci_level", "timepoint_weeks", "events", "n", "r", "n_total", "o_e", "oe_variance", "year", "log_rr", "log_rr_se",
    "g", "g_se", "total_int", "total_ctl",
}  # fmt: skip
WORDS = {
    "slab": "trial", "study": "trial", "studyid": "trial", "studylabel": "trial", "trialname": "trial",
    "author": "authors", "author(s)": "authors", "firstauthor": "authors", "year": "year", "studyyear": "year",
    "publicationyear": "year", "measure": "measure", "effectmeasure": "measure", "outcome": "outcome",
    "timepointweeks": "timepoint_weeks", "weeks": "timepoint_weeks", "subgroup": "subgroup", "group": "subgroup",
    "doi": "doi", "pmid": "pmid", "country": "country", "population": "population",
    "contrast": "contrast",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Dialect:
    """Names of one program: `names` leads from theirs (squeezed) to ours, `marks` are names that give it away."""

    key: str
    title: str
    names: dict
    marks: frozenset


def squeeze(name: str) -> str:
    """Return a column name without case, blanks, underscores, hyphens and points inside."""
    return re.sub(r"[\s_\-]+|(?<=\w)\.(?=\w)", "", name.strip().lower())


def _dialect(key, title, names, marks):
    names = {squeeze(theirs): ours for theirs, ours in names.items()}
    return Dialect(key, title, WORDS | names, frozenset(map(squeeze, marks)))


_OURS = {c.name: c.name for c in schemas()["results"].columns} | {"se": "se", "variance": "variance"}
_OURS |= {name: name for name in (*TIMES, "events", "n", "r", "subgroup", "year", "authors", "doi", "pmid")}
_METAFOR = {
    "ai": "events_int", "bi": "nonevents_int", "ci": "events_ctl", "di": "nonevents_ctl", "n1i": "n_int",
    "n2i": "n_ctl", "m1i": "mean_int", "sd1i": "sd_int", "m2i": "mean_ctl", "sd2i": "sd_ctl", "x1i": "events_int",
    "t1i": "time_int", "x2i": "events_ctl", "t2i": "time_ctl", "yi": "estimate", "vi": "variance", "sei": "se",
    "xi": "events", "ni": "n", "ri": "r",
}  # fmt: skip
_METAPSY = {
    "study": "trial", "condition_arm1": "intervention", "condition_arm2": "comparator", "multi_arm1": "multi_int",
    "multi_arm2": "multi_ctl", "outcome_type": "outcome", "instrument": "instrument", "time": "time",
    "time_weeks": "timepoint_weeks", "rating": "rating", "mean_arm1": "mean_int", "sd_arm1": "sd_int",
    "n_arm1": "n_int", "mean_arm2": "mean_ctl", "sd_arm2": "sd_ctl", "n_arm2": "n_ctl", "event_arm1": "events_int",
    "totaln_arm1": "total_int", "event_arm2": "events_ctl", "totaln_arm2": "total_ctl", ".g": "g", ".g_se": "g_se",
    ".log_rr": "log_rr", ".log_rr_se": "log_rr_se",
}  # fmt: skip
_REVMAN = {
    "Study": "trial", "Study year": "year", "Subgroup": "subgroup", "GIV Mean": "estimate", "GIV SE": "se",
    "Experimental mean": "mean_int", "Experimental SD": "sd_int", "Experimental cases": "events_int",
    "Experimental events": "events_int", "Experimental N": "n_int", "Experimental total": "n_int",
    "Control mean": "mean_ctl", "Control SD": "sd_ctl", "Control cases": "events_ctl", "Control events": "events_ctl",
    "Control N": "n_ctl", "Control total": "n_ctl", "O-E": "o_e", "Variance": "oe_variance",
    "Analysis name": "outcome", "Mean": "shown_mean", "CI start": "shown_low", "CI end": "shown_high",
}  # fmt: skip
_PLAIN = {
    "effect": "estimate", "effect size": "estimate", "es": "estimate", "te": "estimate", "d": "estimate",
    "hedges g": "estimate", "cohens d": "estimate", "g": "estimate", "smd": "estimate", "md": "estimate",
    "or": "estimate", "rr": "estimate", "hr": "estimate", "irr": "estimate", "rom": "estimate", "rd": "estimate",
    "odds ratio": "estimate", "risk ratio": "estimate", "hazard ratio": "estimate", "mean difference": "estimate",
    "estimate": "estimate", "std error": "se", "standard error": "se", "stderr": "se", "sete": "se", "se": "se",
    "var": "variance", "variance": "variance", "v": "variance", "lower": "ci_low", "upper": "ci_high",
    "ci lower": "ci_low", "ci upper": "ci_high", "lower ci": "ci_low", "upper ci": "ci_high", "ll": "ci_low",
    "ul": "ci_high", "lcl": "ci_low", "ucl": "ci_high", "ci low": "ci_low", "ci high": "ci_high",
    "95% ci lower": "ci_low", "95% ci upper": "ci_high", "trial": "trial", "name": "trial",
    "event.e": "events_int", "n.e": "n_int", "event.c": "events_ctl", "n.c": "n_ctl", "mean.e": "mean_int",
    "sd.e": "sd_int", "mean.c": "mean_ctl", "sd.c": "sd_ctl",
}  # fmt: skip


def _special(names):
    """Return the names that give a dialect away: words that anybody may use do not."""
    return tuple(name for name in names if squeeze(name) not in WORDS or name == "contrast")


DIALECTS = {
    d.key: d
    for d in (
        _dialect("ours", "this project's own", _OURS, _special([c.name for c in schemas()["results"].columns])),
        _dialect("metafor", "metafor's", _METAFOR, tuple(_METAFOR)),
        _dialect("metapsy", "Metapsy's", _METAPSY, _special(_METAPSY)),
        _dialect("revman", "RevMan's", _REVMAN, _special(_REVMAN)),
        _dialect("plain", "everyday", _PLAIN, tuple(_PLAIN)),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mapping:
    """How the columns of a header are understood: `columns` leads from ours to theirs, in the order of the header."""

    dialect: Dialect
    columns: dict
    unread: tuple

    def __str__(self) -> str:
        pairs = ", ".join(f"{theirs} -> {ours}" if theirs != ours else ours for ours, theirs in self.columns.items())
        left = f". Not read: {', '.join(self.unread)}" if self.unread else ""
        return f"The columns are {self.dialect.title}: {pairs}{left}"

    def spelled_measure(self) -> str | None:
        """Return the measure that the name of the estimate's column spells out, if it does."""
        return spelled(self.columns.get("estimate", ""))


def understand(header, *, dialect=None, given=()) -> Mapping:
    """Return the mapping of a header.

    Parameters
    ----------
    header : sequence of str
    dialect : str, optional
        Key of a dialect; by default the one most of whose tell-tale names stand in the header.
    given : sequence of str
        ``ours=theirs`` as a person typed it; goes before everything else.

    Raises
    ------
    EvidenceError
        A pair that is no pair, or names a column that is not there.
    """
    squeezed = {squeeze(name): name for name in header}
    said = dict(_pair(text, header) for text in given)
    found = DIALECTS[dialect] if dialect else max(DIALECTS.values(), key=lambda d: len(d.marks & squeezed.keys()))
    columns, taken = dict(said), set(said.values())
    for short, theirs in squeezed.items():
        ours = found.names.get(short)
        if ours and ours not in columns and theirs not in taken:
            columns[ours] = theirs
            taken.add(theirs)
    return Mapping(found, columns, tuple(name for name in header if name not in taken))


def _pair(text, header):
    ours, sign, theirs = text.partition("=")
    ours, theirs = ours.strip(), theirs.strip()
    known = sorted({*_OURS, *NUMBERS})
    if not sign or not ours or not theirs:
        raise EvidenceError(f"--map takes our=theirs, such as n_int=N1, got {text!r}")
    if ours not in known:
        raise EvidenceError(f"--map {text}: {ours!r} is not a column of ours. They are: {', '.join(known)}")
    if theirs not in header:
        raise EvidenceError(f"--map {text}: the file has no column {theirs!r}. It has: {', '.join(header)}")
    return ours, theirs
