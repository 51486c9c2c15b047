"""Every public name says what it is, what it takes and gives, and shows an example that runs."""

import doctest
import importlib
import inspect
import pkgutil
import re
import warnings

import pytest

import reviewlib as rl

SECTION = re.compile(r"^(Parameters|Returns|Raises|Notes|References|Examples)\n-{3,}$", re.MULTILINE)
ROOMS = {"reviewlib": rl, "convert": rl.convert, "batch": rl.batch, "plots": rl.plots}


def names(room):
    listed = getattr(ROOMS[room], "__all__", ["meta_analysis"])
    return [(room, name) for name in listed if inspect.isroutine(getattr(ROOMS[room], name))]


COMPUTING = [pair for room in ("reviewlib", "convert", "batch") for pair in names(room)]
EVERY = COMPUTING + names("plots")


def parts(room, name):
    """Return the object, its first paragraph and its sections."""
    thing = getattr(ROOMS[room], name)
    pieces = SECTION.split(inspect.getdoc(thing) or "")
    return thing, pieces[0], dict(zip(pieces[1::2], pieces[2::2], strict=True))


@pytest.mark.parametrize(("room", "name"), EVERY)
def test_first_line_names_the_quantity(room, name):
    _, head, _ = parts(room, name)
    first = head.split("\n")[0]
    assert 10 < len(first) <= 130 and first[0].isupper(), first
    assert head.rstrip().endswith((".", ":", "`")), f"the first paragraph is not a sentence: {head!r}"


@pytest.mark.parametrize(("room", "name"), COMPUTING)
def test_what_it_takes_and_gives_and_an_example(room, name):
    thing, _, sections = parts(room, name)
    takes = [
        p.name for p in inspect.signature(thing).parameters.values() if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
    ]
    assert "Returns" in sections and sections["Returns"].strip()
    assert ">>>" in sections.get("Examples", ""), "no example"
    if takes:
        assert sections.get("Parameters", "").strip(), "no parameters described"
        told = inspect.getdoc(thing)
        untold = [each for each in takes if not re.search(rf"\b{each}\b", told)]
        assert not untold, f"not described: {untold}"


@pytest.mark.parametrize(("room", "name"), COMPUTING)
def test_every_formula_has_a_reference(room, name):
    _, _, sections = parts(room, name)
    assert ".. math::" not in sections.get("Notes", "") or "References" in sections


def modules():
    return sorted(m.name for m in pkgutil.walk_packages(rl.__path__, "reviewlib.") if not m.name.endswith("__main__"))


@pytest.mark.parametrize("module", modules())
def test_examples_run_as_printed(module):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = doctest.testmod(importlib.import_module(module), report=False)
    assert result.failed == 0
