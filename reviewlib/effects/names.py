"""What the name of a column says of an effect: which measure it is, and whether as a ratio or as its logarithm."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from ..measures import CORRELATION, MEASURES


def bare(name: str) -> str:
    """Return a name as ASCII letters and digits; "" where letters of another script would be lost."""
    text = unicodedata.normalize("NFKD", name.replace("\u00df", "ss"))
    text = "".join(c for c in text if not unicodedata.combining(c)).lower()
    return "" if re.search(r"[^\W\d_]", re.sub(r"[a-z]", "", text)) else re.sub(r"[^a-z0-9]", "", text)


_MORE = {
    "OR": "oddsratios", "RR": "riskratios relativerisks", "HR": "hazardsratio hazardratios", "ROM": "ratioofmeans",
    "MD": "meandiff differenceinmeans rawmeandifference diffinmeans", "RD": "riskdiff", "ZCOR": "fisherz fishersz",
    "SMD": "d hedgessg cohend cohensd stdmeandiff stddiffinmeans", "IRR": "incidencerateratios",
}  # fmt: skip
_PRINTED = [m for m in MEASURES.values() if m.printed and m.columns != CORRELATION]
MEASURE_WORDS = {bare(word): m.name for m in _PRINTED for word in (m.name, m.label, *m.spellings)}
MEASURE_WORDS |= {word: name for name, words_of in _MORE.items() for word in words_of.split()}
LOGGED = frozenset(m.name for m in _PRINTED if m.ratio)  # measures that have a logarithm
_RATIO = ("expb", "expcoef", "expbeta", "expestimate")
_ANALYSIS = ("yi", "te", "metaes", "beta", "coef", "coefficient", "b")  # on the scale of the model: ratios as logs
_GENERIC = (
    "estimate", "est", "effect", "effectsize", "es", "effectestimate", "pointestimate", "ees", "effectsizeestimate",
    "treatmenteffect",
)  # fmt: skip
WEAK = ("d", "g", "b")  # letters that may be anything beside another effect
_ADJUSTED = re.compile(r"^(adjusted|adj|unadjusted|unadj|crude|multivariable|multivariate|univariable|pooled)")
LOG_WORDS = ("naturallogof", "naturallog", "logof", "lnof", "log", "loge", "ln")


class Effect(NamedTuple):
    """What a name says of an effect: "ratio", "log" or None (unsaid), and the measure it spells out, if any."""

    scale: str | None
    measure: str | None


def effect_named(name: str) -> Effect | None:
    """Return what a name says of an effect, None where it names none.

    Examples
    --------
    >>> effect_named("ln(OR)"), effect_named("adj. HR"), effect_named("Effect size")
    (Effect(scale='log', measure='OR'), Effect(scale='ratio', measure='HR'), Effect(scale=None, measure=None))
    """
    text = bare(name)
    if text in _ANALYSIS:
        return Effect("log", None)
    if text in _RATIO:
        return Effect("ratio", None)
    text = _ADJUSTED.sub("", text)
    if text.startswith("a") and (text[1:] in ("or", "hr", "irr", "oddsratio") or re.match("a_?RR", name.strip())):
        text = text[1:]
    if text in _GENERIC:
        return Effect(None, None)
    if text in MEASURE_WORDS:
        measure = MEASURE_WORDS[text]
        return Effect("ratio" if measure in LOGGED else None, measure)
    for rest in (_ADJUSTED.sub("", text.removeprefix(log)) for log in LOG_WORDS if text.startswith(log)):
        if rest in _GENERIC or MEASURE_WORDS.get(rest) in LOGGED:
            return Effect("log", MEASURE_WORDS.get(rest))
    return None
