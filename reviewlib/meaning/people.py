"""Effects said in people: out of 100 or 1000, with a named baseline, or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp

from ..convert import absolute_risk
from ..results import Result


@dataclass(frozen=True, slots=True)
class Absolute(Result):
    """People out of `out_of` with the outcome: comparator, intervention, and the interval of the latter."""

    comparator: float
    intervention: float
    low: float
    high: float
    out_of: int
    origin: str

    def __str__(self) -> str:
        return (
            f"{self.comparator:.0f} of {self.out_of} with the comparator and {self.intervention:.0f} of {self.out_of} "
            f"({self.low:.0f} to {self.high:.0f}) with the intervention; baseline: {self.origin}"
        )


def absolute_rows(topic, finding) -> list[Absolute]:
    """Absolute effects of a ratio, one for each baseline risk that `assumptions.csv` names for the comparison.

    Parameters
    ----------
    topic : Topic
    finding : Finding
        Of a risk or odds ratio; anything else gives an empty list, for a difference in means says nothing of people.

    Returns
    -------
    list of Absolute
    """
    table = topic.tables.get("assumptions")
    measure = finding.comparison["measure"]
    if table is None or finding.estimate is None or measure not in ("RR", "OR"):
        return []
    mine = table[(table["quantity"] == "baseline-risk") & (table["used_in"] == finding.comparison["id"])]
    rows = []
    for row in mine.itertuples():
        base = float(row.value) / 100
        values = [absolute_risk(exp(x), base, measure) for x in (finding.estimate, *finding.ci)]
        out_of = 100 if min(base, *values) >= 0.01 else 1000
        rows.append(Absolute(base * out_of, *(v * out_of for v in values), out_of, str(row.origin)))
    return rows
