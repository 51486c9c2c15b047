r"""Words in a row that speak against one of its numbers, and those that deny them.

Each list is one regular expression in parts; `said` returns the first match that nothing just before it denies.
"""

from __future__ import annotations

import re

_MANY = r"(\w+ )?(multipl|several|pairwise|repeated|number of|\d+|two|three|four|five|six|ten)\w*( \w+)? *"
_SETS = r"(compar|test|outcome|end.?point|hypothes|contrast|look|analys|group)\w*"
_PLACE = r"\b(?! (county|hospital|university|et al|19|20))"
_TIME = r"(week|month|year|the (last|final|end)|\d)"

# An interval that was widened for several comparisons, for looks at the data on the way, or for both.
SEVERAL = (
    r"bonf?ferr?oni", rf"\btukey{_PLACE}", r"dunnett?\b", "scheff", r"\b[s\u0161][i\u00ed\u00ec]d[a\u00e1\u00e0]k",
    r"\bholm\b", "hochberg", r"\bhommel\b", "newman.keuls", "games.howell", "tamhane", "duncan'?s", "post.?hoc",
    "gatekeeping", rf"(adjust|correct|control|widen)\w* for (the )?{_MANY}{_SETS}", "multiplicity", r"simultaneous\b",
    "multiple (comparison|testing|range)", r"famil\w*.?wise", "false discovery", r"\bfdr\b",
    r"(interim|sequential)\w*[ -]adjust", "alpha.spending", "o'?brien.fleming", "pocock",
    r"(alpha|\u03b1|significance)( level)?( of| =| was| set at)? *(p *< *)?0?\.0[0-46-9]\d*",
)  # fmt: skip
# People who could still be asked at the end, and not all who were treated.
FOLLOWED = (
    r"\bstill (being )?(followed|enrolled|under|in the (study|trial))", r"\bfollowed[ -]up\b", r"\bremain\w* in\b",
    r"\bretained\b", r"\bcompleters?\b", r"\bcompleted (the|all|both|follow)\b", r"\bavailable (at|for|after)\b",
    r"\bat (the |their )?[\w -]*follow-?up\b", r"\brespon(ded|dents|ders? to the (quest|survey))", r"\breturned\b",
    r"\battended the\b", r"\bwith (data|results?) (at|after|for)\b", r"\bcould be (contacted|reached|assessed)\b",
    rf"\b(analy[sz]ed|assessed|interviewed|reached|seen|contacted|evaluated) (at|after|in) {_TIME}",
    r"\b(ex|not in)clud\w* (the )?(drop-?outs?|loss|withdraw)", r"\b(did not|didn't) drop out",
    r"\b(after|without|minus|less) (the )?(loss|drop-?outs?|withdraw)\w*", r"\bnot lost\b", r"\bwho finished\b",
    r"\blost to follow-up (not counted|left out|excluded)", r"\bsurvivors\b", r"\bevaluable\b",
    r"\banswered (the|a) \w*quest",
)  # fmt: skip
DENIED = r"\b(no|not|non|without|none|neither|nor|never)\b[^.;,]{0,25}$|\bun((adjusted|corrected)[^.;,]{0,15})?$"
EVERYBODY = r"\b(all|every\w*|nobody|none|no one|no (loss|drop))\b[^.;]{0,40}$"


def said(signs: tuple[str, ...], denied: str, text: str) -> str:
    """Return the first words of a text that are one of the signs and are not denied just before, else "".

    Examples
    --------
    >>> said(SEVERAL, DENIED, "Tukey's test"), said(SEVERAL, DENIED, "not adjusted for multiple comparisons")
    ('Tukey', '')
    """
    found = re.finditer("|".join(signs), text, re.IGNORECASE)
    return next((m[0] for m in found if not re.search(denied, text[: m.start()], re.IGNORECASE)), "")
