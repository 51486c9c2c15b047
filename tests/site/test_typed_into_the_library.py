"""The library types no result: a number with decimals in its sentences is a rule of method, an example or a bound."""

import ast
from pathlib import Path

import pytest

from reviewlib.site.provenance import NUMBER

LIBRARY = Path(__file__).parents[2] / "reviewlib"
ROOMS = ("meaning", "page", "plots", "synthesis")  # whose words reach a page
# Words around the number, as they stand in the code: what the number is, and why no table holds it.
DECLARED = {
    "6.5 counts as appropriate": "rule of a panel, quoted in its choices",
    "6.5 is appropriate (glaucoma2009)": "rule of a panel, quoted in its choices",
    "needed to find 0.2 standard deviations": "the small effect that the size is reckoned for",
    "Handbook 6.5.2.8; 23.1": "section of the Handbook",
    "Handbook 10.1": "section of the Handbook",
    "P < 0.001": "bound below which a P value is not spelled out",
    "Four trials that agree, 0.09 to 0.11": "invented variances of an example",
    "Two trials, 0.1 and 0.5": "invented variances of an example",
    "exp(0.91 d)": "factor of the conversion that is named",
    '("half-normal", 0.5)': "example of an argument, in a refusal",
    "rho=0.5)": "example of an argument, in a refusal",
    ", 95% of them between ": "the level of a prediction interval",
    "more than 99%": "bound above which a predicted share is not spelled out",
    "fewer than 1%": "bound below which a predicted share is not spelled out",
    "0.0": "compared with, not shown",
}


def typed(tree):
    """Return (line, number, words) of each number with decimals or percent in strings that are no docstrings."""
    ignored = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            ignored.add(id(node.value))
        if isinstance(node, ast.FormattedValue) and node.format_spec:
            ignored |= {id(part) for part in ast.walk(node.format_spec)}
    strings = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))
    return [
        (node.lineno, number, node.value)
        for node in strings
        if id(node) not in ignored
        for number in NUMBER.findall(node.value)
        if not _draws(node.value)
    ]


def _draws(text):
    """Tell whether a string is geometry of a picture, in percent of its width."""
    return text == "100%" or '%"' in text or text.startswith("<?xml")


@pytest.mark.parametrize("room", ROOMS)
def test_numbers_in_sentences_of_the_library_are_declared(room):
    files = sorted((LIBRARY / room).rglob("*.py"))
    found = [
        f"{path.name} line {line}: {number} in {words!r}"
        for path in files
        for line, number, words in typed(ast.parse(path.read_text(encoding="utf-8")))
        if not any(known in words for known in DECLARED if len(known) > 3 or known == words)
    ]
    assert len(files) > 5
    assert found == [], "a result belongs in a table; a rule of method is declared here with its reason"


@pytest.mark.parametrize(
    ("code", "number"),
    [
        ("paragraph('Pain fell by 7.31 points')", "7.31"),
        ("f'{name}: −7.31 ({level:.2f})'", "−7.31"),
        ("join('57% were operated on')", "57"),
        ("def f():\n    '''By 7.31 points.'''", ""),
        ("f'{x:5.2f}'", ""),
        ("'<rect width=\"100%\"/>'", ""),
    ],
)
def test_what_counts_as_typed(code, number):
    assert [found[1] for found in typed(ast.parse(code))] == [number] * bool(number)
