"""What a measure of effect is: its columns, formula, scale and words, and the way to its analysis scale and back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from .errors import EvidenceError
from .typed import Array

if TYPE_CHECKING:
    import numpy as np
else:

    class _Numpy:  # loaded by the first formula: the check of the tables reads the records alone
        def __getattr__(self, name):
            import numpy

            return getattr(numpy, name)

    np = _Numpy()

ARMS = ("mean_int", "sd_int", "n_int", "mean_ctl", "sd_ctl", "n_ctl")
COUNTS = ("events_int", "n_int", "events_ctl", "n_ctl")
PERSON_TIME = ("events_int", "time_int", "events_ctl", "time_ctl")
ONE_GROUP = ("events", "n")
CORRELATION = ("r", "n")
PAIRED = ("mean_pre", "mean_post", "sd_pre", "sd_post", "n", "r")
CONTRAST = ("estimate", "ci_low", "ci_high")


def double_arcsine(events: Any, n: int) -> Array:
    """Return the Freeman-Tukey double arcsine of `events` among `n`."""
    return (np.arcsin(np.sqrt(events / (n + 1))) + np.arcsin(np.sqrt((events + 1) / (n + 1)))) / 2


def _inverse_double_arcsine(x, n):
    """Miller's inverse at sample size `n`, cut at the values that 0 and n events have."""
    sine = np.sin(2 * x)
    inner = 1 - (sine + (sine - 1 / sine) / n) ** 2
    p = (1 - np.sign(np.cos(2 * x)) * np.sqrt(inner)) / 2
    return np.where(x > double_arcsine(n, n), 1.0, np.where(x < double_arcsine(0.0, n), 0.0, p))


def _same(x):
    return np.array(x, dtype=float)


# Name of the analysis scale -> from the printed value to it, and back.
TRANSFORMS = {
    "none": (_same, _same),
    "log": (lambda x: np.log(x), lambda x: np.exp(x)),
    "logit": (lambda p: np.log(p) - np.log1p(-p), lambda x: np.exp(-np.logaddexp(0, -x))),
    "arcsine": (lambda p: np.arcsin(np.sqrt(p)), lambda x: np.sin(np.clip(x, 0, np.pi / 2)) ** 2),
    "z": (lambda r: np.arctanh(r), lambda z: np.tanh(z)),
    "double arcsine": (lambda p, n: double_arcsine(p * n, n), _inverse_double_arcsine),
}


@dataclass(frozen=True, slots=True)
class Measure:
    """One effect measure.

    Parameters
    ----------
    name : str
        As in tables and calls.
    label : str
        What is shown to people, on the printed scale: "odds ratio".
    scale : {"difference", "standardized", "ratio", "proportion", "correlation"}
        What kind of number the printed value is.
    columns : tuple of str
        What it needs: the columns of two arms, of one group, or a printed contrast.
    formula : str or callable, optional
        "module.function" in `reviewlib.effects`, or the function; None where only printed contrasts exist.
    transform : str
        The analysis scale, a key of `TRANSFORMS`; estimates are pooled there and shown back-transformed.
    pooled : str
        Name of the quantity on the analysis scale, where it is not the label (after "log " for a logarithm).
    cells, add
        Function that builds the cells to which a zero correction may be added, and its default size (nothing is added
        to measures that are defined at zero).
    undefined : str
        Why a complete row may have no value.
    units : bool
        Whether values are in the units of the instrument.
    mirrored : bool
        Whether the measure of the opposite outcome is the mirror image, so that a sign may be turned.
    printed : bool
        Whether papers print it, so that evidence tables may hold it.
    risk : callable, optional
        Risk with the intervention from the effect and the risk without it.
    spellings : tuple of str
        Other names, beside name and label, by which files and people call it.
    revman : str
        RevMan's name.
    """

    name: str
    label: str
    scale: str
    columns: tuple[str, ...]
    formula: str | Callable | None = None
    transform: str = "none"
    pooled: str = ""
    cells: str | Callable | None = None
    add: float = 0.5
    undefined: str = "a cell is 0 and no correction was asked for"
    units: bool = False
    mirrored: bool = True
    printed: bool = False
    risk: Callable | None = None
    spellings: tuple[str, ...] = ()
    revman: str = ""

    @property
    def ratio(self) -> bool:
        """Whether it is a ratio, pooled as a logarithm and shown on a log axis."""
        return self.scale == "ratio"

    @property
    def null(self) -> float | None:
        """The printed value without difference; None for a proportion, which has none."""
        return {"ratio": 1.0, "proportion": None}.get(self.scale, 0.0)

    @property
    def sized(self) -> bool:
        """Whether the way back to the printed scale needs a sample size."""
        return self.transform == "double arcsine"

    @property
    def title(self) -> str:
        """Name of the quantity that is pooled: "log odds ratio"."""
        return ("log " if self.transform == "log" else "") + (self.pooled or self.label)

    def heading(self, size: float | None = None) -> str:
        """What stands above its printed values: the name where that is what is shown ("OR", "MD"), else the words.

        A back-transformed correlation or proportion is headed as one. Without a sample size a `sized` measure is not
        transformed back, and headed as what it is then.
        """
        if self.sized and size is None:
            return f"{self.title} (not transformed back)"
        return self.name if self.transform == "none" or self.ratio else self.label

    def forward(self, value: Any, n: int | None = None) -> Array:
        """Return a printed value on the analysis scale; -inf, inf or NaN where it has none."""
        return self._turn(0, value, n)

    def back(self, value: Any, n: int | None = None) -> Array:
        """Return a value of the analysis scale as people read it; a `sized` measure needs the sample size `n`."""
        return self._turn(1, value, n)

    def _turn(self, way, value, n):
        if self.sized and n is None:
            raise EvidenceError(f"{self.name} needs the sample sizes: give n, one size or those of all studies")
        try:
            x = np.asarray(value, dtype=float)
        except (TypeError, ValueError):
            raise EvidenceError(f"{self.name}: give numbers, got {value!r:.60}") from None
        with np.errstate(all="ignore"):  # an infinite ratio is what an enormous logarithm is
            return TRANSFORMS[self.transform][way](x, *([np.asarray(n, float)] if self.sized else []))

    def effect(self, values: dict) -> tuple[Array, Array]:
        """Return estimate and variance from the columns, by the formula."""
        return _function(self.formula)(values)

    def corrected_cells(self, values: dict) -> Any:
        """Return the cells a zero correction applies to, and which rows are double zeros; None without cells."""
        return None if self.cells is None else _function(self.cells)(values)


def _function(named):
    if callable(named):
        return named
    module, name = named.split(".")
    return getattr(import_module(f"{__package__}.effects.{module}"), name)


def hazard_risk(ratio: Any, p: Any) -> Array:
    """Return the risk with the intervention from a hazard ratio and the risk without it."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(p < 1, -np.expm1(ratio * np.log1p(-p)), 1 - (1 - p) ** ratio)
