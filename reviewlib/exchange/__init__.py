"""Readers and writers: tables that other people and programs make, and tables that they can read.

A reader takes bytes that nobody has checked and returns rows, or says in a sentence what is wrong and where. Nothing is
written until every table, with the new rows in it, passes the checks of `reviewlib check`.
"""

from importlib import import_module

_HOME = {
    "export": "exporting", "import_file": "importing", "Wishes": "importing", "pool_file": "quickpool",
    "draw_forest": "quickpool",
}  # fmt: skip


def __getattr__(name):
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__():
    return sorted(_HOME)
