"""The names that programs give to the columns of studies, and what gives each program away."""

from __future__ import annotations

from dataclasses import dataclass

from ..effects.names import bare
from ..evidence.schema import schemas

ARMS = ("mean_int", "sd_int", "n_int", "mean_ctl", "sd_ctl", "n_ctl")
EVENTS = ("events_int", "n_int", "events_ctl", "n_ctl")
TIMES = ("events_int", "time_int", "events_ctl", "time_ctl")
COUNTS = frozenset(
    ("events_int", "events_ctl", "n_int", "n_ctl", "nonevents_int", "nonevents_ctl", "total_int", "total_ctl", "events",
     "n", "n_total")
)  # fmt: skip
NUMBERS = COUNTS | {
    *ARMS, *TIMES, "estimate", "se", "variance", "ci_low", "ci_high", "ci_level", "timepoint_weeks", "r", "o_e",
    "oe_variance", "year", "log_rr", "log_rr_se", "g", "g_se",
}  # fmt: skip
_WORDS = {
    "trial": "trial studlab slab study studyid studylabel studylbl studyname trialname metastudylabel labels label "
             "name studie studienname etude estudio studio estudo rownames",
    "authors": "author authors firstauthor autor autoren erstautor auteur auteurs autores autore autori",
    "year": "year studyyear publicationyear pubyear yearofstudy jahr annee ano anno",
    "measure": "measure effectmeasure", "outcome": "outcome outcomename", "timepoint_weeks": "timepointweeks weeks",
    "subgroup": "subgroup group untergruppe subgruppe sousgroupe subgrupo sottogruppo",
    "excluded": "excluded exclude exclusion isexcluded ausgeschlossen exclu excluido",
    "ci_level": "cilevel confidencelevel", "doi": "doi", "pmid": "pmid", "country": "country",
    "population": "population", "contrast": "contrast",
}  # fmt: skip
WORDS = {word: ours for ours, words in _WORDS.items() for word in words.split()}


@dataclass(frozen=True, slots=True)
class Dialect:
    """Names of one program: `names` leads from theirs to ours, `marks` are sets of names of which one gives it away."""

    key: str
    title: str
    names: dict
    marks: tuple


def _dialect(key, title, names, *marks):
    names = {bare(theirs): ours for theirs, ours in names.items()}
    return Dialect(key, title, names, tuple(frozenset(mark.split()) for mark in marks))


_RESULTS = [c.name for c in schemas()["results"].columns]
OURS = {name: name for name in (*_RESULTS, "se", "variance", *TIMES, "events", "n", "r", "subgroup")}
_METAFOR = {
    "ai": "events_int", "bi": "nonevents_int", "ci": "events_ctl", "di": "nonevents_ctl", "n1i": "n_int",
    "n2i": "n_ctl", "m1i": "mean_int", "sd1i": "sd_int", "m2i": "mean_ctl", "sd2i": "sd_ctl", "x1i": "events_int",
    "t1i": "time_int", "x2i": "events_ctl", "t2i": "time_ctl", "yi": "estimate", "vi": "variance", "sei": "se",
    "xi": "events", "ni": "n", "ri": "r",
}  # fmt: skip
_METAPSY = {
    "condition_arm1": "intervention", "condition_arm2": "comparator", "multi_arm1": "multi_int",
    "multi_arm2": "multi_ctl", "outcome_type": "outcome", "instrument": "instrument", "time": "time",
    "rating": "rating", "time_weeks": "timepoint_weeks", "mean_arm1": "mean_int", "sd_arm1": "sd_int",
    "n_arm1": "n_int", "mean_arm2": "mean_ctl", "sd_arm2": "sd_ctl", "n_arm2": "n_ctl", "event_arm1": "events_int",
    "totaln_arm1": "total_int", "event_arm2": "events_ctl", "totaln_arm2": "total_ctl", ".g": "g", ".g_se": "g_se",
    ".log_rr": "log_rr", ".log_rr_se": "log_rr_se",
}  # fmt: skip
_REVMAN = {
    "Subgroup": "subgroup", "GIV Mean": "estimate", "GIV SE": "se", "Experimental mean": "mean_int",
    "Experimental SD": "sd_int", "Experimental cases": "events_int", "Experimental events": "events_int",
    "Experimental N": "n_int", "Experimental total": "n_int", "Control mean": "mean_ctl", "Control SD": "sd_ctl",
    "Control cases": "events_ctl", "Control events": "events_ctl", "Control N": "n_ctl", "Control total": "n_ctl",
    "O-E": "o_e", "Variance": "oe_variance", "Analysis name": "outcome", "Mean": "shown_mean", "CI start": "shown_low",
    "CI end": "shown_high",
}  # fmt: skip
_REVMAN5 = {
    "Events 1": "events_int", "Total 1": "n_int", "Mean 1": "mean_int", "SD 1": "sd_int", "Events 2": "events_ctl",
    "Total 2": "n_ctl", "Mean 2": "mean_ctl", "SD 2": "sd_ctl", "O-E": "o_e", "Var": "oe_variance",
    "Group Label 1": "intervention", "Group Label 2": "comparator", "Effect Estimate": "estimate", "SE": "se",
    "CI Start": "ci_low", "CI End": "ci_high",
}  # fmt: skip
_EFFECTS = {"estimate", "se", "variance", "ci_low", "ci_high", "ci_level", "events", "n", "r", "measure"}
_PLAIN = {name: name for name in OURS if name not in _EFFECTS}
DIALECTS = {
    d.key: d
    for d in (
        _dialect("metapsy", "Metapsy's", _METAPSY, "narm1 narm2", "eventarm1 eventarm2", "conditionarm1 g"),
        _dialect("revman5", "RevMan 5's", _REVMAN5, "events1 total1 events2", "mean1 total1 mean2", "comparisonnumber"),
        _dialect("revman", "RevMan's", _REVMAN, "experimentalmean", "experimentalcases", "experimentalevents",
                 "givmean"),
        _dialect("metafor", "metafor's", _METAFOR, "ai ci", "yi vi", "yi sei", "n1i n2i", "x1i x2i", "xi ni", "ri ni"),
        _dialect("ours", "this project's own", OURS, "resultid", "nint nctl", "eventsint timeint",
                 "estimate contrast"),
        _dialect("stata", "Stata's", {}, "metaes", "metase", "es sees", "es seloges"),
        _dialect("meta", "R meta's", {}, "te sete", "evente ne", "meane ne", "ee ne", "me ne"),
        _dialect("cma", "Comprehensive Meta-Analysis's", {}, "groupaevents", "groupamean", "studyname treatedmean",
                 "studyname treatedevents"),
        _dialect("jamovi", "jamovi's", {}, "grouponesamplesize"),
        _dialect("plain", "everyday", _PLAIN),
    )
}  # fmt: skip
