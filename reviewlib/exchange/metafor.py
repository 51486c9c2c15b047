"""A pooled comparison for R: the studies as a CSV that metafor reads, and the script that repeats our analysis."""

from __future__ import annotations

import csv
import io
from typing import Any

from ..effects import study_effects
from ..errors import EvidenceError, quiet
from ..evidence import Topic
from ..measures import is_ratio
from ..typed import Frame
from .going_out import safe
from .numerals import digits

_COLUMNS = {
    "n_int": "n1i", "mean_int": "m1i", "sd_int": "sd1i", "n_ctl": "n2i", "mean_ctl": "m2i", "sd_ctl": "sd2i",
    "events_int": "ai", "events_ctl": "ci",
}  # fmt: skip
_HEAD = ("slab", "yi", "vi", "measure", *_COLUMNS.values(), "source", "results", "route", "excluded")
_SCRIPT = """\
# {title}
# Made by reviewlib export; needs R with the package metafor. Run it in this folder: Rscript {stem}.R
# yi and vi are on the analysis scale (ratios as logarithms); the column route says how each came about.
library(metafor)
dat <- read.csv("{stem}.csv", na.strings = "", stringsAsFactors = FALSE, fileEncoding = "UTF-8")
dat <- dat[!is.na(dat$yi), ]
tight <- list(threshold = 1e-12, maxiter = 10000)
wald <- rma(yi, vi, data = dat, slab = slab, method = "REML", control = tight)
hksj <- rma(yi, vi, data = dat, slab = slab, method = "REML", test = "knha", control = tight)
k <- nrow(dat)
# The house rule: the wider of the two intervals; with two studies Wald's, which is provisional.
fit <- if (k > 2 && hksj$ci.ub - hksj$ci.lb > wald$ci.ub - wald$ci.lb) hksj else wald
half <- qt(0.975, k - 1) * sqrt(wald$tau2 + max(wald$se, if (k > 2) hksj$se else 0)^2)
show <- function(name, value) cat(name, sprintf("%.15g", value), "\\n")
show("k", k)
show("estimate", c(fit$beta))
show("ci_low", fit$ci.lb)
show("ci_high", fit$ci.ub)
show("tau2", fit$tau2)
show("i2", fit$I2 / 100)
show("q", fit$QE)
if (k >= 5) {{
  show("prediction_low", c(fit$beta) - half)
  show("prediction_high", c(fit$beta) + half)
}}
if (interactive()) forest(fit{atransf})
"""


def pooled_comparisons(topic: Topic) -> list[dict]:
    """Return the comparisons of a topic that are pooled, with at least two results."""
    rows = [c for c in topic.comparisons if c.get("pool") is True]
    return [c for c in rows if len(topic.rows(c["id"])) >= 2]


def studies_of(topic: Topic, comparison: dict) -> Frame:
    """Return the studies table of a comparison, as the pages make it."""

    with quiet():
        return study_effects(topic.rows(comparison["id"]), comparison["measure"])


def metafor_files(topics: Any) -> dict[str, bytes]:
    """Return a CSV and an R script for every pooled comparison of the topics."""
    files = {}
    for topic in topics:
        for comparison in pooled_comparisons(topic):
            studies = studies_of(topic, comparison)
            if studies["excluded"].isna().sum() < 2:
                continue
            stem = f"{topic.id}-{comparison['id']}"
            files[f"{stem}.csv"] = _table(studies, comparison["measure"]).encode()
            files[f"{stem}.R"] = _script(stem, topic, comparison).encode()
    if not files:
        raise EvidenceError(f"no comparison of {', '.join(t.id for t in topics)} is pooled: nothing for metafor")
    return files


def _script(stem, topic, comparison):
    ratio = is_ratio(comparison["measure"])
    title = " ".join(f"{topic.title}: {comparison['title']}".split())
    return _SCRIPT.format(stem=stem, title=title, atransf=", atransf = exp" if ratio else "")


def _table(studies, measure) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_HEAD)
    for row in studies.to_dict("records"):
        numbers = [_digits(row.get(name)) for name in ("estimate", "variance")]
        arms = [_digits(row.get(name)) for name in _COLUMNS]
        words = [row.get("source_id"), row.get("result_ids"), row.get("route"), row.get("excluded")]
        writer.writerow([safe(row["trial"]), *numbers, measure, *arms, *map(safe, words)])
    return out.getvalue()


def _digits(value) -> str:
    if value is None or value != value or str(value) == "<NA>":
        return ""
    return digits(float(value))
