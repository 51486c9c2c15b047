"""Which of the pooled trials report harms, and which are silent: silence is counted, never read as safety."""

from __future__ import annotations

from dataclasses import dataclass

from ..evidence import Topic
from .finding import findings
from .words import count

REPORTS = ("counted", "words", "none occurred", "serious only")
SILENT = ("not reported", "recorded, no result", "unclear")


@dataclass(frozen=True, slots=True)
class HarmReporting:
    """Trials pooled in a topic's summary (compared there, where nothing is pooled), by what was read of their harms.

    Attributes
    ----------
    reported : tuple of str
        Trials that count harms, describe them, or say that none (or none that was serious) occurred.
    silent : tuple of str
        Trials that make no statement, give no result, or say "none reported" without saying that anybody asked.
    unread : tuple of str
        Trials whose statement on harms, if there is one, was not read.
    how : {"pooled", "compared"}
    """

    reported: tuple[str, ...]
    silent: tuple[str, ...]
    unread: tuple[str, ...]
    how: str = "pooled"

    @property
    def trials(self) -> int:
        """Return how many trials there are."""
        return len(self.reported) + len(self.silent) + len(self.unread)

    def __str__(self) -> str:
        if not self.trials:
            return "No trial with a number is compared on this page"
        if not self.reported and not self.silent:
            return f"What the {count(self.trials, 'trial')} {self.how} here {_says(self.trials)} of harms was not read"
        parts = [_counted(self.reported, "reports harms", "report harms")]
        parts += [_counted(self.silent, "makes no clear statement", "make no clear statement")] if self.silent else []
        parts += [f"what {len(self.unread)} {_says(len(self.unread))} was not read"] if self.unread else []
        told = ", ".join(parts[:-1]) + (", and " if parts[1:] else "") + parts[-1]
        return f"Of the {count(self.trials, 'trial')} {self.how} here, {told}"


def _says(trials) -> str:
    return "says" if trials == 1 else "say"


def _counted(trials, one, several) -> str:
    return f"{len(trials) or 'none'} {one if len(trials) < 2 else several}"


def harm_reporting(topic: Topic) -> HarmReporting:
    """Sort the pooled trials of a topic by whether their harms were reported.

    Parameters
    ----------
    topic : Topic
        Its `adverse_events` say in ``reporting`` what a trial reports; a trial counts as reporting when one row does.
    """
    found = [f for f in findings(topic).values() if f.comparison.get("in_summary", True) and len(f.studies)]
    chosen = [f for f in found if f.pooled is not None] or found
    trials = {trial for f in chosen for trial in f.studies.loc[f.studies["estimate"].notna(), "trial"]}
    table = topic.tables["adverse_events"]
    kinds = {trial: set(rows["reporting"].dropna()) for trial, rows in table.groupby("trial")}
    reported = {trial for trial in trials if kinds.get(trial, set()) & set(REPORTS)}
    silent = {trial for trial in trials - reported if kinds.get(trial, set()) & set(SILENT)}
    how = "pooled" if any(f.pooled is not None for f in chosen) else "compared"
    unread = trials - reported - silent
    return HarmReporting(tuple(sorted(reported)), tuple(sorted(silent)), tuple(sorted(unread)), how)
