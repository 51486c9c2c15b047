"""The same outcome as assigned or as treated: one at a time on a screen, both on paper, never pooled together."""

from __future__ import annotations

from ..evidence import Topic
from ..html import Html, cell
from ..meaning.finding import finding
from .block import Block
from .figures import forest

CHOICES = ("As assigned (intention to treat)", "As treated (not randomized)")
CSS = (
    "@media screen{.either:has(input[value='0']:checked)>div:nth-of-type(2),"
    ".either:has(input[value='1']:checked)>div:nth-of-type(1){display:none}}"
    ".either fieldset{border:1px solid currentColor;border-radius:.3rem;max-width:40rem}"
    ".either label{display:inline-flex;gap:.4rem;align-items:center;min-height:1.9rem;margin-right:1.2rem}"
    ".either input{width:26px;height:26px;flex:none}@media print{.either fieldset{display:none}}"
)


def assigned_or_treated(topic: Topic, assigned: str, treated: str) -> Block:
    """Two comparisons of one outcome behind a pair of radio buttons; without support for the selector both are shown.

    Parameters
    ----------
    topic : Topic
    assigned, treated : str
        Comparison ids: analysed as randomized, and as treated.
    """
    name = cell(f"either-{topic.id}-{assigned}")
    buttons = "".join(
        f'<label><input type="radio" name="{name}" value="{i}"{" checked" if i == 0 else ""}>{cell(words)}</label>'
        for i, words in enumerate(CHOICES)
    )
    legend = cell(f"{finding(topic, assigned).outcome.get('label', 'Outcome')}: show the result")
    blocks = [forest(topic, key) for key in (assigned, treated)]
    panels = "".join(
        f"<div><p><strong>{cell(words)}</strong></p>{block.html}</div>"
        for words, block in zip(CHOICES, blocks, strict=True)
    )
    html = (
        f'<style>{CSS}</style><div class="either"><fieldset><legend>{legend}</legend>{buttons}</fieldset>{panels}</div>'
    )
    text = "\n\n".join(f"{words}\n{block.text}" for words, block in zip(CHOICES, blocks, strict=True))
    return Block(Html(html), text)
