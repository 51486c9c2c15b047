"""As assigned or as treated: both are on the page, told apart, and never in one pool."""

import reviewlib as rl
from reviewlib import page


def test_both_analyses_stand_apart_with_intention_to_treat_first():
    topic = rl.load_evidence()["stenosis"]
    block = page.assigned_or_treated(topic, "pain-surgery-vs-usual-care", "as-treated-pain")
    html = str(block.html)
    assert html.index("As assigned") < html.index("As treated")
    assert html.count('type="radio"') == 2 and html.count("checked>") == 1
    assert html.index("weinstein2008-r01") < html.index("weinstein2010-r01")
    assert "Pooled (k" not in html and "<fieldset><legend>" in html
