"""From the text of a formula to its terms, and what the formula library would pass over in silence refused."""

from __future__ import annotations

import ast
import re
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from ..errors import EvidenceError
from ..files import yaml_of

HOW = "write the moderators as '~ dose + year', with nothing left of the tilde"


def parse(formula: str) -> Any:
    """Return the parsed right-hand side of `formula`.

    Parameters
    ----------
    formula : str
        ``"~ dose + year"``; ``"~ 1"`` for the mean alone.

    Returns
    -------
    formulaic.Formula

    Raises
    ------
    EvidenceError
        Not a text, not a formula, more than one part, or an operator that does nothing (``x ^ 2``, a term taken away
        that is not there): the library behind would drop what it was asked for.
    """
    from formulaic import Formula, SimpleFormula
    from formulaic.errors import FormulaicError
    from formulaic.parser import DefaultFormulaParser

    if not isinstance(formula, str):
        raise EvidenceError(f"a formula is a text such as '~ dose + year', got {formula!r}; '~ 1' is the mean alone")
    text = formula.strip()
    if not text.startswith("~"):
        raise EvidenceError(f"{formula!r}: {HOW}")
    text = text[1:]
    if not text.strip():
        raise EvidenceError(f"{formula!r} names no moderator: {HOW}; '~ 1' is the mean alone")
    try:
        tree, parsed = DefaultFormulaParser().get_ast(text), Formula(text)
    except (FormulaicError, SyntaxError) as problem:
        raise EvidenceError(f"{formula!r} is not a formula: {explained('parse', str(problem), HOW)}") from problem
    if not isinstance(parsed, SimpleFormula):
        raise EvidenceError(f"{formula!r} has several parts: {HOW}, and without |")
    _refuse_idle(tree, formula)
    return parsed


def variables_of(formula: str, columns: str) -> tuple[str, ...]:
    """Return the columns that the formula reads; an unknown name is an error that lists the known ones."""
    parsed = parse(formula)
    wanted = bare_names(parsed)
    for term in parsed:
        wanted |= {name for f in term.factors if f.eval_method.name == "PYTHON" for name in _read_by(f.expr)}
    unknown = sorted(name for name in wanted if name not in columns)
    if unknown:
        names = [str(name) for name in columns]
        lower = {name.lower(): name for name in names}
        near = [lower[n] for name in unknown for n in get_close_matches(name.lower(), lower, 2)]
        hint = f"; did you mean {' or '.join(dict.fromkeys(near))}?" if near else ""
        raise EvidenceError(
            f"{formula}: no column {', '.join(map(repr, unknown))}{hint}; the table has {', '.join(names)}"
        )
    return tuple(sorted(wanted))


def bare_names(parsed: Any) -> set[str]:
    """Return the columns that stand as terms themselves, outside any function."""
    return {f.expr for term in parsed for f in term.factors if f.eval_method.name == "LOOKUP"}


def _read_by(expression):
    """Return the columns that a Python expression reads: its names that are neither functions nor modules."""
    from formulaic.transforms import TRANSFORMS

    quoted = re.findall(r"`(.+?)`", expression)
    for i, name in enumerate(quoted):
        expression = expression.replace(f"`{name}`", f"quoted_{i}_")
    names, called = set(), set()
    for node in ast.walk(ast.parse(expression.strip(), mode="eval")):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            called.add(node.func.id)
            if node.func.id == "Q":
                names |= {str(a.value) for a in node.args if isinstance(a, ast.Constant)}
        elif isinstance(node, ast.Name):
            names.add(node.id)
    functions = called & set(TRANSFORMS)
    names = {name for name in names - functions if name not in ("np", "contr")} | (called - functions)
    real = {f"quoted_{i}_": name for i, name in enumerate(quoted)}
    return {real.get(name, name) for name in names}


def explained(kind: str, message: str, otherwise: str) -> str:
    """Return the sentence of faults.yml for what the formula library reports, `otherwise` where there is none."""
    for pattern, sentence in yaml_of(Path(__file__).with_name("faults.yml"))[kind]:
        if found := re.search(pattern, message, re.DOTALL):
            return sentence.format(*found.groups())
    return otherwise


def _refuse_idle(node, formula):
    """Refuse `x - y` without a y, and `x ^ 2`, `x * x` and `x : x`, which a formula reads as x."""
    arguments = [a for a in getattr(node, "args", ()) if hasattr(a, "to_terms")]
    for argument in arguments:
        _refuse_idle(argument, formula)
    if len(arguments) < 2:
        return
    operator = str(node.operator)
    left, right = (set(map(str, a.to_terms())) for a in arguments[:2])
    if operator == "-" and not right - {"1"} <= left:
        gone = ", ".join(sorted(right - left))
        raise EvidenceError(
            f"{formula!r} takes away {gone}, which is not in it: a column with a minus in its name goes in `backticks`"
        )
    same = operator in ("*", ":") and left == right or operator in ("**", "^")
    if same and len(left) == 1:
        (name,) = left
        raise EvidenceError(
            f"{formula!r}: in a formula {operator} makes interactions, and {name} with itself is {name}: "
            f"write I({name} ** 2) for a square"
        )
