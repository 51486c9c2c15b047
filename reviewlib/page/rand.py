"""The RAND page: what panels judged, in counts; and an invented panel that shows how ratings become a class."""

from __future__ import annotations

from ..html import Html, cell
from .answer import facts, for_whom, is_not
from .block import Block, bullets, details, join, paragraph, section, table_block
from .provenance import cite, row_anchor

DISPERSION = (
    "panel dispersion: agreement",
    "panel dispersion: uncertain (neither agreement nor disagreement)",
    "panel dispersion: disagreement",
)
CLASS_ROWS = ("appropriate", "equivocal", "inappropriate")
SCENARIOS_NOT_PATIENTS = (
    "A percentage of scenarios is not a percentage of patients: how many people stand behind a scenario is unknown."
)
BOTTOM_LINE = (
    "For chronic neck pain the 2018 panel judged more scenarios inappropriate than appropriate, for mobilization "
    "and even more for manipulation; for chronic low back pain more appropriate than inappropriate."
)
FINAL = "final ratings, traditional RAND/UCLA method"


def counts(topic, *, panel="rand2018-neck", round=FINAL, status=("printed", "misprint"), categories=CLASS_ROWS):
    """Return counts, one row a procedure and prior-care condition, one column a category, with the total."""
    table = topic.ratings
    mine = table[(table["panel"] == panel) & (table["round"] == round) & table["status"].isin(status)]
    mine = mine[mine["category"].isin(categories)]
    wide = mine.pivot(index=["procedure", "precondition"], columns="category", values="n")[list(categories)]
    wide["of"] = mine.groupby(["procedure", "precondition"])["n_total"].first()
    return wide.astype(int).reset_index()


def class_counts(topic) -> Block:
    """The final classes of the neck panel as counts with shares beside them."""
    frame = counts(topic)
    shown = frame.rename(
        columns={"procedure": "Procedure", "precondition": "Before it was considered", "of": "Scenarios"}
    )
    for name in CLASS_ROWS:
        share = frame[name] / frame["of"]
        shown[name] = [f"{n} ({p:.1%})" for n, p in zip(frame[name], share, strict=True)]
    shown = shown.rename(columns={name: name.capitalize() for name in CLASS_ROWS})
    return join(
        table_block(shown, "Chronic neck pain: scenarios by class, final ratings"),
        paragraph(SCENARIOS_NOT_PATIENTS, "note"),
    )


def dispersion(topic) -> Block:
    """How far the neck panel agreed: agreement, neither, disagreement."""
    names = dict(zip(DISPERSION, ("Agreement", "Neither", "Disagreement"), strict=True))
    frame = counts(topic, categories=DISPERSION)
    shown = frame.rename(
        columns={**names, "procedure": "Procedure", "precondition": "Before it was considered", "of": "Scenarios"}
    )
    return table_block(shown, "Chronic neck pain: how far the panel agreed, in scenarios")


def steps(topic) -> Block:
    """The four rating steps, to see whether preferences and costs moved the panel."""
    import pandas as pd

    table = topic.ratings
    mine = table[(table["panel"] == "rand2018-neck") & table["category"].isin(CLASS_ROWS)]
    rounds = list(dict.fromkeys(mine.loc[mine["status"] != "derived", "round"]))
    frames = [counts(topic, round=name).assign(step=name) for name in rounds]
    shown = pd.concat(frames)[["procedure", "precondition", "step", *CLASS_ROWS, "of"]]
    shown = shown.sort_values(["procedure", "precondition"], kind="stable")
    names = {
        "procedure": "Procedure",
        "precondition": "Before it was considered",
        "step": "Rating step",
        "of": "Scenarios",
    }
    return table_block(
        shown.rename(columns={**names, **{c: c.capitalize() for c in CLASS_ROWS}}),
        "Four rating steps of the neck panel",
    )


def statistics(topic) -> Block:
    """The panel's average median and how far its members lay from it, step by step, as printed."""
    text = topic.text["panel_statistics"]
    mine = text[text["source_id"].eq("herman2019pref") & ~text["statistic"].str.startswith("p-value")]
    wide = mine.pivot(index=["procedure", "precondition", "round"], columns="statistic", values="value").reset_index()
    wide.columns = [
        {"procedure": "Procedure", "precondition": "Before it was considered", "round": "Rating step"}.get(
            c, c.capitalize()
        )
        for c in wide.columns
    ]
    tests = text[text["statistic"].str.startswith("p-value")]
    listed = "; ".join(f"{r.procedure}, {r.precondition}: {r.value}" for r in tests.itertuples())
    return details(
        "Average medians and deviations of the neck panel",
        table_block(wide, "Average of the panel medians and of the deviations from the median, as printed"),
        paragraph(f"P values printed for the rise in scenarios with agreement, from home to meeting: {listed}."),
    )


def misprints(topic) -> Block:
    """The printed percentages that do not follow from their counts, beside the counts."""
    text = topic.text["ratings"]
    mine = text[text["status"] == "misprint"]
    lines = [
        f"{r.procedure}, {r.precondition}, {r.category}: printed {r.percent_printed}%, but {r.n} of {r.n_total} is "
        f"{int(r.n) / int(r.n_total):.1%}; this page uses the count." for r in mine.itertuples()
    ]  # fmt: skip
    return join(
        paragraph("Two printed percentages are misprints:" if len(lines) == 2 else "Misprints:", "small"),
        bullets(lines),
    )


def answer(topic) -> Block:
    """The first screen of the RAND page, in counts."""
    statements = topic.tables["statements"].set_index("statement_id")["statement"]
    low_back = Html(
        f"<strong>Chronic low back pain:</strong> {cell(statements['lowback2018-s1'])} Counts could not be read."
    )
    return section(
        paragraph(BOTTOM_LINE, "bottom-line"),
        _in_scenarios(topic),
        details(low_back, paragraph(statements["lowback2018-s2"])),
        details(Html("<strong>How sure:</strong> the judgement of one panel, not a measured effect"),
                paragraph("Another panel may judge otherwise. It has no certainty rating."), classes="certainty"),
        paragraph(Html("<strong>Harms:</strong> weighed against benefit in every rating, not counted by the panel; "
                       '<a href="mobilization.ipynb#harms">what trials counted</a>.'), "harm"),
        for_whom(topic),
        facts(topic, _experts(topic)),
        paragraph(is_not(topic), "is-not"),
        classes="answer", label="The answer",
    )  # fmt: skip


def _experts(topic) -> str:
    """Return how many people rated, panel by panel."""
    panels = topic.tables["panels"].set_index("panel_id")
    told = (("neck pain", "rand2018-neck"), ("low back pain", "rand2018-low-back"))
    return ", ".join(f"{panels.loc[key, 'n_panelists']} experts ({name})" for name, key in told)


def _in_scenarios(topic) -> Block:
    """Return the classes of the neck panel in counts, and under them why these are no patients."""
    both = counts(topic, status=("derived",)).set_index("procedure")
    told = "; ".join(
        f"{procedure} " + ", ".join(f"{both.loc[procedure, name]} {name}" for name in CLASS_ROWS)
        for procedure in ("mobilization", "manipulation")
    )
    of = both["of"].iloc[0]
    line = Html(f"<strong>Of {of} scenarios of chronic neck pain:</strong> {cell(told)}. Scenarios, not patients.")
    return details(line, paragraph(f"Both prior-care conditions together. {SCENARIOS_NOT_PATIENTS}"), classes="size")


def decision_tree(topic) -> Block:
    """Which characteristics decided the neck ratings, with their direction."""
    import pandas as pd

    text = topic.text["decision_tree"]
    shares = {(r.characteristic, r.category, r.procedure): f"{r.percent}% {r.direction}" for r in text.itertuples()}
    procedures = topic.info.get("headline", {}).get("procedures") or dict.fromkeys(text["procedure"])
    heads = [(c, p) for c in ("inappropriate", "equivocal", "appropriate") for p in procedures]
    heads = [head for head in heads if any(key[1:] == head for key in shares)]
    names = {head: f"{head[0].capitalize()}, {head[1]}" for head in heads}
    lines = [{"Characteristic": who} | {names[head]: shares.get((who, *head), "not used") for head in heads}
             for who in dict.fromkeys(text["characteristic"])]  # fmt: skip
    note = paragraph("Each figure is the share of scenarios of that class which the characteristic helps to classify. "
                     "It is not a share of patients and not the strength of an effect.", "note")  # fmt: skip
    return join(table_block(pd.DataFrame(lines), "What decided the neck ratings"), note)


def statements(topic, panel) -> Block:
    """What the sources allow to be said of a panel, in words, each with its source."""
    table = topic.tables["statements"]
    sources = topic.sources.set_index("source_id")
    mine = table[table["panel"] == panel]
    return bullets(
        [
            Html(f"{row_anchor(topic, r.statement_id, r.statement)} ({cite(sources, r.source_id)}, {cell(r.locator)})")
            for r in mine.itertuples()
        ]
    )


def panels(topic) -> Block:
    """The panels behind the ratings."""
    import pandas as pd

    sources = topic.sources.set_index("source_id")
    lines = [{
        "Panel": row_anchor(topic, row.panel_id, row.panel_id), "Year": row.year,
        "Condition": row.condition, "Procedures": row.procedures,
        "Panellists": row.n_panelists or "not read", "Who": row.composition or "not read",
        "Scenarios": row.n_scenarios or "not read",
        "Source": Html(f"{cite(sources, row.source_id)}, {cell(row.locator)}"),
    } for row in topic.text["panels"].itertuples()]  # fmt: skip
    return table_block(pd.DataFrame(lines), "The panels")


def older_panels(topic) -> Block:
    """Printed figures of the panels before 2018, as they stand."""
    import pandas as pd

    sources = topic.sources.set_index("source_id")
    text = topic.text["ratings"]
    mine = text[~text["panel"].isin(["rand2018-neck", "rand2018-low-back", "glaucoma2009"])]
    lines = [{
        "Panel": r.panel, "What": r.category, "Count": f"{r.n} of {r.n_total}" if r.n and r.n_total else r.n,
        "Printed": f"{r.percent_printed}%" if r.percent_printed else "",
        "Source": Html(f"{cite(sources, r.source_id)}, {cell(r.locator)}"),
    } for r in mine.itertuples()]  # fmt: skip
    table = table_block(pd.DataFrame(lines), "Older panels, as printed")
    return join(table, paragraph(f"Counts and percentages are of scenarios. {SCENARIOS_NOT_PATIENTS}", "note"))


def delivered_care(topic) -> Block:
    """How much care that was given was judged appropriate, by which panel."""
    import pandas as pd

    sources = topic.sources.set_index("source_id")
    text = topic.text["delivered_care"]
    mine = text[text["category"].str.contains("appropriate|uncertain|agreed", regex=True)]
    lines = [{
        "Judged": r.category, "Condition": r.condition, "Percent": f"{r.percent}%" if r.percent else "",
        "Count": f"{r.n} of {r.n_total}" if r.n and r.n_total else (f"of {r.n_total}" if r.n_total else ""),
        "Setting": r.setting, "Source": Html(f"{cite(sources, r.source_id)}, {cell(r.locator)}"),
    } for r in mine.itertuples()]  # fmt: skip
    note = paragraph("Here a percentage is of patients or of records of care, as the source says, not of a panel's "
                     "scenarios. An empty count was not in the text that was read.", "note")  # fmt: skip
    return join(table_block(pd.DataFrame(lines), "Care that was given, judged by a panel's ratings"), note)


def conflicts(topic) -> Block:
    """Misprints and contradictions in the sources, both sides shown."""
    text = topic.text["conflicts"]
    names = {
        "what": "What",
        "as_printed": "As printed",
        "as_recomputed": "As it should follow",
        "choice": "What this page uses",
    }
    return table_block(text[list(names)].rename(columns=names), "Where sources contradict themselves")
