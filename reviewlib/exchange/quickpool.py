"""`reviewlib pool FILE`: the pool of a spreadsheet, for somebody who has no repository."""

from __future__ import annotations

import json
import re
import warnings
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd

from ..convert import quantile
from ..effects.contrast import printed_limits
from ..effects.names import bare
from ..errors import EvidenceError, MethodWarning, TooFewStudiesError
from ..gate import MARKS
from ..nouns import count
from ..results import percent
from ..synthesis import meta_analysis, subgroups
from ..synthesis.intervals import DEFAULT_RULE
from ..synthesis.wording import heading, shown
from ..typed import Frame
from .agreeing import agreed
from .dialects import Mapping, option
from .placing import write_file
from .programs import NUMBERS
from .records import read_records
from .rows import in_file, row_effects
from .tables import one_sheet

PICTURES = (".svg", ".png", ".pdf")


@dataclass(frozen=True, slots=True)
class QuickPool:
    """What came of a file: how its columns were understood, its studies, their pool, and what to be told beside it."""

    file: str
    mapping: Mapping
    studies: Any
    pooled: Any
    subgroups: Any
    noticed: tuple

    def __str__(self) -> str:
        lines = [f"{self.file}: {count(len(self.studies), 'row')}. {self.mapping}.", ""]
        lines += [study_table(self.studies, self.pooled), "", f"{self.pooled}", _spread(self.pooled)]
        if self.subgroups is not None:
            lines += ["", self.subgroups.summary()]
        lines += ["", self.pooled.methods]
        return "\n".join(lines + [f"Note: {text}" for text in self.noticed])

    def to_json(self) -> str:
        """Return everything as one JSON document; effects and limits are on the analysis scale (ratios as logs)."""
        wanted = ("trial", "estimate", "variance", "se", "route", "excluded")
        studies = self.studies[[name for name in wanted if name in self.studies]]
        document = {
            "file": self.file,
            "dialect": self.mapping.dialect.key,
            "columns": self.mapping.columns,
            "reading": f"{self.mapping}",
            "pooled": json.loads(self.pooled.to_json(complete=False)),
            "subgroups": None if self.subgroups is None else json.loads(self.subgroups.to_json(complete=False)),
            "studies": json.loads(studies.to_json(orient="records", double_precision=15)),
            "noticed": list(self.noticed),
        }
        return json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False)


def pool_file(
    path: Path,
    measure: str | None = None,
    *,
    method: str = "REML",
    ci: str = DEFAULT_RULE,
    level: float = 0.95,
    label: str | None = None,
    subgroup: str | None = None,
    given: Any = (),
    sheet: Any = None,
) -> QuickPool:
    """Pool the studies of a CSV file or workbook.

    Parameters
    ----------
    path : path-like
        One row a study. Columns may be named as ours, metafor's, Metapsy's, RevMan's, or in everyday words.
    measure : str, optional
        MD, SMD, ROM, OR, RR, RD ...; needed with means or events, read from the file where it says so.
    method, ci, level
        As in `meta_analysis`.
    label, subgroup : str, optional
        Columns of the file that name the studies and their groups.
    given : sequence of str
        ``ours=theirs``, for columns that are not recognized.
    sheet : str, optional
        Sheet of a workbook that holds several.

    Raises
    ------
    EvidenceError
        Anything that cannot be read or pooled, in words; TooFewStudiesError shows the only study.
    """
    given = [*given, *([f"trial={label}"] if label else []), *([f"subgroup={subgroup}"] if subgroup else [])]
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        table, mapping, studies = studies_of_file(path, measure, given=given, sheet=sheet)
        pooled, groups = _pooled(studies, method, ci, level, subgroup)
    told = [str(w.message) for w in said if issubclass(w.category, MethodWarning)]
    told = [*table.noticed, *told, *_mixed(studies, mapping), *_routes(studies)]
    told += [*_unnamed(studies, mapping), *_clustered(mapping)]
    return QuickPool(table.name, mapping, studies, pooled, groups, tuple(told))


def studies_of_file(
    path: Path, measure: str | None = None, *, given: Any = (), sheet: Any = None
) -> tuple[Any, Any, Frame]:
    """Return the table of a file, how its columns were understood, and the effects of its rows (see `pool_file`)."""
    table, mapping = one_sheet(path, given=given, sheet=sheet, measure=measure)
    _all_included(table, mapping)
    records = read_records(table, mapping)
    agreed(records, table.name, table.noticed, measure)
    frame = _frame(records)
    with in_file(table, mapping):
        studies = row_effects(frame, measure, mapping)
    studies["trial"] = frame["trial"]
    return table, mapping, studies


def _frame(records):
    frame = pd.DataFrame([record.values for record in records])
    for name in frame.columns:
        if name in NUMBERS and name not in ("year", "timepoint_weeks"):
            frame[name] = [float(cell) if cell else float("nan") for cell in frame[name]]
    if "excluded" in frame:
        frame["excluded"] = _marks(frame["excluded"])
    names = frame["trial"] if "trial" in frame else [""] * len(frame)
    frame["trial"] = [name or f"study at {r.place}" for name, r in zip(names, records, strict=True)]
    frame["place"] = [record.place for record in records]
    frame["scale"] = pd.Series([record.scale for record in records], dtype=object)
    return frame


def _all_included(table, mapping):
    """Refuse a column that says by a no which studies are in: another word for `excluded` that reads the other way."""
    for name in mapping.unread:
        out = [line for line, cells in table.rows if cells[name].strip().lower() in ("false", "no", "n", "0")]
        if bare(name) in ("include", "included", "inanalysis") and out:
            rule = "says that the study is out, but studies are left out by a column called excluded"
            raise EvidenceError([table.problem(out[0], name, rule, "Delete these rows, or write why into that column")])


def _marks(cells):
    """Return a column of true and false as such; reasons in words stay, and the gate decides about the rest."""
    words = [str(cell).strip().lower() for cell in cells]
    return [MARKS[word] for word in words] if set(words) <= MARKS.keys() else list(cells)


def _pooled(studies, method, ci, level, subgroup):
    used = studies[studies["excluded"].isna()]
    if len(used) < 2:
        shown = study_table(studies, None)
        raise TooFewStudiesError(f"pooling needs 2 studies, {len(used)} can be used: report it by itself.\n\n{shown}")
    pooled = meta_analysis(studies, method=method, ci=ci, level=level)
    groups = subgroups(studies, "subgroup", method=method, ci=ci, level=level) if subgroup else None
    return pooled, groups


def _unnamed(studies, mapping):
    """Say that effects of no measure were pooled as they are."""
    if studies.attrs.get("measure") is None:
        theirs = mapping.columns["estimate"]
        yield (
            f"nothing says which measure {theirs} holds: its numbers were pooled as differences, as they are. If they "
            f"are ratios, say {option('OR', theirs)} (or RR, HR); if logarithms of ratios, {option('logOR', theirs)}"
        )


def _mixed(studies, mapping):
    used = studies[studies["excluded"].isna()]
    if "outcome" not in used or used["outcome"].nunique() < 2:
        return
    names = ", ".join(map(str, list(dict.fromkeys(used["outcome"]))[:5]))
    if mapping.dialect.key in ("revman", "revman5"):
        raise EvidenceError(f"the file holds several analyses ({names}): keep the rows of one, and pool that")
    yield f"different outcomes were pooled ({names}): keep the rows of one"


_CLUSTERS = re.compile(r"(?<![a-z])(icc|clusters?|deff|design.?effect)(?![a-z])", re.I)


def _clustered(mapping):
    """Say that people were counted as independent where the file speaks of clusters."""
    names = [name for name in mapping.unread if _CLUSTERS.search(name)]
    if names:
        yield (
            f"{', '.join(names)}: people were counted as independent. In a trial randomized by cluster, divide people "
            "and events by the design effect, 1 + (cluster size - 1) x ICC, unless the numbers already allow for it"
        )


def _routes(studies):
    """Say which rows came by another route than most, and whose limits do not lie around the estimate."""
    used = studies[studies["excluded"].isna()]
    by_route = used.groupby(used["route"].str.partition(";")[0], sort=False)["trial"].apply(", ".join)
    if len(by_route) > 1:
        yield "routes: " + "; ".join(f"{route}: {names}" for route, names in by_route.items())
    from_arms = used["route"].str.contains(" from (?:means|events|r and n)")
    if from_arms.any() and not from_arms.all():
        yield f"taken from the estimate in the file, not from arms: {', '.join(used['trial'][~from_arms])}"
    off = used["trial"][used["route"].str.contains("off the middle")]
    if len(off):
        yield (
            f"the estimate is not in the middle of its limits: {', '.join(off)}. Table and plot show the printed "
            "limits; the weight takes their width: compare them with the source"
        )


def study_table(studies: Any, pooled: Any) -> str:
    """Return the studies as a text table on the scale people read, with what is left out and why."""
    measure = studies.attrs.get("measure")
    weights = pooled.weights if pooled is not None else [float("nan")] * len(studies)
    level = 0.95 if pooled is None else pooled.level
    z = float(quantile(level))
    lines = []
    for row, weight in zip(studies.to_dict("records"), weights, strict=True):
        if row["excluded"] is not None and row["excluded"] == row["excluded"]:
            lines.append((str(row["trial"]), f"left out: {row['excluded']}", ""))
            continue
        ends = printed_limits(row, level) or [row["estimate"] + side * z * row["se"] for side in (-1, 1)]
        values = [shown(measure, value, row.get("n")) for value in (row["estimate"], *ends)]
        text = "{:.2f} ({:.2f} to {:.2f})".format(*values)
        lines.append((str(row["trial"]), text, f"{weight:.1%}" if weight == weight else ""))
    head = f"{heading(measure, studies.get('n'), 'Effect')} ({percent(level)} CI)"
    lines.insert(0, ("Study", head, "Weight" if pooled is not None else ""))
    first, second = (max(len(line[i]) for line in lines) for i in (0, 1))
    return "\n".join(f"{a:<{first}}  {b:<{second}}  {c:>6}".rstrip() for a, b, c in lines)


def _spread(pooled) -> str:
    low, high = pooled.tau2_ci
    return (
        f"tau2 {pooled.tau2:.4g} ({percent(pooled.level)} CI {low:.3g} to {high:.3g}); I2 {pooled.i2:.0%}; "
        f"Q {pooled.q:.2f} on {pooled.k - 1} df, P = {pooled.q_pvalue:.3g}"
    )


def draw_forest(quick: QuickPool, path: Path) -> Path:
    """Write the forest plot as SVG, PNG or PDF, told by the ending of `path`."""
    from ..plots import forest_figure, png, svg

    path = Path(path)
    if path.suffix.lower() not in PICTURES:
        raise EvidenceError(f"--forest {path.name}: end the name in {', '.join(PICTURES)}")
    figure = forest_figure(quick.studies, quick.pooled)
    if path.suffix.lower() == ".png":
        data = png(figure)
    elif path.suffix.lower() == ".svg":
        text = svg(figure, alt=f"Forest plot of {quick.pooled.k} studies. {quick.pooled}.")
        named = text if "xmlns=" in text else text.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
        data = named.encode()
    else:
        out = BytesIO()
        figure.savefig(out, format="pdf", metadata={"CreationDate": None, "Creator": None, "Producer": None})
        data = out.getvalue()
    write_file(path, data)
    return path
