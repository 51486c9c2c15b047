"""Our times beside metafor's and the Python peers', measured in one run. Nothing here is asserted.

    python tests/benchmarks/run.py            everything that is installed
    python tests/benchmarks/run.py --quick    fewer repetitions

metafor is timed inside one R process (its start is not counted); peers that are not installed are left out by name.
Times on a busy machine mislead: the best of several repetitions is shown, and ratios are between best times.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

import reviewlib as rl
from reviewlib import batch

warnings.simplefilter("ignore", rl.MethodWarning)


def best(call, repeat):
    """Return the shortest time in seconds of `repeat` calls, after one that is not counted."""
    call()
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def data(k, seed=1):
    rng = np.random.default_rng(seed)
    return pd.DataFrame({"estimate": rng.normal(0.2, 0.4, k), "variance": rng.uniform(0.01, 0.2, k)})


def sets(n, k, seed=2):
    rng = np.random.default_rng(seed)
    v = rng.uniform(0.01, 0.3, (n, k))
    return rng.normal(0, np.sqrt(v + rng.choice([0, 0.1], (n, 1)))), v


def ours(quick):
    """Return seconds for each task, by our library."""
    n = 3 if quick else 7
    thirteen, fifty, twenty = data(13), data(50), data(20)
    y, v = sets(10_000, 10)
    yp, vp = sets(10_000, 13)
    design = np.c_[np.ones(13), np.linspace(13, 55, 13)]
    million = 100_000 if quick else 1_000_000
    fitted = rl.meta_analysis(thirteen)
    return {
        "one fit k=13: REML, HKSJ, prediction, from a DataFrame": best(lambda: rl.meta_analysis(thirteen), 200),
        "Q-profile interval of tau2, k=13": best(lambda: fitted.tau2_ci, 100),
        "leave-one-out k=50 with its table": best(lambda: rl.leave_one_out(fifty).to_frame(), 20 * n),
        "10,000 REML fits, k=10": best(lambda: batch.fit(y, v, "REML"), n),
        "10,000 meta-regressions (permutations), k=13, p=2": best(lambda: batch.fit(yp, vp, "REML", design), n),
        f"GOSH k=20, {million:,} subsets, REML": best(lambda: rl.gosh(twenty, million, seed=1), 1),
        "posterior of a random-effects model, k=13": best(lambda: rl.bayesian(thirteen, ("half-normal", 0.5)), 10 * n),
    }


R = """
suppressMessages({library(metafor); library(jsonlite)}); options(warn = -1)
f <- fromJSON("%s"); d <- f$thirteen; e <- f$fifty
best <- function(g, n) { g(); min(replicate(n, system.time(for (i in 1:5) g())[[3]] / 5)) }
x <- rma(d$estimate, d$variance, test = "knha"); z <- rma(e$estimate, e$variance, test = "knha")
h <- f$twenty; sub <- 400
gosh_one <- function() { s <- runif(20) < .5; if (sum(s) > 1) try(rma(h$estimate[s], h$variance[s]), silent = TRUE) }
y <- f$y; v <- f$v
cat(toJSON(list(
  "one fit k=13: REML, HKSJ, prediction, from a DataFrame" =
     best(function() predict(rma(d$estimate, d$variance, test = "knha")), 8),
  "Q-profile interval of tau2, k=13" = best(function() confint(x), 8),
  "leave-one-out k=50 with its table" = best(function() leave1out(z), 2),
  "10,000 REML fits, k=10" = 10000 / 200 * system.time(for (i in 1:200) try(rma(y[i, ], v[i, ]), silent = TRUE))[[3]],
  "10,000 meta-regressions (permutations), k=13, p=2" = 10000 / 200 * system.time(for (i in 1:200)
     try(rma(d$estimate, d$variance, mods = sample(seq(13, 55, length.out = 13))), silent = TRUE))[[3]],
  "GOSH" = system.time(for (i in 1:sub) gosh_one())[[3]] / sub), auto_unbox = TRUE, digits = NA))
"""


def metafor(tasks):
    """Return metafor's seconds for the tasks; loops of thousands are timed on 200 to 400 fits and scaled."""
    if shutil.which("Rscript") is None:
        return None
    y, v = sets(200, 10)
    tables = {"thirteen": data(13), "fifty": data(50), "twenty": data(20)}
    payload = {name: frame.to_dict("list") for name, frame in tables.items()} | {"y": y.tolist(), "v": v.tolist()}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.json"
        path.write_text(json.dumps(payload))
        run = subprocess.run(["Rscript", "-e", R % path.as_posix()], capture_output=True, text=True, check=False)
    if run.returncode:
        return None
    times = json.loads(run.stdout)
    gosh = next(name for name in tasks if name.startswith("GOSH"))
    times[gosh] = times.pop("GOSH") * int(gosh.split(", ")[1].split()[0].replace(",", ""))
    return times


def statsmodels(tasks):
    """statsmodels has no REML: its Paule-Mandel fit with the summary table stands in for one fit."""
    from statsmodels.stats.meta_analysis import combine_effects

    d = data(13)
    y, v = d["estimate"].to_numpy(), d["variance"].to_numpy()
    one = best(lambda: combine_effects(y, v, method_re="iterated").summary_frame(), 30)
    return {next(iter(tasks)): one}


def pymare(tasks):
    from pymare import Dataset
    from pymare.estimators import VarianceBasedLikelihoodEstimator

    d = data(13)

    def one(y, v):
        model = VarianceBasedLikelihoodEstimator(method="REML")
        return model.fit_dataset(Dataset(y, v)).summary().get_fe_stats()

    y, v = sets(200, 10)
    first, _, _, many, *_ = tasks
    return {
        first: best(lambda: one(d["estimate"].to_numpy()[:, None], d["variance"].to_numpy()[:, None]), 10),
        many: 50 * best(lambda: [one(a[:, None], b[:, None]) for a, b in zip(y, v, strict=True)], 1),
    }


def show(name, seconds):
    return f"{seconds * 1e3:12.3f} ms" if seconds < 10 else f"{seconds:12.1f} s "


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer repetitions, a tenth of the GOSH subsets")
    options = parser.parse_args(argv)
    mine = ours(options.quick)
    columns = {}
    for name, peer in (("metafor", metafor), ("statsmodels", statsmodels), ("PyMARE", pymare)):
        try:
            columns[name] = peer(mine)
        except ImportError:
            columns[name] = None
        if columns[name] is None:
            print(f"{name} is not installed here: left out", file=sys.stderr)
    present = {name: times for name, times in columns.items() if times}
    print(f"{'task':<56}{'reviewlib':>15}" + "".join(f"{name:>26}" for name in present))
    for task, seconds in mine.items():
        line = f"{task:<56}{show(task, seconds)}"
        for times in present.values():
            other = times.get(task)
            line += f"{show(task, other)} ({other / seconds:8.0f}x)" if other else f"{'':>26}"
        print(line)
    rate = 10_000 / mine["10,000 REML fits, k=10"]
    print(f"\n{rate:,.0f} REML fits a second on one core at k=10")


if __name__ == "__main__":
    main()
