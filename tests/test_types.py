"""Public signatures are complete, and every public name is where editors look for it."""

import ast
from pathlib import Path

import pytest

import reviewlib as rl

LIBRARY = Path(rl.__file__).parent
MODULES = sorted(LIBRARY.rglob("*.py"))


def public_functions(body, inside=""):
    for node in body:
        if isinstance(node, ast.FunctionDef) and (not node.name.startswith("_") or node.name == "__init__"):
            yield inside, node
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from public_functions(node.body, node.name)


def unannotated(source):
    """Return what lacks a type: `function(parameter)` or `function ->`."""
    found = []
    for owner, node in public_functions(ast.parse(source).body):
        given = node.args
        every = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
        free = any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in node.decorator_list)
        first = 1 if owner and not free else 0
        found += [f"{node.name}({a.arg})" for a in every[first:] if a is not None and a.annotation is None]
        found += [f"{node.name} ->"] if node.returns is None and node.name != "__init__" else []
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(LIBRARY).as_posix())
def test_public_functions_say_what_they_take_and_return(path):
    assert not unannotated(path.read_text(encoding="utf-8"))


def test_a_missing_type_is_seen():
    source = "class A:\n    def f(self, x, *, y: int = 1, **z) -> int: ...\ndef g(a: int): ...\ndef _h(b): ..."
    assert unannotated(source) == ["f(x)", "f(z)", "g ->"]


def test_the_package_says_that_it_is_typed():
    assert (LIBRARY / "py.typed").exists()
    assert set(rl.__all__) <= set(dir(rl)) and all(getattr(rl, name) is not None for name in rl.__all__)
