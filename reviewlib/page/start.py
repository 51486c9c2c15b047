"""The first page and the README: every question with the answer of today, computed from the tables."""

from __future__ import annotations

from ..html import Html, cell
from . import rand
from .answer import NO_RESULTS, headline
from .block import Block, plain, table_block

PAGES = {"stenosis": "stenosis", "massage": "massage", "mobilization": "mobilization", "rand-appropriateness": "rand"}


def answers(evidence):
    """Return one (page, question, answer, certainty) a topic, in the order of the pages."""
    rows = []
    # A topic that has no place of its own comes after the others, on the page of its name.
    for topic_id, page in (PAGES | {name: name for name in evidence.topics if name not in PAGES}).items():
        if topic_id not in evidence.topics:
            continue
        topic = evidence[topic_id]
        if topic_id not in PAGES and not len(topic.tables.get("results", ())):
            rows.append((page, topic.info["question"], NO_RESULTS, "not rated"))
        elif topic.comparisons:
            found = headline(topic)
            sure = f"{found.certainty.symbol} {found.certainty.level}" if found.certainty else "not rated"
            rows.append((page, topic.info["question"], found.sentence, sure))
        else:
            rows.append((page, topic.info["question"], rand.BOTTOM_LINE, "a panel's judgement, not rated"))
    return rows


def overview(evidence) -> Block:
    """All questions and answers at a glance, each leading to its page."""
    import pandas as pd

    lines = [
        (Html(f'<a href="{page}.html">{cell(question)}</a>'), said, sure)
        for page, question, said, sure in answers(evidence)
    ]
    frame = pd.DataFrame(lines, columns=["Question", "What the evidence says today", "How sure"])
    return table_block(frame, "All questions at a glance")


def readme_table(evidence) -> str:
    """Return the overview as Markdown for the README."""
    rows = [
        f"| [{question}](notebooks/{page}.ipynb) | {said} | {sure} |"
        for page, question, said, sure in answers(evidence)
    ]
    head = ["| Question | What the evidence says today | How sure |", "| --- | --- | --- |"]
    return "\n".join([*head, *map(plain, rows)])


def tables(evidence) -> Block:
    """How much evidence stands behind the pages."""
    import pandas as pd

    lines = [
        (topic.info["title"], len(topic.used_sources()), sum(map(len, topic.tables.values()))) for topic in evidence
    ]
    return table_block(
        pd.DataFrame(lines, columns=["Topic", "Publications", "Rows in its tables"]), "What stands behind the pages"
    )


GLOSSARY = (
    (
        "Certainty",
        "How sure we can be that the true effect is close to what is shown: high, moderate, low or very low.",
    ),
    (
        "95% CI (confidence interval)",
        "The range of effects that the trials cannot rule out. A wide one means little is known.",
    ),
    ("MD (mean difference)", "The difference between the average scores of two groups, in points of the scale."),
    (
        "SMD (standardized mean difference)",
        "The same in standard deviations, used when trials measured with different scales.",
    ),
    (
        "RR (risk ratio)",
        "How many times as often something happened in one group as in the other; 1 is the same in both.",
    ),
    (
        "MID (minimal important difference)",
        "The smallest difference that matters to people. One within a person is not one between groups.",
    ),
    (
        "Prediction interval",
        "The range in which the effect in a new, similar setting is expected. Shown from five trials up.",
    ),
    ("I² and tau²", "How much trials differ beyond chance. With few trials neither can be known well."),
    ("HKSJ and Wald", "Two rules for the width of a pooled interval. These pages use the wider of the two."),
    ("Intention to treat", "Compares people by what they were assigned to, whatever they had in the end."),
    ("As treated", "Compares people by what they had. It is no longer a fair comparison, because people chose."),
    ("Risk of bias", "What in the making of a trial could have tilted its result."),
    (
        "Appropriate (RAND)",
        "A panel judged that the expected benefit outweighs the expected harm for a described patient.",
    ),
    ("Equivocal", "A middling rating, or a panel that disagreed."),
)


def glossary() -> Block:
    """The terms of the pages in plain words."""
    import pandas as pd

    return table_block(
        pd.DataFrame(GLOSSARY, columns=["Term", "In plain words"]), "Words used on these pages", classes="keep"
    )
