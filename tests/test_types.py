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


def imported(path):
    """Return the modules of its own room that a module imports, wherever in the file, but for types only."""
    tree, found = ast.parse(path.read_text(encoding="utf-8")), set()
    typing = [n for n in tree.body if isinstance(n, ast.If) and ast.unparse(n.test) == "TYPE_CHECKING"]
    unused = {id(node) for block in typing for node in ast.walk(block)}
    for node in (node for node in ast.walk(tree) if id(node) not in unused):
        if isinstance(node, ast.ImportFrom) and node.level == 1:
            names = [node.module.split(".")[0]] if node.module else [alias.name for alias in node.names]
            found |= {name for name in names if (path.parent / f"{name}.py").exists()}
    return found


@pytest.mark.parametrize("room", sorted({path.parent for path in MODULES} - {LIBRARY}), ids=lambda room: room.name)
def test_no_module_imports_one_that_imports_it(room):
    arrows = {path.stem: imported(path) for path in room.glob("*.py") if path.stem != "__init__"}
    while free := {name for name, others in arrows.items() if not others & arrows.keys()}:
        arrows = {name: others for name, others in arrows.items() if name not in free}
    assert not arrows, f"these go round in a circle: {', '.join(sorted(arrows))}"
