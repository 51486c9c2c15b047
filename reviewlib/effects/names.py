"""What the name of a column says of an effect: which measure it is, and whether as a ratio or as its logarithm."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import NamedTuple

from ..files import yaml_of
from ..measures import CORRELATION, MEASURES


def folded(name: str) -> str:
    """Return a name without accents."""
    text = unicodedata.normalize("NFKD", name.replace("\u00df", "ss"))
    return "".join(c for c in text if not unicodedata.combining(c))


def bare(name: str) -> str:
    """Return a name as ASCII letters and digits; "" where letters of another script would be lost."""
    text = folded(name).lower()
    return "" if re.search(r"[^\W\d_]", re.sub(r"[a-z]", "", text)) else re.sub(r"[^a-z0-9]", "", text)


_WORDS = yaml_of(Path(__file__).with_name("names.yml"))
_PRINTED = [m for m in MEASURES.values() if m.printed and m.columns != CORRELATION]
MEASURE_WORDS = {bare(word): m.name for m in _PRINTED for word in (m.name, m.label, *m.spellings)}
MEASURE_WORDS |= {word: name for name, words in _WORDS["measures"].items() for word in words.split()}
LOGGED = frozenset(m.name for m in _PRINTED if m.ratio)  # measures that have a logarithm
_RATIO, _ANALYSIS, _GENERIC = (tuple(_WORDS[kind].split()) for kind in ("ratio", "analysis", "generic"))
LOG_WORDS = tuple(_WORDS["log"].split())
WEAK = ("d", "g", "b")  # letters that may be anything beside another effect
_ADJUSTED = "(un)?adj(usted)?|crude|multivariable|multivariate|univariable|univariate|pooled|adjustiert|ajuste"
ADJUSTED = re.compile(rf"^({_ADJUSTED})|({_ADJUSTED})$")
# aOR, cOR, sHR, POR: letters before a ratio in capitals. ARR is an absolute reduction, COR a correlation, chr no ratio.
_LETTERS = re.compile(
    r"\s*(?:(?:[acu]|[Aa]dj|cs)_?(?=(?:OR|HR|RR|IRR)\b)|[Ss]_?(?=HR\b)|[APDpd]_?(?=OR\b)|A_?(?=HR\b|IRR\b))"
)
_CONFIDENCE = (
    r"(?:ci|cl|ki|ic|conf(?:idence)?\.?[ _-]?int(?:erval)?s?|konfidenzintervalle?|vertrauensintervall|"
    r"intervall?[eo] de confian(?:ce|za))"
)
_LEVEL = r"\d\d(?:[.,]\d)?\s*%?"
INTERVAL = re.compile(  # what a name or a cell says of a confidence interval, with its level
    rf"(?:(?<![^\W\d_])|(?<=_))(?P<before>{_LEVEL})?[\s_-]*{_CONFIDENCE}(?![^\W\d_])[\s_-]*(?P<behind>{_LEVEL})?", re.I
)


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
    twice = re.fullmatch(r"\s*([^(\[]{3,}?)\s*[(\[](.{1,40}?)[)\]]\s*", INTERVAL.sub("", name).rstrip(" ,;(["))
    if twice and (said := effect_named(twice[1])) and effect_named(twice[2]) == said:  # Odds ratio (OR)
        return said
    text = bare(INTERVAL.sub("", name))
    if text in _ANALYSIS:
        return Effect("log", None)
    if text in _RATIO:
        return Effect("ratio", None)
    text = ADJUSTED.sub("", bare(_LETTERS.sub("", INTERVAL.sub("", name), count=1)))
    if text in ("aor", "ahr", "airr", "aoddsratio"):
        text = text[1:]
    if text in _GENERIC:
        return Effect(None, None)
    if text in MEASURE_WORDS:
        measure = MEASURE_WORDS[text]
        return Effect("ratio" if measure in LOGGED else None, measure)
    for rest in (ADJUSTED.sub("", text.removeprefix(log)) for log in LOG_WORDS if text.startswith(log)):
        if rest in _GENERIC or MEASURE_WORDS.get(rest) in LOGGED:
            return Effect("log", MEASURE_WORDS.get(rest))
    return None
