"""What must stand beside the headline: other outcomes, who changed treatment, and the best published review.

Topic.yml names the rows (`first_screen`); every number and every word of certainty comes from them.
"""

from __future__ import annotations

from ..evidence import Topic
from ..evidence.labels import trials_named
from .answer import headline
from .finding import Finding, findings
from .words import MINUS, count, pooled_from

_MANY = 5  # names that one line of a first screen holds


def other_answers(topic: Topic) -> tuple[Finding, ...]:
    """Return the findings that a reader of the headline must see too: of `beside`, then of `first_screen`."""
    known = findings(topic)
    named = [topic.info.get("beside"), *((topic.info.get("first_screen") or {}).get("comparisons") or ())]
    return tuple(known[name] for name in dict.fromkeys(named) if name in known)


def other_sentence(found: Finding) -> str:
    """Return the sentence of a finding with its certainty; its size may follow."""
    level = f" ({found.certainty.level} certainty)" if found.certainty else ""
    return f"{found.sentence.rstrip('.')}{level}"


def crossed_over(topic: Topic) -> tuple[tuple[str, str, str], ...]:
    """Return (row, share, sentence) for each group whose change of treatment belongs beside the headline.

    The share is the printed one, or the count of the people assigned; nothing is worked out.
    """
    table, lines = topic.text.get("crossover"), []
    for entry in (topic.info.get("first_screen") or {}).get("crossover") or ():
        row = table[table["crossover_id"] == entry["row"]].iloc[0]
        share = f"{row['percent']}%" if row["percent"] else f"{row['n_crossed']} of {row['n_arm']}"
        lines.append((entry["row"], share, f"{share} of {entry['say']} ({row['trial']})."))
    return tuple(lines)


def published_reviews(topic: Topic) -> tuple[tuple[str, str, str], ...]:
    """Return (row, source, sentence) for the best published review of the headline outcome, and others named beside it.

    The sentence follows "SOURCE: " and says how much was pooled, until when the review searched, what it found, how
    sure its authors are, and whether the trials of our answer are among its own; what was not read is said.
    """
    table, lines = topic.text.get("pooled_published"), []
    for entry in (topic.info.get("first_screen") or {}).get("reviews") or ():
        row = table[table["pooled_id"] == entry["row"]].iloc[0]
        lines.append((entry["row"], row["source_id"], _review(topic, row, entry["say"])))
    return tuple(lines)


def _review(topic, row, say) -> str:
    labels, whole = trials_named(row)
    repeated = row.get("k_counts") == "comparisons" and labels and whole
    pooled = [pooled_from(row) + (f" of {count(len(labels), 'trial')}" if repeated else "")]
    pooled += [count(int(row["n"]), "person", "people")] if row["n"] else []
    until = row.get("searched")
    pooled.append(f"searched until {until}" if until else "date of its search not read")
    size = f"{row['measure']} {row['estimate']}".strip()
    size += f" ({row['ci_level'] or 95}% CI {row['ci_low']} to {row['ci_high']})" if row["ci_low"] else ""
    rated = row["certainty"]
    sure = f"its authors rate the certainty {rated}" if rated else "no rating of its certainty was read"
    return (
        f"{'; '.join(pooled)}. {say}: {size.replace('-', MINUS) or 'no figure'}; {sure}. {_shared(topic, row)}".rstrip()
    )


def _shared(topic, row) -> str:
    """Return whether the trials of a review and those of our headline are the same, as far as it was read."""
    labels, whole = trials_named(row)
    if not topic.comparisons:
        return ""
    if not labels:
        return "Which trials it pooled was not read, so it cannot be said whether ours are among them."
    studies = headline(topic).studies
    ours = set(studies.loc[studies["estimate"].notna(), "trial"])
    both = [label for label in labels if label in ours]
    counted = row["k"] and row.get("k_counts") != "comparisons"  # of comparisons one trial may have several
    rest = int(row["k"]) - len(labels) if counted else 0
    unread = f"; {'one' if rest == 1 else rest} of its trials could not be named" if rest > 0 else ""
    unread = unread if whole else "; not all of its trials could be named"
    if not both:
        named = f" ({', '.join(labels)})" if len(labels) <= _MANY else ""
        many = "" if named else f"{len(labels)} "
        return f"None of its {many}trials{named} is in the answer above; they are elsewhere on this page{unread}."
    if not whole and ours <= set(labels):
        all_ours = "Our one trial is" if len(ours) == 1 else f"All {len(ours)} of our trials are"
        return f"{all_ours} among its own{unread}."
    shared = (
        "Our answer rests on the same trials"
        if ours == set(labels) and not unread
        else (f"{len(both)} of its trials {'is' if len(both) == 1 else 'are'} in the answer above")
    )
    lacking = count(len(ours - set(labels)), "trial") if ours - set(labels) and not unread else ""
    return f"{shared}{unread}{f', which holds {lacking} more' if lacking else ''}."
