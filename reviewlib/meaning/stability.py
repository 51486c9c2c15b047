"""How firm a panel's class is: other panels that could have sat, a second round, a necessity rating."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import Any

import numpy as np
import pandas as pd

from ..errors import EvidenceError
from ..results import Result
from ..typed import Frame
from .appropriateness import CLASSES, DISPERSIONS, Appropriateness, as_ratings, classify

ENUMERATE_UP_TO = 500_000  # distinct resampled panels; nine panellists have 24,310, fifteen 490,314


@dataclass(frozen=True, slots=True, repr=False)
class Stability(Result):
    """How often a scenario keeps its class when the panel changes a little. `table` has a row per scenario."""

    scenarios: int
    method: str
    table: Frame

    def __str__(self) -> str:
        firm = int((self.table["kept_without_one"] == 1).sum())
        return f"{firm} of {self.scenarios} scenarios keep their class whichever panellist is left out ({self.method})."

    def to_frame(self) -> Frame:
        """Return the table: one row per scenario."""
        return self.table.copy()


def class_stability(
    result: Appropriateness, *, professions: Any = None, resamples: str = "exact", seed: int = 0
) -> Stability:
    r"""Stability of each class: leave one panellist out, leave one profession out, resample the panel.

    Parameters
    ----------
    result : Appropriateness
        The classes, with the ratings and the rule they came from.
    professions : sequence of str, optional
        The profession of each panellist, in the order of the columns.
    resamples : "exact" or int, default "exact"
        ``exact`` enumerates every panel that sampling the panellists with replacement could give, with its
        probability; a number draws that many panels instead.
    seed : int
        Of the random draws.

    Returns
    -------
    Stability
        Columns: scenario, class, kept_without_one (share of single omissions that keep the class), changed_by (the
        panellists whose absence changes it), kept_without_profession, and for each class its share among resampled
        panels (p_inappropriate, p_uncertain, p_appropriate) with kept_resampled.

    Notes
    -----
    With counts :math:`c_j` of rating j among n panellists, a resampled panel :math:`m` has probability
    :math:`\frac{n!}{\prod m_j!}\prod (c_j/n)^{m_j}`. A resampled panel is a way to speak of panels like this one; it
    says nothing of panels with other professions, whose classes are known to differ (shekelle1995pilot).

    Examples
    --------
    >>> import reviewlib as rl
    >>> result = rl.appropriateness([[6, 7, 7, 7, 8, 8, 8, 9, 9]])
    >>> print(rl.class_stability(result).to_frame()["kept_without_one"].iloc[0])
    1.0
    """
    ratings = result.ratings
    values, base = ratings.to_numpy(float), classify(result.ratings.to_numpy(float), result.rule)["class"]
    table = pd.DataFrame({"scenario": list(ratings.index), "class": np.array(CLASSES)[base]})
    same, present = _without(values, [[j] for j in range(values.shape[1])], result.rule, base)
    table["kept_without_one"] = (same & present).sum(axis=1) / present.sum(axis=1)
    names = np.array([str(name) for name in ratings.columns])
    table["changed_by"] = [", ".join(names[row]) for row in ~same & present]
    if professions is not None:
        table["kept_without_profession"] = _without_profession(values, professions, result.rule, base)
    exact = resamples == "exact"
    shares = np.array(
        [_resampled(row[np.isfinite(row)], result.rule, None if exact else int(resamples), seed) for row in values]
    )
    for i, name in enumerate(CLASSES):
        table[f"p_{name}"] = shares[:, i]
    table["kept_resampled"] = shares[np.arange(len(base)), base]
    method = "every resampled panel enumerated" if exact else f"{resamples} resampled panels, seed {seed}"
    return Stability(len(table), method, table)


def _without(values, groups, rule, base):
    """Return (class kept, group was present) for each scenario and each group of columns left out."""
    kept = np.ones((len(values), len(groups)), bool)
    present = np.zeros_like(kept)
    for i, columns in enumerate(groups):
        present[:, i] = np.isfinite(values[:, columns]).any(axis=1)
        rest = np.delete(values, columns, axis=1)
        enough = np.isfinite(rest).sum(axis=1) >= 2
        kept[enough, i] = classify(rest[enough], rule)["class"] == base[enough]
        present[~enough, i] = False
    return kept, present


def _without_profession(values, professions, rule, base):
    if len(professions) != values.shape[1]:
        raise EvidenceError(
            f"professions names {len(professions)} panellists, the ratings have {values.shape[1]}: give one each"
        )
    groups = {}
    for j, profession in enumerate(professions):
        groups.setdefault(profession, []).append(j)
    same, present = _without(values, list(groups.values()), rule, base)
    rows = (zip(groups, row, was, strict=True) for row, was in zip(same, present, strict=True))
    return ["; ".join(f"{name}: {'kept' if ok else 'changed'}" for name, ok, there in row if there) for row in rows]


def _resampled(ratings, rule, draws, seed):
    """Return the probability of each class when the panel's ratings are drawn again with replacement."""
    n = len(ratings)
    levels, counts = np.unique(ratings, return_counts=True)
    if draws is None:
        if comb(n + len(levels) - 1, n) > ENUMERATE_UP_TO:
            raise EvidenceError(f"a panel of {n} is too large to enumerate: give resamples= as a number of draws")
        panels = _compositions(n, len(levels))
        probability = _multinomial(panels, counts / n)
    else:
        panels = np.random.default_rng(seed).multinomial(n, counts / n, size=draws)
        probability = np.full(draws, 1 / draws)
    drawn = np.repeat(np.tile(levels, len(panels)), panels.ravel()).reshape(len(panels), n)
    return np.bincount(classify(drawn, rule)["class"], weights=probability, minlength=3)


def _compositions(n, parts):
    """Return every way to write n as an ordered sum of `parts` whole numbers from 0 up (stars and bars)."""
    bars = np.array(list(combinations(range(n + parts - 1), parts - 1)), int)
    edges = np.hstack([np.full((len(bars), 1), -1), bars, np.full((len(bars), 1), n + parts - 1)])
    return np.diff(edges, axis=1) - 1


def _multinomial(panels, share):
    from scipy.special import gammaln

    log = gammaln(panels.sum(axis=1) + 1) - gammaln(panels + 1).sum(axis=1) + (panels * np.log(share)).sum(axis=1)
    return np.exp(log)


def round_change(before: Appropriateness, after: Appropriateness) -> Frame:
    """Change of each scenario from one round of ratings to the next.

    Parameters
    ----------
    before, after : Appropriateness
        The same scenarios, rated before and after the panel met.

    Returns
    -------
    DataFrame
        scenario, median and class in both rounds, shift of the median, shift of the mean absolute deviation (below
        zero: the panel moved together), dispersion in both rounds, and whether the class changed.

    Examples
    --------
    >>> import reviewlib as rl
    >>> before = rl.appropriateness([[3, 5, 6, 6, 7, 7, 8, 8, 9]])
    >>> after = rl.appropriateness([[6, 7, 7, 7, 7, 7, 8, 8, 8]])
    >>> print(rl.round_change(before, after)["class_changed"].tolist())
    [False]
    """
    first, second = before.table.set_index("scenario"), after.table.set_index("scenario")
    if not first.index.is_unique or set(first.index) != set(second.index):
        raise EvidenceError("the two rounds must hold the same scenarios, each once: compare their scenario names")
    second = second.loc[first.index]
    keep = ["median", "class", "dispersion", "mean_abs_deviation"]
    joined = first[keep].add_suffix("_before").join(second[keep].add_suffix("_after"))
    joined["median_shift"] = joined["median_after"] - joined["median_before"]
    joined["deviation_shift"] = joined["mean_abs_deviation_after"] - joined["mean_abs_deviation_before"]
    joined["class_changed"] = joined["class_before"] != joined["class_after"]
    return joined.reset_index()


def necessity(appropriate: Appropriateness, ratings: Any) -> Frame:
    """Which scenarios are necessary: appropriate, and the separate necessity rating is at least 7 without disagreement.

    Parameters
    ----------
    appropriate : Appropriateness
        Of the same scenarios.
    ratings : DataFrame or array, shape (scenarios, panellists)
        Necessity ratings 1 to 9, scenarios in the same order.

    Returns
    -------
    DataFrame
        scenario, class, necessity_median, necessity_dispersion, necessary.

    References
    ----------
    epage

    Examples
    --------
    >>> import reviewlib as rl
    >>> appropriate = rl.appropriateness([[7, 7, 8, 8, 8, 8, 9, 9, 9]])
    >>> print(rl.necessity(appropriate, [[7, 7, 7, 8, 8, 8, 8, 9, 9]])["necessary"].tolist())
    [True]
    """
    frame = as_ratings(ratings)
    if len(frame) != appropriate.scenarios:
        raise EvidenceError(
            f"{len(frame)} scenarios have a necessity rating and {appropriate.scenarios} an appropriateness rating: "
            "give one row each"
        )
    found = classify(frame.to_numpy(float), appropriate.rule)
    necessary = (appropriate.table["class"] == "appropriate") & (found["median"] >= 7) & (found["dispersion"] != 2)
    dispersion = np.array(DISPERSIONS)[found["dispersion"]]
    columns = {"necessity_median": found["median"], "necessity_dispersion": dispersion, "necessary": necessary}
    return appropriate.table[["scenario", "class"]].assign(**columns)
