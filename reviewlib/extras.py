"""What an install without an extra lacks, said in a sentence that names what to install."""

from __future__ import annotations

from importlib.util import find_spec

from .errors import EvidenceError

# The modules that each extra of pyproject.toml brings; everything else that is imported here comes with the package.
EXTRAS = {
    "cluster": ["distributed", "pyarrow"],
    "exchange": ["anyascii", "defusedxml", "docx", "openpyxl", "pybtex", "pylatexenc"],
    "site": [
        "bs4",
        "ipykernel",
        "jupyter_client",
        "latex2mathml",
        "lxml",
        "nbclient",
        "nbconvert",
        "nbformat",
        "psutil",
    ],
}


class MissingExtraError(EvidenceError, ImportError):
    """Something was asked for that needs packages which are not installed."""


def need(extra: str, *modules: str) -> None:
    """Refuse to go on where a package of an extra is missing.

    Parameters
    ----------
    extra : {"cluster", "exchange", "site"}
        Name of the extra.
    modules : str
        Those of its modules that are needed; by default all.

    Raises
    ------
    MissingExtraError
        Packages are missing; the sentence names the command that installs them.
    """
    if missing := [module for module in modules or EXTRAS[extra] if find_spec(module) is None]:
        raise MissingExtraError(_sentence(", ".join(missing), extra))


def lacking(module: str | None) -> str | None:
    """Return the sentence for a module that could not be imported, or None for one that no extra brings."""
    top = (module or "").partition(".")[0]
    return next((_sentence(top, extra) for extra, modules in EXTRAS.items() if top in modules), None)


def _sentence(modules: str, extra: str) -> str:
    return f"this needs what is not installed here ({modules}): python -m pip install 'reviewlib[{extra}]'"
