"""Any number of workers, on this machine or a cluster, gives the same digits; one that is killed loses nothing."""

import os
import signal
from inspect import signature
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import reviewlib as rl
from reviewlib.batch import groups
from reviewlib.workers import each

pytestmark = pytest.mark.filterwarnings("ignore::reviewlib.errors.MethodWarning")


def many(groups=300, seed=3):
    """Studies of many questions, one to forty each, in no order."""
    rng = np.random.default_rng(seed)
    size = rng.integers(1, 40, groups)
    topic = np.repeat([f"q{i:05d}" for i in range(groups)], size)
    v = rng.uniform(0.01, 0.3, len(topic))
    frame = pd.DataFrame({"topic": topic, "estimate": rng.normal(0.2, np.sqrt(v + 0.05)), "variance": v})
    return frame.sample(frac=1, random_state=seed, ignore_index=True)


def folder(path, frame, files=5):
    """Write a folder of Parquet files, each group whole in one of them."""
    path.mkdir()
    frame = frame.sort_values("topic", kind="stable")
    for i, names in enumerate(np.array_split(frame["topic"].unique(), files)):
        frame[frame["topic"].isin(names)].to_parquet(path / f"part-{i}.parquet")
    return path


@pytest.mark.parametrize("ci", ["wider", "hksj", "wald"])
def test_every_group_is_the_meta_analysis_of_its_rows(ci):
    frame = many(60)
    found = rl.batch.by_group(frame, "topic", ci=ci).set_index("topic")
    assert found.index.is_monotonic_increasing and len(found) == 60
    for name, rows in frame.groupby("topic"):
        got = found.loc[name]
        if len(rows) == 1:
            assert (got["estimate"], got["k"]) == (rows["estimate"].iloc[0], 1) and np.isnan(got["tau2"])
            continue
        fit = rl.meta_analysis(rows, ci=ci)
        assert got[["estimate", "ci_low", "ci_high"]].tolist() == pytest.approx([fit.estimate, *fit.ci], rel=1e-10)
        assert got[["k", "tau2", "q", "i2"]].tolist() == pytest.approx([fit.k, fit.tau2, fit.q, fit.i2], rel=1e-9)


def test_rows_that_are_left_out_of_one_fit_are_left_out_of_all():
    frame = many(8)
    frame["excluded"] = np.where(np.arange(len(frame)) % 4 == 0, "no randomization", None)
    frame.loc[3, "estimate"] = np.nan
    found = rl.batch.by_group(frame, "topic")
    kept = frame[frame["excluded"].isna() & frame["estimate"].notna()]
    assert found["k"].tolist() == kept.groupby("topic").size().reindex(found["topic"], fill_value=0).tolist()
    se = frame.assign(se=np.sqrt(frame["variance"])).drop(columns="variance")
    pd.testing.assert_frame_equal(rl.batch.by_group(se, "topic"), found, rtol=1e-12)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"variance": -0.1}, "above zero"),
        ({"estimate": "about 3"}, "is not a number"),
        ({"topic": None}, "the column topic is empty in 1 row"),
    ],
)
def test_a_group_with_a_fault_is_refused_with_its_reason(change, said):
    frame = many(5).astype({"estimate": object})
    for name, value in change.items():
        frame.loc[2, name] = value
    with pytest.raises(rl.EvidenceError, match=said):
        rl.batch.by_group(frame, "topic")


def test_a_folder_is_the_table_and_a_group_in_two_files_is_refused(tmp_path):
    pytest.importorskip("pyarrow", reason="pyarrow is not installed: the extra [cluster]")
    frame = many()
    path = folder(tmp_path / "parts", frame)
    pd.testing.assert_frame_equal(rl.batch.by_group(path, "topic"), rl.batch.by_group(frame, "topic"), rtol=1e-10)
    frame[frame["topic"] == "q00003"].to_parquet(path / "part-9.parquet")
    with pytest.raises(rl.EvidenceError, match="topic q00003 stands in part-0.parquet, part-9.parquet: "):
        rl.batch.by_group(path, "topic")
    with pytest.raises(rl.EvidenceError, match="holds no Parquet file"):
        rl.batch.by_group(tmp_path / "nowhere", "topic")


class Part:
    def __init__(self, frame):
        self.frame, self.columns = frame, frame.columns

    def compute(self):
        return self.frame


class LikeDask(Part):
    """What a Dask dataframe shows of itself, for where Dask is not installed."""

    def __init__(self, *frames):
        self.partitions, self.npartitions = [Part(frame) for frame in frames], len(frames)


def test_a_dask_dataframe_is_taken_partition_by_partition():
    frame = many()
    low = frame["topic"] < "q00120"
    pd.testing.assert_frame_equal(
        rl.batch.by_group(LikeDask(frame[low], frame[~low]), "topic"), rl.batch.by_group(frame, "topic"), rtol=1e-10
    )
    with pytest.raises(rl.EvidenceError, match="stands in partition 0, partition 1: "):
        rl.batch.by_group(LikeDask(frame, frame[low]), "topic")


def test_a_large_table_is_done_in_pieces_that_keep_groups_whole(monkeypatch):
    frame = many()
    whole = rl.batch.by_group(frame, "topic")
    monkeypatch.setattr("reviewlib.batch.groups.ROWS", 500)
    pieces = list(groups._pieces(frame, "topic"))
    assert len(pieces) > 5 and sum(map(len, pieces)) == len(frame) and max(map(len, pieces)) < 540
    assert sum(piece["topic"].nunique() for piece in pieces) == frame["topic"].nunique()
    pd.testing.assert_frame_equal(rl.batch.by_group(frame, "topic"), whole, rtol=1e-10)
    frame.loc[[3, 900], "topic"] = None
    with pytest.raises(rl.EvidenceError, match="the column topic is empty in 2 rows"):
        rl.batch.by_group(frame, "topic")


def studies(k=12):
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"estimate": rng.normal(0.2, 0.4, k), "variance": rng.uniform(0.01, 0.2, k)})
    return frame.assign(x=rng.normal(size=k))


# Everything that takes n_jobs: what it returns, as bytes, and the module and size of its pieces.
JOBS = {
    "gosh": ("synthesis.subsets.CELLS", lambda **n: rl.gosh(studies(), 900, seed=2, **n).to_frame()),
    "permutation_test": (
        "synthesis.permutation.CELLS",
        lambda **n: rl.meta_regression("~ x", studies(), insist=True).permutation_test(900, seed=4, **n).to_frame(),
    ),
    "bootstrap": ("synthesis.resampling.CELLS", lambda **n: rl.bootstrap(studies(), 900, seed=3, **n).to_frame()),
    "leave_two_out": ("synthesis.resampling.CELLS", lambda **n: rl.leave_two_out(studies(80), **n).to_frame()),
    "coverage_simulation": (
        "synthesis.resampling.CELLS",
        lambda **n: rl.coverage_simulation([0.1, 0.2, 0.3], 0.1, 900, methods=("REML", "CE"), seed=5, **n).to_frame(),
    ),
    "multiverse": ("", lambda **n: rl.multiverse({"all": studies(), "half": studies()[::2]}, **n).to_frame()),
    "by_group": ("batch.groups.ROWS", lambda **n: rl.batch.by_group(many(), "topic", **n)),
}


def digits(name, **n_jobs):
    return JOBS[name][1](**n_jobs).to_csv(float_format=float.hex)


def results(n_jobs=None):
    return {name: digits(name, n_jobs=n_jobs) for name in JOBS}


@pytest.fixture
def small(monkeypatch):
    for place, _ in JOBS.values():
        if place:
            monkeypatch.setattr(f"reviewlib.{place}", 500 if place.endswith("ROWS") else 3000)


def test_the_table_lists_everything_that_takes_n_jobs():
    public = [getattr(rl, name) for name in rl.__all__ if callable(getattr(rl, name))]
    public += [getattr(rl.batch, name) for name in rl.batch.__all__] + [rl.MetaRegression.permutation_test]
    takes = {f.__name__ for f in public if not isinstance(f, type) and "n_jobs" in signature(f).parameters}
    assert takes - {"permute"} == set(JOBS)


@pytest.mark.parametrize("name", JOBS)
def test_any_chunking_gives_the_same_digits(name, monkeypatch):
    place, _ = JOBS[name]
    found = set()
    for size in (700, 3000, 100_000) if place else ():
        monkeypatch.setattr(f"reviewlib.{place}", size)
        found.add(digits(name))
    assert len(found) == bool(place)


def test_two_workers_give_the_digits_of_one(small):
    assert results(n_jobs=2) == results(n_jobs=1) == results()


def test_pieces_come_back_in_their_order_and_a_fault_is_raised():
    assert each(str, range(5), n_jobs=2) == each(str, range(5)) == ["0", "1", "2", "3", "4"]
    with pytest.raises(ZeroDivisionError):
        each(lambda x: 1 / x, [1, 0], n_jobs=2)


def killed_once():
    """Return a function that kills the process which has the fourth piece, the first time."""

    def work(piece):
        number, marker = piece
        if number == 3 and not Path(marker).exists():
            Path(marker).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return number * 10

    return work  # made in a function, so that it travels to processes that cannot import this file


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL here")
def test_a_worker_that_is_killed_loses_nothing(tmp_path):
    pieces = [(i, str(tmp_path / "killed")) for i in range(8)]
    assert each(killed_once(), pieces, n_jobs=2) == [i * 10 for i in range(8)]
    assert (tmp_path / "killed").exists()


@pytest.mark.slow
def test_a_cluster_gives_the_same_digits_also_when_a_worker_dies(small, tmp_path):
    distributed = pytest.importorskip("distributed", reason="distributed is not installed: the extra [cluster]")
    pytest.importorskip("pyarrow", reason="pyarrow is not installed: the extra [cluster]")
    import joblib

    here, path = results(), folder(tmp_path / "parts", many())
    table = rl.batch.by_group(path, "topic")
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, nanny=True) as cluster,
        distributed.Client(cluster),
        joblib.parallel_config(backend="dask"),
    ):
        assert results() == here
        pd.testing.assert_frame_equal(rl.batch.by_group(path, "topic"), table)
        pieces = [(i, str(tmp_path / "killed")) for i in range(8)]
        assert each(killed_once(), pieces) == [i * 10 for i in range(8)]
    assert (tmp_path / "killed").exists()
