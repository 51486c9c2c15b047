"""The names that programs give to the columns of studies, and what gives each program away."""

from __future__ import annotations

from dataclasses import dataclass

from ..effects.names import bare
from ..evidence.schema import schemas
from ..measures import PAIRED
from .vocabulary import NAMES, words_of

ARMS = ("mean_int", "sd_int", "n_int", "mean_ctl", "sd_ctl", "n_ctl")
EVENTS = ("events_int", "n_int", "events_ctl", "n_ctl")
TIMES = ("events_int", "time_int", "events_ctl", "time_ctl")
COUNTS = frozenset(NAMES["counts"].split())
NUMBERS = COUNTS | {*ARMS, *TIMES, *PAIRED, *NAMES["numbers"].split()}
WORDS = {word: ours for ours, words in words_of("everyday").items() for word in words}


@dataclass(frozen=True, slots=True)
class Dialect:
    """Names of one program: `names` leads from theirs to ours, `marks` are sets of names of which one gives it away."""

    key: str
    title: str
    names: dict
    marks: tuple


_RESULTS = [c.name for c in schemas()["results"].columns]
OURS = {name: name for name in (*_RESULTS, "se", "variance", *TIMES, "events", *PAIRED, "subgroup")}
_EFFECTS = {"estimate", "se", "variance", "ci_low", "ci_high", "ci_level", "events", "n", "r", "measure"}
_OWN = {"ours": OURS, "plain": {name: name for name in OURS if name not in _EFFECTS}}


def _dialect(key, said):
    names = said.get("names") or _OWN.get(key, {})
    marks = tuple(frozenset(mark.split()) for mark in said.get("marks", ()))
    return Dialect(key, said["title"], {bare(theirs): ours for theirs, ours in names.items()}, marks)


DIALECTS = {key: _dialect(key, said) for key, said in NAMES["programs"].items()}
