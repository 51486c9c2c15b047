"""What a topic says today in one sentence, wherever it is said: on its page, the front page, the README, in `diff`."""

from __future__ import annotations

from ..evidence import Topic
from .finding import Finding, finding, in_order
from .panel import SURE, panel_sentence
from .words import count

NOT_RATED = "not rated"


def headline(topic: Topic) -> Finding:
    """Return the finding that the plan calls the headline, or its first."""
    plan = in_order(topic)
    return finding(topic, next((c for c in plan if c.get("headline")), plan[0])["id"])


def why_no_answer(topic: Topic) -> str:
    """Return why a topic answers nothing yet, in one sentence; empty where trials or a panel give an answer."""
    if len(topic.tables["ratings"]) and not topic.comparisons:
        return ""
    results = len(topic.tables["results"])
    if not results:
        return "No results yet."
    held = f"{count(results, 'result is', 'results are')} in the tables"
    return "" if topic.comparisons else f"{held}, but topic.yml names no comparison that they answer."


def bottom_line(topic: Topic) -> tuple[str, str]:
    """Return what a topic says today, and how sure that is.

    Parameters
    ----------
    topic : Topic

    Returns
    -------
    tuple of str
        The sentence of the headline comparison with its certainty; for a topic of panel ratings the panels' sentence;
        otherwise the true reason why there is no answer.
    """
    why = why_no_answer(topic)
    if why:
        return why, NOT_RATED
    if not topic.comparisons:
        return panel_sentence(topic), SURE
    found = headline(topic)
    return found.sentence, f"{found.certainty.symbol} {found.certainty.level}" if found.certainty else NOT_RATED
