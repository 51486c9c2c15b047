"""Entries of a BibTeX file by pybtex: macros, concatenation and crossref resolved; LaTeX as letters by pylatexenc."""

from __future__ import annotations

import logging
import re
from bisect import bisect
from contextlib import contextmanager
from functools import cache

from pybtex.bibtex.utils import split_name_list
from pybtex.database import InvalidNameString, Person as Name
from pybtex.database.input.bibtex import LowLevelParser, SkipEntry, month_names
from pybtex.scanner import Pattern, PrematureEOF, PybtexSyntaxError, Token
from pybtex.utils import CaseInsensitiveDict
from pylatexenc.latex2text import LatexNodes2Text, MacroTextSpec, get_default_latex_context_db

from ..errors import EvidenceError
from .people import SUFFIX, Person, is_group, parted, person
from .tagged import refuse_long
from .vocabulary import listed

_READ = tuple(listed("references.yml")["bibtex"].split())
_UNKNOWN = "\0"  # in a field: a macro that no @string defines; no text file holds it
_DEEPEST = 100  # braces in braces
_CHAIN = 20  # entries that refer to an entry that refers on
_MATH = re.compile(r"(?<!\\)\$(.*?)(?<!\\)\$")
_SMALL = {"_": "".join(map(chr, range(0x2080, 0x208C)))}  # digits, plus and minus
_SMALL["^"] = "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079\u207a\u207b"
_WRITTEN_OUT = 10_000_000  # characters that the macros of a file may come to
_LATEX = re.compile(r"[\\$~&%#^_`']|--")


class _Parser(LowLevelParser):
    """A comment in braces is left out whole, as reference managers do; an unknown macro is marked."""

    AT = Pattern(r"@(?=\s*[A-Za-z]+\s*[{(])", "an entry")

    def __init__(self, text, file):
        super().__init__(text, keyless_entries=False, macros=CaseInsensitiveDict(month_names))
        self.spent, self.file = 0, file

    def parse_string(self, string_end):
        """Return a whole string as one token: the parser's own way searches the rest of the file at each brace."""
        depth, ending = 0, string_end.description.strip("'")
        for sign in re.compile(f"[{{}}{ending}]").finditer(self.text, self.pos):
            if not depth and sign[0] == ending:
                value, self.pos = self.text[self.pos : sign.end()], sign.end()
                self.update_lineno(value)
                return [Token(value, string_end)]
            depth += (sign[0] == "{") - (sign[0] == "}")
            if not 0 <= depth <= _DEEPEST:
                raise PybtexSyntaxError("unbalanced braces" if depth < 0 else "too many nested braces", self)
        raise PrematureEOF(self)

    def parse_command(self):
        if re.compile(r"comment\s*\{", re.I).match(self.text, self.pos):
            self.required([self.NAME])
            self.required([self.LBRACE])
            self.parse_string(self.RBRACE)
            raise SkipEntry
        return super().parse_command()

    def substitute_macro(self, name):
        value = self.macros.get(name, f"{_UNKNOWN}{name}{_UNKNOWN}")
        self.spent += len(value)
        if self.spent > _WRITTEN_OUT:  # macros of macros of macros: a few lines that would fill any memory
            raise EvidenceError(
                f"{self.file} line {self.lineno}: the @string macros come to over {_WRITTEN_OUT:,} characters. "
                "Write the words themselves"
            )
        return value


def entries(text: str, name: str) -> list[tuple[int, dict]]:
    """Return (line, fields) of every entry; `author` is a list of `Person`, `others` says whether there are more.

    Raises
    ------
    EvidenceError
        Damage, with its line; a macro that is defined nowhere; a name with too many commas.
    """
    breaks = [match.start() for match in re.finditer("\n", text)]
    parser = _Parser(text, name)
    found, problems = [], []
    try:
        for kind, (key, fields) in (item for item in parser if item[0].lower() not in ("string", "preamble")):
            at = bisect(breaks, parser.command_start)
            values = {}
            for field, parts in fields:
                value = " ".join("".join(parts).split())
                if values.setdefault(field.lower(), value) != value and field.lower() in _READ:
                    problems.append(f"{name} line {at + 1}: {kind} {key} has two different {field}. Keep one")
            if "%" in text[breaks[at - 1] + 1 if at else 0 : parser.command_start]:
                problems.append(f"{name} line {at + 1}: a % does not hide an entry from BibTeX. Delete one of them")
            found.append((at + 1, (key or "").lower(), values))
    except (PybtexSyntaxError, RecursionError) as error:
        line = bisect(breaks, parser.command_start or 0) + 1
        why = str(error).split(": ", 1)[-1] if not isinstance(error, RecursionError) else "braces in braces"
        raise EvidenceError(
            f"{name} line {line}: the entry that begins here is damaged or cut off, seen in line {parser.lineno} "
            f"({why}). Repair or export it again"
        ) from None
    made, by_key = [], {key: values for _, key, values in found}
    for line, _, values in found:
        try:
            made.append((line, _plain(_inherited(values, by_key))))
        except ValueError as error:
            problems.append(f"{name} line {line}: {error}")
    if problems:
        raise EvidenceError("\n".join(problems))
    return made


def _inherited(values, by_key):
    """Return the fields of an entry with those of the one it refers to, to any depth."""
    seen, parent = set(), values.get("crossref", "").lower()
    while parent in by_key and parent not in seen:
        if len(seen) == _CHAIN:
            raise ValueError(f"crossref leads on through more than {_CHAIN} entries. Write the fields out")
        seen.add(parent)
        more = by_key[parent]
        values = {**more, "booktitle": more.get("booktitle") or more.get("title", ""), **values}
        parent = more.get("crossref", "").lower()
    return values


def _plain(values) -> dict:
    for field in _READ:
        if _UNKNOWN in values.get(field, ""):
            macro = values[field].split(_UNKNOWN)[1]
            raise ValueError(f"{field} is {macro}, which no @string defines. Define it, or put the words in braces")
        refuse_long(values.get(field, ""), field)
    unknown = set()
    fields = {name: plain(values.get(name, ""), unknown) for name in _READ if name not in ("author", "doi")}
    authors, others = _people(values.get("author", ""), unknown)
    doi = re.sub(r"[{}]|\\(?=[_%#&$~^<>])", "", values.get("doi", ""))
    return fields | {"doi": doi, "author": authors, "others": others, "unknown": sorted(unknown)}


def _people(text, unknown):
    names, authors = split_name_list(text), []
    for name in (name for name in names if name.lower() != "others"):
        whole = plain(name, unknown)
        if _in_braces(name) or ("," not in whole and is_group(whole)):
            authors.append(person(whole) if whole.count(",") == 1 else Person(whole))
            continue
        last = re.fullmatch(rf"([^,]+?)\s+({SUFFIX})", name)  # Martin Luther King Jr., without a comma
        try:
            parsed = Name(last[1] if last else name)
        except InvalidNameString:
            raise ValueError(f"the name {whole[:60]!r} has a comma too many. Put an organisation in braces") from None
        parts = (parsed.prelast_names + parsed.last_names, parsed.first_names + parsed.middle_names)
        parts += ([last[2]] if last else parsed.lineage_names,)
        authors.append(parted(*(plain(" ".join(part), unknown) for part in parts)))
    return authors, len(names) > len(authors)


def _in_braces(name: str) -> bool:
    """Return whether one pair of braces holds the whole name."""
    depth = 0
    for i, sign in enumerate(name):
        depth += (sign == "{") - (sign == "}")
        if not depth:
            return i > 0 and i == len(name) - 1
    return False


def plain(text: str, unknown: set | None = None) -> str:
    """Return LaTeX as text: accents, signs and formulas as letters; commands that are not known go into `unknown`."""
    if not re.search(r"[\\{}$~]|--|``|''", text):
        return text.strip()
    if not _LATEX.search(text):  # braces alone, as around an abbreviation
        return " ".join(re.sub("[{}]", "", text).split())
    text = re.sub(r"\\href\s*\{[^{}]*\}", "", re.sub(r"(?<!\\)([%&#])", r"\\\1", text))
    formulas = [match[1] for match in _MATH.finditer(text)]
    if len(re.findall(r"(?<!\\)\$", text)) % 2 or not all(re.search(r"[\\^_{=<>]|^\S{1,3}$", f) for f in formulas):
        text = re.sub(r"(?<!\\)\$", r"\\$", text)  # amounts of money
    text = _MATH.sub(lambda m: re.sub(r"([_^])\{?((?<=\{)[-+\d]+(?=\})|\d)\}?", _raised, m[0]), text)
    converter, seen = _latex()
    seen.clear()
    try:
        with _complaints() as said:
            found = " ".join(converter.latex_to_text(text).split())
    except Exception:  # whatever a parser of somebody else makes of a damaged command
        said = ["no text"]
    if said:
        raise ValueError(f"the LaTeX of {text[:60]!r} cannot be read. Write it as plain text") from None
    if unknown is not None:
        unknown |= seen
    return found


@contextmanager
def _complaints():
    """Collect what pylatexenc would write on the screen about a command that lacks its arguments."""
    said, logger = [], logging.getLogger("pylatexenc.latex2text")

    def keep(record):
        said.append(record.getMessage())
        return False

    logger.addFilter(keep)
    try:
        yield said
    finally:
        logger.removeFilter(keep)


def _raised(match) -> str:
    return match[2].translate(str.maketrans("0123456789+-", _SMALL[match[1]]))


@cache
def _latex():
    seen = set()

    def noted(node):
        seen.add(node.macroname)
        return ""

    context = get_default_latex_context_db()
    latex = listed("references.yml")["latex"]
    signs = latex["signs"] | dict.fromkeys(latex["silent"].split(), "")
    known = [MacroTextSpec(name, sign) for name, sign in signs.items()]
    context.add_context_category("references", prepend=True, macros=known)
    context.set_unknown_macro_spec(MacroTextSpec("", noted))
    return LatexNodes2Text(latex_context=context, math_mode="text", strict_latex_spaces=False), seen
