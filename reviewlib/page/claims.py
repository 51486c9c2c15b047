"""The claim check: what is claimed in public, and what decides whether it holds.

Claims are paraphrased and no business is named. The page filters without a script: two lists and CSS.
"""

from __future__ import annotations

from collections import Counter

import pandas as pd

from ..evidence import Evidence
from ..evidence.review import ClaimGroup
from ..html import Html, cell, missing
from ..meaning.words import count, pooled_from, signed
from . import claim_evidence
from .block import Block, bullets, details, join, paragraph, plain, section, table_block
from .provenance import READ, cite, listed

VERDICTS = {
    "contradicted": ("✗", "Contradicted", "Evidence, or the meaning of the words, says otherwise."),
    "misattributed": ("↔", "Misattributed", "Right or wrong, it does not come from the source that is named."),
    "unsupported": (
        "○",
        "Unsupported",
        "No evidence was found, or the evidence does not reach as far as the claim. "
        "Unsupported is not the same as disproved.",
    ),
    "partly-supported": ("◐", "Partly supported", "One part is backed by evidence, another part is not."),
    "supported": ("✓", "Supported", "The evidence that was read says the same."),
    "not-checkable": (
        "?",
        "Not checkable",
        "An anecdote, a description of practice, an instruction, or a figure whose origin could not be found.",
    ),
}
OTHER = ClaimGroup("other", "Other claims")
NONE = "No claim has been checked."
LIMITS = (
    "Unsupported is not disproved. With low confidence it means that a short search found nothing.",
    "The confidence is ours in the verdict. It is not confidence in the treatment.",
    "A claim is judged as a reader understands it. A treatment may help even where the reason given for it is wrong.",
)


def groups(evidence: Evidence) -> tuple[ClaimGroup, ...]:
    """Return the groups of claims in the order of the page; the one without prefixes takes what belongs to no other."""
    listed = evidence.review.claim_groups
    return listed if any(not group.prefixes for group in listed) else (*listed, OTHER)


def group_of(evidence: Evidence, claim_id: str) -> str:
    """Return the id of the group that a claim's id begins with."""
    prefix, there = claim_id.rsplit("-", 1)[0], groups(evidence)
    rest = next(group.id for group in there if not group.prefixes)
    return next((group.id for group in there if prefix in group.prefixes), rest)


def answer(evidence: Evidence) -> Block:
    """The claims that would most likely mislead a reader and do harm, with what is known instead."""
    table = evidence.claims
    if table.empty:
        return section(paragraph(NONE, "bottom-line"), classes="answer", label="The answer")
    first = table[table["misleads"] == 1]
    tally = table["verdict"].value_counts()
    rest = tally.get("unsupported", 0) + tally.get("contradicted", 0) + tally.get("misattributed", 0)
    head = f"{len(first) or 'None'} of {count(len(table), 'claim')} checked could mislead a reader and do harm."
    items = [
        Html(f'{_said(r.verdict)}: <a href="#claim-{cell(r.claim_id)}">“{cell(r.claim)}”</a>') for r in _by_harm(first)
    ]
    met = f", found on {evidence.review.claims}" if evidence.review.claims else ""
    whole = (
        f"Of all {len(table)}{met}: {tally.get('supported', 0)} supported, {tally.get('partly-supported', 0)} partly "
        f"supported; {rest} unsupported, contradicted or credited to the wrong source; "
        f"{tally.get('not-checkable', 0)} that cannot be checked."
    )
    note = "Claims are paraphrased and no business is named. A verdict is about the claim, not about whoever makes it."
    parts = (paragraph(head, "bottom-line"), bullets(items), paragraph(whole), paragraph(note))
    return section(*parts, classes="answer", label="The answer")


def _said(verdict) -> Html:
    mark, word, _ = VERDICTS[verdict]
    return Html(f'<span class="said"><span aria-hidden="true">{mark}</span> <strong>{word}</strong></span>')


def _by_harm(table) -> list:
    """Return the rows of a table of claims: firmest objections first within an order of harm."""
    order = list(VERDICTS)
    return sorted(table.itertuples(), key=lambda r: (r.misleads, order.index(r.verdict), r.claim_id))


def listing(evidence: Evidence) -> Block:
    """Every claim with verdict, reason and evidence: first what misleads most, then by subject; filtered by CSS."""
    table = evidence.claims
    if table.empty:
        return paragraph(NONE, "note")
    known, sources = claim_evidence.records(evidence), evidence.sources.set_index("source_id")
    grouped = [(claim, group_of(evidence, claim.claim_id)) for claim in _by_harm(table)]
    first = [(claim, group) for claim, group in grouped if claim.misleads == 1]
    parts = [_part("first", "Most likely to mislead a reader", first, known, sources)]
    for group in groups(evidence):
        mine = [(claim, key) for claim, key in grouped if key == group.id and claim.misleads > 1]
        parts.append(_part(group.id, group.label, mine, known, sources))
    inner = join(*parts)
    shown = f'<p class="claims-count page-only" role="status">of {len(table)} claims are shown.</p>'
    form = _form(evidence, [group for _, group in grouped])
    html = f'<style>{_filter_rules(evidence)}</style><div class="claims">{form}{inner.html}{shown}</div>'
    return Block(Html(html), f"{inner.text}\n\n{count(len(table), 'claim')}.")


def _form(evidence, keys) -> str:
    """Return the two lists; a form whose method is "dialog" never sends anything."""
    tally, there = evidence.claims["verdict"].value_counts(), Counter(keys)
    verdicts = [(f"v-{key}", f"{mark} {name} ({tally.get(key, 0)})") for key, (mark, name, _) in VERDICTS.items()]
    subjects = [(f"g-{g.id}", f"{g.label} ({there[g.id]})") for g in groups(evidence) if g.id in there]
    return (
        '<form method="dialog" class="claims-filter" aria-label="Choose which claims to show">'
        + _select("Verdict", f"All verdicts ({len(keys)})", verdicts)
        + _select("Subject", f"All subjects ({len(keys)})", subjects)
        + '<button type="reset">Show all</button></form>'
    )


def _select(label, everything, options) -> str:
    listed = "".join(f'<option value="{value}">{cell(words)}</option>' for value, words in options)
    return f'<label>{label} <select><option value="">{everything}</option>{listed}</select></label>'


def _filter_rules(evidence) -> str:
    """Return one rule per choice: hide the claims without its class, and the headings left without a claim."""
    rules = []
    for choice in [*(f"v-{key}" for key in VERDICTS), *(f"g-{group.id}" for group in groups(evidence))]:
        chosen = f'.claims:has(option[value="{choice}"]:checked)'
        rules.append(f"{chosen} .claim:not(.{choice}),{chosen} .claim-part:not(:has(.{choice})){{display:none}}")
    return "@media screen{" + "\n".join(rules) + "}"


def _part(key, name, claims, known, sources) -> Block | None:
    if not claims:
        return None
    cards = [_card(row, group, known, sources) for row, group in claims]
    html = f'<div class="claim-part"><h3 id="claims-{key}">{cell(name)}</h3>{"".join(c.html for c in cards)}</div>'
    return Block(Html(html), "\n\n".join([name.upper(), *(c.text for c in cards)]))


def _card(row, group, known, sources) -> Block:
    mark, word, _ = VERDICTS[row.verdict]
    verdict = Html(
        f'<span class="mark" aria-hidden="true">{mark}</span> <strong>{word}</strong> '
        f'<span class="sure">· confidence in this verdict: {cell(row.confidence)}</span>'
    )
    told = None if missing(row.key_number) else Html(f"<strong>In numbers:</strong> {cell(signed(row.key_number))}.")
    numbers = told and paragraph(told)
    other = None if missing(row.differs) else paragraph(f"Why similar claims have another verdict: {row.differs}")
    inner = join(paragraph(verdict), paragraph(row.reason), numbers, other, _evidence(row, known, sources))
    name = f"claim-{cell(row.claim_id)}"
    html = (
        f'<article class="claim v-{row.verdict} g-{group}" id="{name}" aria-labelledby="{name}-words">'
        f'<h4 id="{name}-words"><span class="sure">Claim:</span> “{cell(row.claim)}”</h4>{inner.html}</article>'
    )
    return Block(Html(html), f"Claim: “{row.claim}”\n{inner.text}")


def _evidence(row, known, sources) -> Block:
    """Return, folded, the rows that decide a claim, its condition as it stands today, and its sources."""
    cited = [] if missing(row.evidence) else [part.strip() for part in row.evidence.split(";")]
    named = [] if missing(row.source_ids) else [part.strip() for part in row.source_ids.split(";")]
    blocks = [bullets([claim_evidence.cited_row(reference, known, sources) for reference in cited])]
    if not missing(row.no_row):
        blocks = [paragraph(Html(f"<strong>Why no row is cited:</strong> {cell(row.no_row)}"))]
    blocks.append(_condition(row, known))
    if named:
        listed = Html(", ".join(cite(sources, name) for name in named))
        blocks.append(paragraph(Html(f"<strong>Sources:</strong> {listed}.")))
    blocks.append(paragraph(Html(f"<strong>Read:</strong> {cell(row.status)}."), "small"))
    tally = [f"{len(x)} {word if len(x) == 1 else word + 's'}" for x, word in ((cited, "row"), (named, "source")) if x]
    return details(f"What decides this: {' and '.join(tally) or 'no source'}", *blocks)


def _condition(row, known) -> Block:
    if missing(row.condition):
        return paragraph(
            "No single number decides this verdict: it rests on what the sources say in words, or on finding none."
        )
    parts = claim_evidence.condition_parts(row.condition, known)
    says = {True: "✓ holds", False: "✗ does not hold", None: "? cannot be checked"}
    held = all(truth is True for _, truth in parts)
    head = "The verdict rests on this; it is checked against the tables each time this page is built:"
    end = None if held else paragraph("The verdict must be judged again: a number has changed.", "warning")
    return join(
        paragraph(head),
        bullets([f"{words} ({says[truth]})".replace(",  ", ", ").replace(", (", " (") for words, truth in parts]),
        end,
    )


def verdicts(evidence: Evidence) -> Block:
    """How many claims met each verdict, and what the verdict means."""
    if evidence.claims.empty:
        return paragraph(NONE, "note")
    tally = evidence.claims["verdict"].value_counts()
    lines = [
        (Html(f'<span aria-hidden="true">{mark}</span> {name}'), int(tally.get(key, 0)), meaning)
        for key, (mark, name, meaning) in VERDICTS.items()
    ]
    frame = pd.DataFrame(lines, columns=["Verdict", "Claims", "What it means"])
    return table_block(frame, f"Verdicts on {count(len(evidence.claims), 'claim')}", classes="keep")


def limits(evidence: Evidence) -> Block:
    """What this check cannot tell."""
    return bullets([*LIMITS, *evidence.review.claim_limits])


def pools(evidence: Evidence) -> Block:
    """Pooled results of published reviews that only claims rest on, as printed."""
    sources = evidence.sources.set_index("source_id")
    lines = [
        {
            "Review": Html(f'<span id="row-claims_pooled-{cell(r.pooled_id)}">{cite(sources, r.source_id)}</span>'),
            "Comparison": r.comparison,
            "Outcome": r.outcome,
            "Time": r.timepoint or "not stated",
            "As printed": f"{r.measure} {r.estimate} ({r.ci_low} to {r.ci_high})",
            "Size": pooled_from(r._asdict()) + (f", {r.n} people" if r.n else ""),
            "Where": r.locator,
            "Notes": r.notes,
        }
        for r in evidence.text["claims_pooled"].itertuples()
    ]
    caption = "Pooled results that claims rest on, in their own signs"
    return join(details(caption, table_block(pd.DataFrame(lines), caption)), _facts(evidence, sources))


def _facts(evidence, sources) -> Block | None:
    """What sources say beside results and pools: lists, counts, definitions, recommendations."""
    if evidence.text["claims_facts"].empty:
        return None
    lines = [
        {
            "Source": Html(f'<span id="row-claims_facts-{cell(r.fact_id)}">{cite(sources, r.source_id)}</span>'),
            "What it says": r.fact,
            "Where": r.locator,
            "Read": READ.get(r.read, r.read),
            "Notes": r.notes,
        }
        for r in evidence.text["claims_facts"].itertuples()
    ]
    caption = "Facts that claims rest on: lists, counts, definitions, recommendations"
    return details(caption, table_block(pd.DataFrame(lines), caption))


def searched(evidence: Evidence) -> Block:
    """What was searched for the claims, and what was left out."""
    names = {"date": "Date", "where": "Where", "query": "Query", "records_found": "Found", "notes": "Notes"}
    shown = evidence.text["claims_search"][list(names)].rename(columns=names)
    blocks = [table_block(shown, "What was searched", classes="about-us")]
    if "claims_excluded" in evidence.text:
        left = evidence.text["claims_excluded"][["record", "reason"]]
        left.columns = ["Record", "Why"]
        blocks.append(table_block(left, "Collected and left out", classes="about-us"))
    return details("What was searched for the claims, and what was left out", *blocks)


def sources(evidence: Evidence) -> Block:
    """Publications behind the claims, by identifier; each with what was read of it."""
    named = set()
    for column in ("source_ids", "evidence"):
        for text in evidence.claims[column].dropna():
            named |= {part.strip() for part in text.split(";")}
    known = claim_evidence.records(evidence)
    named = {known[n][1].source_id if n in known else n for n in named}
    for table in ("claims_pooled", "claims_facts"):
        named |= set(evidence.tables[table]["source_id"])
    used = evidence.sources[evidence.sources["source_id"].isin(named)].sort_values("source_id")
    if used.empty:
        return paragraph("No publication stands behind a claim yet.", "note")
    return details(count(len(used), "source"), listed(used))


def lines(evidence: Evidence) -> list[str]:
    """Return every sentence of the page as plain text, for whoever wants to test or export it."""
    blocks = (answer(evidence), listing(evidence), verdicts(evidence), limits(evidence))
    return [plain(line) for block in blocks for line in block.text.splitlines() if line.strip()]
