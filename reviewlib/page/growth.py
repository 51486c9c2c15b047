"""How the work of one synthesis grows with its studies: evaluations of its sums are counted, never timed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ..batch import estimator_named
from ..batch.model import Mean
from .block import Block, join, paragraph, table_block

SIZES = (100, 1_000, 10_000, 100_000)
# Operations per study of one evaluation: additions, products, quotients and logarithms of the sums in `batch.model`.
OPERATIONS = {"moments": 22, "log_likelihood": 12, "q": 11, "trace": 5, "coefficients": 5}
BYTES = 16  # of a study: its effect and its variance


class _Counted(Mean):
    """The sums of a synthesis that note how often each is evaluated, by the studies it goes through."""

    seen: dict[str, int]

    def take(self, index):
        part = super().take(index)
        part.__class__, part.seen = _Counted, self.seen
        return part


def _counting(name):
    def evaluated(self, t, *options):
        self.seen[name] = self.seen.get(name, 0) + self.y.size + len(self.v0)
        return getattr(super(_Counted, self), name)(t, *options)

    return evaluated


for _name in OPERATIONS:
    setattr(_Counted, _name, _counting(_name))


def counted(k: int) -> dict[str, Any]:
    """Return how often one REML fit of `k` made-up studies goes through them, and its operations and bytes."""
    at = np.arange(k)
    y, v = 0.2 + 0.8 * ((at * 0.41421356) % 1 - 0.5), 0.02 + 0.1 * ((at * 0.61803399) % 1)
    model = _Counted(y[:, None], v[:, None], np.array([k]))
    model.seen = {}
    with np.errstate(divide="ignore", invalid="ignore"):
        t, zero = estimator_named("REML").function(model)[0], np.zeros(1)
        model.coefficients(t), model.trace(zero), model.q(zero), model.q(t)
    through = sum(model.seen.values()) / k
    return {
        "studies": k,
        "passes": through,
        "operations": sum(OPERATIONS[name] * cells for name, cells in model.seen.items()),
        "bytes": round(BYTES * k * through),
    }


def growth() -> Block:
    """Show how the work of one fit grows with its studies, and what bounds its time."""
    rows = pd.DataFrame([counted(k) for k in SIZES])
    shown = pd.DataFrame(
        {
            "Studies": rows["studies"].map("{:,}".format),
            "Passes over the studies": rows["passes"].map("{:.0f}".format),
            "Operations": rows["operations"].map("{:,}".format),
            "Bytes read": rows["bytes"].map("{:,}".format),
            "Operations per study": (rows["operations"] / rows["studies"]).map("{:.0f}".format),
        }
    )
    model = (
        "Passes are counted; the operations of a pass are read off the formulas of its sums. Both grow as the studies "
        "do. On any machine one fit takes at least its operations divided by those that a "
        "core does in a second, and at least its bytes divided by those that memory gives in a second; the larger of "
        "the two is the limit. What programs take beside it is measured by tests/benchmarks."
    )
    return join(table_block(shown, "Work of one fit (REML), counted on made-up studies"), paragraph(model))
