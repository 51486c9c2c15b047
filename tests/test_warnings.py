"""A warning points at the line that called the library, from however deep inside it comes."""

import inspect
import warnings
from pathlib import Path

import pytest

import reviewlib as rl

TWO = {"estimate": [0.1, 0.5], "variance": [0.02, 0.03]}
DOUBLE_ZERO = {"trial": ["A", "B"], "events_int": [0, 3], "n_int": [20, 30], "events_ctl": [0, 5], "n_ctl": [20, 30]}
MIXED = {"estimate": [0.1, 0.5, 0.3], "variance": [0.02, 0.03, 0.04], "se": [0.02, 0.03, 0.04]}
CALLS = {
    "two studies": lambda: rl.meta_analysis(TWO),
    "the house rule, one call deeper": lambda: rl.house_rule(TWO),
    "a correction that makes a double zero count": lambda: rl.effect_sizes(DOUBLE_ZERO, "OR"),
    "a standard error typed as a variance": lambda: rl.leave_one_out(MIXED),
    "a small difference in uptake": lambda: rl.cace(-3.0, 1.5, 0.5, 0.3),
    "a ratio off the middle of its interval": lambda: rl.convert.se_from_ratio_ci(0.5, 2.0, estimate=1.5),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_warning_names_the_line_of_the_caller(call):
    with pytest.warns(rl.MethodWarning) as caught:
        call()
    line = inspect.getsourcelines(call)[1]
    assert {(w.filename, w.lineno) for w in caught} == {(__file__, line)}


def test_no_module_counts_stack_levels_by_hand():
    package = Path(rl.__file__).parent
    counted = [p.name for p in package.rglob("*.py") if "stacklevel" in p.read_text(encoding="utf-8")]
    assert counted == ["errors.py"]


def test_a_filter_of_the_caller_still_silences_it():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", category=rl.MethodWarning)
        rl.meta_analysis(TWO)
