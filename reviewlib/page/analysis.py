"""What could change the answer: other rules, other rows, risk of bias, time; and where the records went."""

from __future__ import annotations

import pandas as pd

from .. import plots
from ..convert import se_from_ci
from ..effects import study_effects
from ..errors import quiet
from ..evidence import Evidence, Topic
from ..evidence.signs import half_unit
from ..html import Html, cell
from ..meaning.finding import finding
from ..meaning.variants import without_high_risk
from ..meaning.words import MINUS, amount, count, number, pooled_from, unit_of
from ..measures import find
from ..plots.bias import spelled
from ..synthesis import multiverse as every, sensitivity as rerun
from .again import drawn_again
from .block import Block, bullets, details, fold, join, paragraph, plain, table_block
from .provenance import cite, rests_on, row_link
from .treated import RANDOMIZED


def sensitivity(topic: Topic, comparison_id: str) -> Block:
    """The same trials under other defensible rules, and whether any changes the conclusion."""
    found = finding(topic, comparison_id)
    title = found.title
    if found.pooled is None:
        return _other_rows(topic, found, title)
    side = -1 if found.estimate < 0 else 1
    between = found.threshold_kind == "between-group"  # a person's own threshold decides nothing about an average
    thresholds = (0.0, side * found.threshold) if between else (0.0,)
    result = rerun(found.studies, found.comparison["measure"], thresholds=thresholds)
    frame = result.to_frame()
    shown = frame[["analysis", "k"]].copy()
    shown["effect"] = [found.text(values) for values in frame[["estimate", "ci_low", "ci_high"]].to_numpy()]
    shown["conclusion"] = frame["conclusion"].str.replace("-", MINUS, regex=False)
    shown["changes"] = frame["changes"].map({True: "yes", False: "no"})
    shown.columns = ["Rule", "Trials", "Effect (95% CI)", "The interval lies", "Another conclusion"]
    said = paragraph(f"{title}. {result}.".replace(" -", f" {MINUS}"))
    table = details("Rule by rule", table_block(shown, f"{title}: under other rules"))
    return join(said, table, _without_high_risk(topic, found), rests_on(topic, comparison_id))


def _other_rows(topic, found, title) -> Block:
    """The result of one trial beside its other rows (another time, another analysis), or why there are none."""
    if found.basis != "one trial":
        return paragraph(f"{title}: nothing was pooled, so no rule can change it.", "note")
    rows = topic.rows(found.comparison["id"], use=None)
    trial = found.studies.loc[found.studies["estimate"].notna(), "trial"].iloc[0]
    lines = []
    for row in rows[rows["trial"] == trial].itertuples():
        with quiet():
            one = study_effects(rows[rows["result_id"] == row.result_id], found.comparison["measure"]).iloc[0]
        values = (one["estimate"], one["ci_low"], one["ci_high"])
        told = found.text(values) if values[0] == values[0] else "no interval"
        weeks = "" if row.timepoint_weeks != row.timepoint_weeks else f"{row.timepoint_weeks:g}"
        link = row_link(topic, row.result_id, row.result_id)
        lines.append([link, row.instrument, row.use, row.analysis_set, weeks, told])
    heads = ["Row", "Instrument", "Use here", "Analysis", "Weeks", "Effect (95% CI)"]
    note = paragraph(f"{title}: one trial, so no rule of pooling can change it. Its rows, each by itself:", "note")
    return join(note, table_block(pd.DataFrame(lines, columns=heads), f"{title}: the same trial by other rows"))


def _without_high_risk(topic, found) -> Block:
    """Say what is left without trials at high risk of bias, or why that cannot be said."""
    line = without_high_risk(topic, found)
    if line is None:
        note = "A synthesis without trials at high risk of bias cannot be shown: none of them has been judged yet."
        return paragraph(note, "note")
    domains = ", ".join(map(spelled, line["domains"]))
    if not line["left_out"]:
        return paragraph(f"No pooled trial was judged at high risk of bias ({domains}).", "note")
    gone = f"Without the trials judged at high risk of bias ({domains}; {line['left_out']})"
    if line["trials"] < 2:
        return paragraph(f"{gone}, fewer than two are left, so nothing is pooled.", "note")
    said = found.text((line[name] for name in ("estimate", "ci_low", "ci_high")), "95% CI ")
    return paragraph(f"{gone}, {line['trials']} are left: {found.comparison['measure']} {said}.")


@drawn_again
def multiverse(topic: Topic, comparison_id: str) -> Block:
    """Every defensible set of rows under every estimator and interval rule, as one curve and one sentence."""
    found = finding(topic, comparison_id)
    title = found.title
    sets = _row_sets(topic, found)
    if not sets:
        return paragraph(f"{title}: no choice of rows leaves two trials to pool.", "note")
    result = every(sets, factors=("results",))
    if not _differ(result, found.digits):
        return paragraph(f"{result}. All of them give the same estimate, so that no curve is drawn.")
    figure = plots.draw(plots.specification_curve, result, width="phone", height=4.8)
    caption = f"{title}: every defensible analysis"
    words = f"Specification curve. {result}.".replace("no effect", "the null value")
    drawn = plots.figure_block(figure, alt=words, caption=caption)
    curve = details("Every defensible analysis as a curve", drawn)
    return join(paragraph(f"{result}."), curve, rests_on(topic, comparison_id))


def _differ(result, digits) -> bool:
    """Return whether the analyses give estimates that are printed differently, a ratio as a ratio."""
    back = find(result.measure).back
    return len({number(float(back(value)), digits) for value in result.to_frame()["estimate"].dropna()}) > 1


def _row_sets(topic, found) -> dict:
    """Return the studies of each defensible choice of rows that leaves at least two trials."""
    rows = topic.rows(found.comparison["id"], use=None)
    main, other = rows[rows["use"] == "main"], rows[rows["use"] == "sensitivity"]
    first_hand = main[main["status"] == "reported"]
    swapped = other[other["trial"].isin(main["trial"]) & other["ci_low"].notna()]
    sets = {"main results": main}
    if len(first_hand) < len(main):
        sets["results read first-hand"] = first_hand
    if len(swapped):
        kept = main[~main["trial"].isin(swapped["trial"])]
        sets["another time or result of a trial"] = pd.concat([kept, swapped], ignore_index=True)
    measure = found.comparison["measure"]
    with quiet():  # the finding has said what is said here
        studies = {name: study_effects(chosen, measure) for name, chosen in sets.items() if len(chosen)}
    return {name: table for name, table in studies.items() if table["estimate"].notna().sum() > 1}


@drawn_again
def over_time(topic: Topic) -> Block:
    """Effects at their times, one figure for each randomized contrast that one trial measured more than once."""
    rows = topic.results_used()
    keep = (rows["design"] == "rct") & rows["analysis_set"].isin([*RANDOMIZED, "unclear"])
    keep &= rows["status"] != "inferred"
    keep &= (rows["measure"].isna() | (rows["measure"] == "MD")) & rows["value_kind"].ne("percent").fillna(True)
    keep &= rows["ci_low"].notna() | rows["sd_int"].notna()  # an interval guessed from a P value is not drawn
    names, typed = topic.instruments.set_index("instrument_id"), topic.text["results"].set_index("result_id")
    blocks = []
    arms = [rows[arm].fillna(rows[said]) for arm, said in (("arm_id", "intervention"), ("control_id", "comparator"))]
    for key, mine in rows[keep].groupby(["trial", "instrument_id", *(arm[keep] for arm in arms)], sort=True):
        if mine["timepoint_weeks"].nunique() < 2:
            continue
        known, said = names.loc[key[1]], mine.iloc[0]
        scale = {name: known[name] for name in ("better", "scale_min", "scale_max")}
        mine = _one_of_a_time(mine, typed).assign(**scale)
        studies = _at_times(mine)
        if studies["timepoint_weeks"].nunique() > 1:
            title = f"{key[0]}, {said['intervention']} against {said['comparator']}"
            blocks.append(_time_figure(studies, known, title, changed=_changed(mine)))
    if not blocks:
        return paragraph("No trial was measured twice with a usable result.", "note")
    return fold(f"{count(len(blocks), 'trial')} measured more than once", *blocks)


def _one_of_a_time(rows, typed):
    """Return the rows without those that print a result of another again: the publication with most times is kept.

    Two that disagree by more than the rounding of their `typed` estimates are both shown.
    """
    times = rows.groupby("source_id")["timepoint_weeks"].transform("nunique")
    ordered, kept = rows.loc[times.sort_values(ascending=False, kind="stable").index], []
    for row in ordered.itertuples():
        twins = (other for other in kept if other.timepoint_weeks == row.timepoint_weeks)
        if not any(_same_print(typed, row.result_id, other.result_id) for other in twins):
            kept.append(row)
    return rows[rows["result_id"].isin([row.result_id for row in kept])]


def _same_print(typed, *names) -> bool:
    """Whether the estimates of two rows, as they are typed, are one number, and run the same way."""
    (a, way), (b, other) = (typed.loc[name, ["estimate", "contrast"]] for name in names)
    return bool(a and b) and way == other and abs(float(a) - float(b)) <= max(map(half_unit, (a, b)))


def _changed(rows) -> str:
    """Return which results are not those that were printed; their rows say what is used instead, and why."""
    changed = rows[rows["repaired"].notna()] if "repaired" in rows else rows[:0]
    said = " The result at {} is not as printed; its row says why."
    return "".join(said.format(amount(weeks, "weeks")) for weeks in changed["timepoint_weeks"])


def _at_times(rows):
    """Return the effect of each row by itself, with its time; rows without one are left to the tables."""
    with quiet():
        found = [
            study_effects(row, "MD").assign(timepoint_weeks=row["timepoint_weeks"].iloc[0])
            for _, row in rows.groupby("result_id", sort=True)
        ]
    studies = pd.concat(found, ignore_index=True)
    return studies[studies["estimate"].notna()].sort_values("timepoint_weeks", ignore_index=True)


@drawn_again
def published_over_time(topic: Topic, source_id: str, outcome: str, instrument_id: str) -> Block:
    """A published review's pools of one contrast at several times, in its own sign and digits."""
    table = topic.tables["pooled_published"]
    mine = table[(table["source_id"] == source_id) & (table["outcome"] == outcome) & table["ci_low"].notna()].copy()
    if mine.empty:
        return paragraph(f"No pool of {source_id} on {outcome} was read with its interval.", "note")
    mine["timepoint_weeks"] = mine["timepoint"].str.extract(r"^(\d+) weeks")[0].astype(float)
    mine["trial"] = [f"published pool of {pooled_from(row)}" for row in mine.to_dict("records")]
    mine["se"] = [se_from_ci(low, high) for low, high in zip(mine["ci_low"], mine["ci_high"], strict=True)]
    known = topic.instruments.set_index("instrument_id").loc[instrument_id]
    label = plain(cite(topic.sources.set_index("source_id"), source_id))
    caption = f"{label}, {mine['comparison'].iloc[0]}"
    joined = "a review's pools, each of its own trials"
    drawn = _time_figure(mine.sort_values("timepoint_weeks"), known, caption, joined)
    return fold(f"{label}: a published pool", drawn)


def _time_figure(studies, known, title, joined="the results of one trial", changed="") -> Block:
    unit = unit_of(known)
    mid = known["mid"] if known["mid_unit"] in ("points", unit) and known["mid"] == known["mid"] else None
    figure = plots.draw(
        plots.effect_over_time,
        studies,
        width="phone",
        height=3.0,
        measure="MD",
        unit=unit,
        mid=None if mid is None else float(mid),
    )
    better = "lower" if known["better"] == "lower" else "higher"
    shaded = "" if mid is None else "; shaded: smaller than the minimal important difference"
    caption = f"{title}: difference on {known['name']}, {better} is better."
    caption += f" The line joins {joined}; bars: 95% CI{shaded}.{changed}"
    alt = f"{title}. {plots.alt_effect_over_time(studies, measure='MD', unit=unit)}"
    return plots.figure_block(figure, alt=alt, caption=caption)


@drawn_again
def flow(topic: Topic) -> Block:
    """How many reports, rows and studies came in, were left out, and stayed."""
    table = topic.tables.get("flow")
    if table is None or table.empty:
        return paragraph("The flow of records was not counted.", "note")
    figure = plots.figure_block(
        plots.prisma_flow_figure(table, width="phone"), alt=plots.alt_prisma_flow(table), caption="Flow of records"
    )
    names = {"step": "Step", "unit": "Unit", "n": "Number", "reason": "What was counted"}
    counted = table_block(topic.text["flow"].rename(columns=names), "Flow of records, counts")
    return fold("Flow of records", figure, counted)


def rand_view(evidence: Evidence, topic: Topic) -> Block:
    """What expert panels judged of the same care, row by row."""
    blocks = []
    for view in topic.info.get("rand_view") or []:
        other = evidence[view["topic"]]
        rated = other.text["ratings"].set_index("rating_id")
        said = other.text["statements"].set_index("statement_id")
        counted = [r for r in view["rows"] if r in rated.index]
        if counted:
            names = {
                "procedure": "Procedure",
                "precondition": "Before it was considered",
                "category": "Class",
                "n": "Scenarios",
                "n_total": "Of",
            }
            frame = rated.loc[counted, list(names)].rename(columns=names)
            blocks.append(
                table_block(frame, f"Expert panel, {view['region'].replace('-', ' ')}: scenarios, not patients")
            )
        else:  # without a table nothing else says whose words these are
            head = Html(f"<strong>Expert panel, {cell(view['region'].replace('-', ' '))}: scenarios, in words</strong>")
            blocks.append(paragraph(head))
        blocks.append(bullets([said.loc[r, "statement"] for r in view["rows"] if r in said.index]))
        blocks.append(paragraph(view.get("note", ""), "note"))
    if not blocks:
        return paragraph("topic.yml names no panel that judged the same care.", "note")
    return fold("Scenarios that panels rated, not patients", *blocks)
