"""The commands `import`, `export` and `pool`: their options, and what they print. Rooms load when a command runs."""

from __future__ import annotations

import argparse
import io
import os
import sys
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Timer
from typing import Any

from ..errors import EvidenceError
from ..flags import in_flags


def import_(arguments: argparse.Namespace) -> int:
    """Bring a file of somebody else into the evidence tables: shown, checked, then written whole or not at all."""
    from .importing import import_file
    from .incoming import Wishes

    said = {name: getattr(arguments, name) for name in Wishes.__slots__ if hasattr(arguments, name)}
    pairs: dict[str, Any] = {"constants": dict(arguments.set), "sources": dict(arguments.source)}
    wishes = Wishes(**said, given=tuple(arguments.map), **pairs)
    asks = arguments.file != "-" and sys.stdin.isatty() and not arguments.yes
    with _named(arguments.file) as file:
        import_file(file, wishes, ask=_ask if asks else None)
    return 0


def import_options(parser: argparse.ArgumentParser) -> None:
    """Say the options of `import`."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = (
        "Formats, told from the content: RevMan 5 (.rm5), RevMan Web's data package (zip, made until September 2024),\n"
        "Covidence's tables (folder, zip or the study results), CSV or .xlsx in the columns of metafor, Metapsy,\n"
        "RevMan or this project, a workbook of `reviewlib export --as excel`, and RIS, BibTeX, CSL-JSON, EndNote\n"
        "(.enw) or PubMed (.nbib) for sources.csv. Imported results are marked secondary or derived, and\n"
        "'locator missing', with their origin in notes; no such row is in a pool until a person puts it there.\n\n"
        "  reviewlib import review.rm5                                  preview, and its own pools recomputed\n"
        "  reviewlib import review.rm5 --topic asthma --only symptoms --set design=rct --set outcome=symptoms \\\n"
        "      --set instrument_id=vas-100 --set value_kind=final --yes\n"
        "  reviewlib import library.ris --set kind=rct --yes"
    )
    parser.add_argument("file", metavar="FILE", help="what to import; - reads standard input")
    parser.add_argument("--topic", metavar="NAME", help="topic whose results.csv takes the rows")
    parser.add_argument("--into", choices=("results", "sources"), help="refuse a file that is for the other table")
    parser.add_argument("--as", dest="fmt", metavar="FORMAT", help="format, where it is not recognized")
    _table_options(parser)
    _repeated(parser, "--set", "COLUMN=VALUE", "a value for every row", _pair)
    label = "the row of sources.csv that a study's label belongs to, known or new"
    _repeated(parser, "--source", "LABEL=ID", label, _pair)
    parser.add_argument("--only", metavar="TEXT", action="append", default=[], help="analyses or outcomes named so")
    parser.add_argument("--yes", action="store_true", help="write without asking")
    parser.add_argument("--update", action="store_true", help="a workbook of ours may change rows that are there")
    parser.add_argument("--output", metavar="DIR", help="write new tables into this folder, not into evidence/")


def export_(arguments: argparse.Namespace) -> int:
    """Write a topic, or all of the evidence, for Excel, R, RevMan, Metapsy, reference managers or Frictionless."""
    from .exporting import export

    for path in export(arguments.topic, arguments.fmt, arguments.output, path=arguments.evidence):
        print(path)
    return 0


def export_options(parser: argparse.ArgumentParser) -> None:
    """Say the options of `export`."""
    formats = ("excel", "metafor", "revman", "csl-json", "bibtex", "datapackage", "metapsy")
    parser.add_argument("topic", metavar="TOPIC", help="name of a topic, or all")
    said = (
        "excel: edit there and import back; metafor: CSV and the R script that repeats each pool; revman: rows in "
        "the columns of RevMan's data package; csl-json, bibtex: the sources; datapackage: tables and "
        "their description (name ending in .zip: one archive); metapsy: arm data in Metapsy's columns"
    )
    parser.add_argument("--as", dest="fmt", choices=formats, required=True, help=said)
    parser.add_argument("--output", metavar="PATH", help="file or folder to write (default: TOPIC-FORMAT here)")


def pool(arguments: argparse.Namespace) -> int:
    """Pool a spreadsheet that has no repository: effect sizes, model, table, forest plot and methods sentence."""
    from .quickpool import draw_forest, pool_file

    with _named(arguments.file) as file:
        said = {name: getattr(arguments, name) for name in ("ci", "level", "label", "subgroup", "sheet")}
        method = arguments.method.upper()
        quick = pool_file(file, arguments.measure, method=method, given=arguments.map, **said)
    drawn = draw_forest(quick, arguments.forest) if arguments.forest else None
    quick = replace(quick, noticed=tuple(in_flags(text, vars(arguments)) for text in quick.noticed))
    print(quick.to_json() if arguments.json else quick)
    if drawn:
        print(f"Forest plot: {drawn}", file=sys.stderr if arguments.json else sys.stdout)
    return 0


def pool_options(parser: argparse.ArgumentParser) -> None:
    """Say the options of `pool`."""
    parser.add_argument(
        "file", metavar="FILE", nargs="?", default="-", help="CSV or .xlsx, one row per study; - reads standard input"
    )
    parser.add_argument("--measure", metavar="NAME", help="MD, SMD, ROM, OR, RR, RD, HR, IRR, ZCOR, PLO ...")
    parser.add_argument("--method", default="REML", metavar="NAME", help="REML PM DL ML EB HE HS SJ CE (%(default)s)")
    from ..door import interval_rule
    from ..synthesis.intervals import DEFAULT_RULE, RULES

    parser.add_argument(
        "--ci",
        "--test",
        type=interval_rule,
        choices=RULES,
        default=DEFAULT_RULE,
        help="interval of the mean (%(default)s)",
    )
    parser.add_argument("--level", type=_level, default=0.95, help="coverage of the intervals (%(default)s)")
    parser.add_argument("--forest", metavar="PATH", help="forest plot, a name ending in .svg, .png or .pdf")
    parser.add_argument("--json", action="store_true", help="one JSON document, with every digit")
    parser.add_argument("--label", metavar="COLUMN", help="column that names the studies")
    parser.add_argument("--subgroup", metavar="COLUMN", help="column of subgroups, with the test of interaction")
    _table_options(parser)


def _table_options(parser):
    _repeated(parser, "--map", "OURS=THEIRS", "a column that is not recognized")
    parser.add_argument("--sheet", metavar="NAME", help="sheet of a workbook that holds several tables")


def _repeated(parser, flag, shown, said, kind=str):
    parser.add_argument(flag, metavar=shown, action="append", type=kind, default=[], help=f"{said} (repeatable)")


def _pair(text):
    name, sign, value = text.partition("=")
    if not sign or not name.strip() or not value.strip():
        raise argparse.ArgumentTypeError(f"{text!r} is not COLUMN=VALUE, such as design=rct")
    return name.strip(), value.strip()


def _level(text):
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    value = value / 100 if value >= 1 else value
    if not 0.5 <= value < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a level between 0.5 and 1, such as 0.95")
    return value


def _ask(question: str) -> str:
    try:
        return input(question)
    except EOFError:
        return ""


@contextmanager
def _named(file):
    """Give the path of a file; standard input, or what a pipe or device yields, is put into one, up to the limit."""
    from .opened import LARGEST

    path = Path(file)
    if file != "-" and (path.is_file() or path.is_dir() or not path.exists()):
        if path.is_file() and path.stat().st_size > 2_000_000:
            _say(f"Reading {path.name} ({path.stat().st_size / 1e6:.0f} million bytes) ...")
        yield file
        return
    with TemporaryDirectory(prefix="reviewlib-") as folder, _opened(file) as stream:
        copy = Path(folder) / ("standard input" if file == "-" else path.name)
        told = f"Waiting for a table on {copy.name} (Ctrl-D ends it) ..."
        waiting = Timer(0.0 if stream.isatty() else 1.0, _say, [told])
        waiting.start()
        data = stream.read(LARGEST + 1)
        waiting.cancel()
        copy.write_bytes(data)
        yield str(copy)


@contextmanager
def _opened(file):
    """Open standard input, or a pipe without waiting for somebody to write into it."""
    if file == "-":
        if sys.stdin is None:
            raise EvidenceError("standard input is closed. Name a file, or send the table through a pipe")
        yield getattr(sys.stdin, "buffer", None) or io.BytesIO(sys.stdin.read().encode())
        return
    number = os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    os.set_blocking(number, True)
    with open(number, "rb") as stream:
        yield stream


def _say(line):
    print(line, file=sys.stderr, flush=True)
