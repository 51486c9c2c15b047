"""Hundreds of files of ten programs from known values: each is read right or refused, never wrong."""

import itertools
import random
import warnings

import pytest
from layouts import LAYOUTS, LOCALES, OPEN, columns, studies, table, truth

from reviewlib.errors import EvidenceError
from reviewlib.exchange.quickpool import studies_of_file

PROGRAM = {layout: " ".join(layout.split()[: 2 if layout.startswith("RevMan") else 1]) for layout in LAYOUTS}
SLICE = [layout for n, layout in enumerate(LAYOUTS) if PROGRAM[layout] not in list(PROGRAM.values())[:n]]
FILES = [(layout, locale) for layout in LAYOUTS for locale in LOCALES]
SYNONYMS = {}  # names by what they hold, over all layouts
for _layout in LAYOUTS:
    for _name, _code in columns(_layout):
        SYNONYMS.setdefault(_code, set()).add(_name)


def effects(path, measure):
    """Return the studies that a file yields, or None where it is refused."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return studies_of_file(path, measure)[2]
        except EvidenceError as error:
            assert str(error).strip() and "ratio=" not in str(error)
            return None


def check_right(found, rows, measure, codes):
    """Assert that every row that was used has the true estimate and variance, up to the digits in the file."""
    exact = not any(code.startswith(("or", "lor", "md", "ci")) for code in codes)
    assert len(found) == len(rows)
    for row, study in zip(found.to_dict("records"), rows, strict=True):
        if row["excluded"] is None:
            estimate, variance = truth(study, measure)
            near = 1e-9 if exact else 2e-3 * (1 + 1 / study["or_lo"])
            assert row["estimate"] == pytest.approx(estimate, rel=near, abs=near)
            assert row["variance"] == pytest.approx(variance, rel=1e-9 if exact else 0.05)


@pytest.mark.parametrize("layout", SLICE)
def test_a_layout_of_each_program_is_read_right_in_two_locales(layout, tmp_path):
    read_right(layout, ("English", "German"), tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_is_read_right_in_every_locale(layout, tmp_path):
    read_right(layout, LOCALES, tmp_path)


def read_right(layout, locales, tmp_path):
    measure, cols = LAYOUTS[layout][0], columns(layout)
    for number, locale in enumerate(locales):
        rows = studies(f"{layout} {number}")
        path = tmp_path / f"{number}.csv"
        path.write_bytes(table(rows, cols, locale))
        found = effects(path, measure)
        if layout in OPEN:
            assert (found is None) == all(study["lor"] > 0 for study in rows)
        elif found is None:  # thousands of a file that has no decimals to tell their mark by
            assert LOCALES[locale][2] in (".", ",") and not any(
                code[0] in "mstloc" and code != "text" for _, code in cols
            )
        if found is not None:
            check_right(found, rows, measure, [code for _, code in cols])
            assert found["excluded"].isna().all(), (layout, locale, found["excluded"].tolist())


def test_there_are_more_than_200_files_of_ten_programs():
    assert len(FILES) > 200
    assert len(set(PROGRAM.values())) == len(SLICE) >= 10


@pytest.mark.parametrize("layout", SLICE)
def test_one_file_of_each_program_shuffled_renamed_and_so_on_is_right_or_refused(layout, tmp_path):
    right_or_refused(layout, 1, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("layout", LAYOUTS)
def test_shuffled_renamed_dropped_and_mixed_files_are_right_or_refused(layout, tmp_path):
    right_or_refused(layout, 4, tmp_path)


def right_or_refused(layout, times, tmp_path):
    rng = random.Random(layout)
    measure, own = LAYOUTS[layout][0], columns(layout)
    for number, way in itertools.product(range(times), (shuffled, renamed, dropped, mixed, doubled)):
        rows, locale = studies(f"{layout} {number} mutated"), rng.choice(list(LOCALES))
        rows, cols = way(rows, list(own), rng)
        path = tmp_path / f"{number}{way.__name__}.csv"
        path.write_bytes(table(rows, cols, locale))
        found = effects(path, measure)
        if found is not None:
            full = [{**study, **row} for study, row in zip(studies(f"{layout} {number} mutated"), rows, strict=True)]
            check_right(found, full, measure, [code for _, code in cols])


def shuffled(rows, cols, rng):
    rng.shuffle(cols)
    return rows, cols


def renamed(rows, cols, rng):
    """Give some columns the name that another program has for the same content."""
    names = [rng.choice(sorted(SYNONYMS[code])) if rng.random() < 0.4 else name for name, code in cols]
    return rows, [(name, code) for name, (_, code) in zip(names, cols, strict=True)]


def dropped(rows, cols, rng):
    for _ in range(min(rng.randint(1, 3), len(cols))):
        cols.pop(rng.randrange(len(cols)))
    return rows, cols or [("study", "name")]


def mixed(rows, cols, rng):
    """Empty some cells, as where studies report different things."""
    kept = {"name", "author", "year", "index", "one", "zero", "blank", "text"}
    empty = [{code for _, code in cols if code not in kept and rng.random() < 0.2} for _ in rows]
    return [{c: v for c, v in study.items() if c not in gone} for study, gone in zip(rows, empty, strict=True)], cols


def doubled(rows, cols, rng):
    """Add columns of another layout for the same studies."""
    other = columns(rng.choice(sorted(LAYOUTS)))
    there = {name.lower() for name, _ in cols}
    return rows, cols + [(name, code) for name, code in other if name.lower() not in there and rng.random() < 0.6]
