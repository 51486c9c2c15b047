"""Small results to draw: invented trials, in the shape that the synthesis gives."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

NAMES = (
    "Delitto",
    "Weinstein",
    "Furlan",
    "Cherkin",
    "Hernandez-Reif",
    "\u00c5ngstr\u00f6m-\u0141ukasiewicz",
    "\u00dcnal",
)


def invented(k, measure="MD", seed=1):
    rng = np.random.default_rng(seed)
    n = rng.integers(12, 150, k)
    ratio = measure == "RR"
    estimate = rng.normal(-0.5, 0.4, k) if ratio else rng.normal(-1.2, 0.8, k)
    se = rng.uniform(0.1, 0.9, k) if ratio else np.sqrt(11.5 / n)
    table = pd.DataFrame(
        {
            "trial": [f"{NAMES[i % 7]} {1990 + i}" for i in range(k)],
            "result_id": [f"r{i:02d}" for i in range(k)],
            "estimate": estimate,
            "variance": se**2,
            "se": se,
            "n_int": n,
            "n_ctl": n + 3,
            "excluded": pd.Series([None] * k, dtype=object),
        }
    )
    if ratio:
        return table.assign(events_int=(0.2 * n).astype(int), events_ctl=(0.3 * n).astype(int))
    return table.assign(mean_int=3.1, sd_int=2.0, mean_ctl=3.1 - estimate, sd_ctl=2.1)


def pooled(table, measure="MD", **changes):
    used = table["estimate"].notna()
    weight = 1 / (table.loc[used, "variance"] + 0.1)
    estimate = float((weight * table.loc[used, "estimate"]).sum() / weight.sum())
    half = 2 / float(weight.sum()) ** 0.5
    full = np.full(len(table), np.nan)
    full[used.to_numpy()] = weight / weight.sum()
    fields = {
        "measure": measure,
        "k": int(used.sum()),
        "estimate": estimate,
        "ci": (estimate - half, estimate + half),
        "prediction": (estimate - 0.9, estimate + 0.9) if used.sum() >= 5 else None,
        "tau2": 0.1,
        "i2": 0.4,
        "q": 12.0,
        "level": 0.95,
        "weights": tuple(full),
        "studies": table,
    }
    return SimpleNamespace(**fields | changes)


def judged(table, tool="RoB 2"):
    domains = ("randomization", "deviations", "missing data", "measurement", "reporting", "overall")
    words = ("low", "some concerns", "high", "no information", "not yet assessed")
    return pd.DataFrame(
        [
            {"trial": trial, "tool": tool, "domain": domain, "judgement": words[(i + j) % 5]}
            for i, trial in enumerate(table["trial"])
            for j, domain in enumerate(domains)
        ]
    )


@pytest.fixture
def five():
    return pooled(invented(5))
