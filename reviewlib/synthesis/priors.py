"""Prior distributions for the between-study standard deviation tau (in the unit of the effects)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.special import gammaln

from ..door import door, is_number
from ..errors import EvidenceError
from ..files import yaml_of

LARGE = 1e30  # beyond it, and below its inverse, a prior says nothing or everything, and squares overflow


@dataclass(frozen=True, slots=True)
class TauPrior:
    """A prior on tau: `family` with its `parameters`; call it with tau to get the log density of tau.

    Families: half-normal (scale), half-cauchy (scale), log-normal (mean and sd of log tau2) and log-t (location and
    scale of log tau2, with 5 degrees of freedom).
    """

    family: str
    parameters: tuple
    origin: str = "given by the analyst"

    def __post_init__(self):
        wanted = {"half-normal": 1, "half-cauchy": 1, "log-normal": 2, "log-t": 2}
        if self.family not in wanted:
            raise EvidenceError(f"unknown prior {self.family!r}: choose from {', '.join(wanted)}")
        largest = [100.0] * (len(self.parameters) - 1) + [LARGE]  # 100 is the log of 1e43
        number = [is_number(x) and abs(x) <= most for x, most in zip(self.parameters, largest, strict=False)]
        if len(number) != wanted[self.family] or not all(number) or not self.parameters[-1] >= 1 / LARGE:
            what = "a scale" if wanted[self.family] == 1 else "a location and a scale"
            got = ", ".join(map(str, self.parameters)) or "nothing"
            raise EvidenceError(f"a {self.family} prior takes {what}: finite, and the scale above 0; got {got}")

    def __call__(self, tau):
        *where, scale = self.parameters
        if self.family == "half-normal":
            return 0.5 * np.log(2 / np.pi) - np.log(scale) - 0.5 * (tau / scale) ** 2
        if self.family == "half-cauchy":
            return np.log(2 / np.pi) - np.log(scale) - np.log1p((tau / scale) ** 2)
        z = (2 * np.log(tau) - where[0]) / scale
        jacobian = np.log(2 / tau) - np.log(scale)
        if self.family == "log-normal":
            return jacobian - 0.5 * np.log(2 * np.pi) - 0.5 * z * z
        constant = gammaln(3.0) - gammaln(2.5) - 0.5 * np.log(5 * np.pi)
        return jacobian + constant - 3.0 * np.log1p(z * z / 5)

    def __str__(self) -> str:
        text = ", ".join(f"{x:g}" for x in self.parameters)
        of = "tau" if self.family.startswith("half") else "tau2"
        return f"{self.family}({text}) on {of}, {self.origin}"


_DRUG, _OTHER, _NONE = "pharmacological", "non-pharmacological", "placebo/control"
_PAIRS = ((_DRUG, _NONE), (_DRUG, _DRUG), (_OTHER, _NONE), (_OTHER, _DRUG), (_OTHER, _OTHER))
COMPARISONS = tuple(f"{one} vs {other}" for one, other in _PAIRS)
_PRIORS = yaml_of(Path(__file__).with_name("priors.yml"))
_PAPERS = {"OR": ("log-normal", "turner2015"), "SMD": ("log-t", "rhodes2015")}


@door
def empirical_prior(measure: str, outcome: str = "any", comparison: dict | None = None) -> TauPrior:
    """Return the published prior for tau2 of a setting, estimated from Cochrane reviews.

    Parameters
    ----------
    measure : {"OR", "SMD"}
        Binary outcomes on the log odds ratio scale (log-normal), or standardized mean differences (log-t).
    outcome : {"pain", "quality of life or functioning", "adverse events", "any"}
        Only the outcomes that pages of musculoskeletal care need; "any" is for SMD.
    comparison : str
        One of `reviewlib.synthesis.priors.COMPARISONS`; not needed for "any".

    Returns
    -------
    TauPrior
        To be given to `reviewlib.bayesian`.

    Notes
    -----
    The numbers were read in the source code of the R package bayesmeta, which copies the papers' tables; they have
    not been compared with the papers themselves.

    References
    ----------
    turner2015, Table IV; rhodes2015, Table 3

    Examples
    --------
    >>> from reviewlib.synthesis import empirical_prior
    >>> print(empirical_prior("SMD", "any").family)
    log-t
    """
    tables = {name: _PRIORS[paper] for name, (_, paper) in _PAPERS.items()}
    if measure not in tables or outcome not in tables[measure]:
        known = {name: ", ".join(table) for name, table in tables.items()}
        raise EvidenceError(f"no published prior for {measure} and {outcome!r}; there are {known}")
    if comparison is None and outcome == "any":
        comparison = COMPARISONS[0]
    if comparison not in COMPARISONS:
        raise EvidenceError(f"comparison must be one of {'; '.join(COMPARISONS)}")
    family, paper = _PAPERS[measure]
    parameters = tuple(tables[measure][outcome][COMPARISONS.index(comparison)])
    return TauPrior(family, parameters, f"{paper} ({outcome})")
