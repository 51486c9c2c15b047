"""Messages of the library in the words of the command line, and nothing that a terminal would obey."""

import io

import pytest

from reviewlib.errors import Problem
from reviewlib.flags import Shown, in_flags, plain

POOL = {"ci", "method", "measure", "level"}


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ('use ci="wald"', "use --ci wald"),
        ("rely on it; ci='hksj-floor' guards against this", "rely on it; --ci hksj-floor guards against this"),
        ("unknown interval rule ci='x': choose from a, b", "unknown interval rule --ci x: choose from a, b"),
        ("they say nothing; drop00=True leaves them out", "they say nothing; remove these rows to leave them out"),
        (
            "two arms. If it is a logarithm, say so with ratio=False",
            "two arms. If it is a logarithm, name its column so, such as logOR",
        ),
        ("less than one icon of 100: use of=1000", "less than one icon of 100"),
        ("ten studies, got 4 (insist=True overrides)", "ten studies, got 4"),
        ("got 4: 2 of them; insist=True overrides. Look again", "got 4: 2 of them. Look again"),
        ('the exact test is for mantel_haenszel(..., measure="OR")', "the exact test is for mantel haenszel"),
        ("no row is left: see rl.convert.sd_from_se(se, n)", "no row is left"),
        ('give side="left" or "right"', 'give side or "right"'),
        ("Name the column, for example --map se=STDERR", "Name the column, for example --map se=STDERR"),
        ("Say it with --set arms=2 or --set kind='rct'", "Say it with --set arms=2 or --set kind='rct'"),
        ("a normal prior takes 2 parameter(s) and a positive scale",) * 2,
        ("--map takes our=theirs, such as n_int=N1",) * 2,
    ],
)
def test_a_keyword_becomes_a_flag_advice_or_nothing(said, told):
    assert in_flags(said, POOL) == told


def test_the_rule_and_the_remedy_of_a_problem_are_told_so_too_its_value_stays():
    fault = Problem("a.csv", 2, "ci", "A", "level=0.9", "not below", "Say so with ratio=False")
    told = str(in_flags(fault, POOL))
    assert told.endswith('"level=0.9": not below. If it is a logarithm, name its column so, such as logOR')


def test_what_a_terminal_would_obey_is_shown_instead():
    assert plain("a\x1b]0;title\x07 b\x9b2J \u202ec\td\n") == "a\\u001b]0;title\\u0007 b\\u009b2J \\u202ec\td\n"
    assert plain("\x1b[1;31mred\x1b[0m \x1b[8mhidden \x1b[2J", colours=True) == (
        "\x1b[1;31mred\x1b[0m \\u001b[8mhidden \\u001b[2J"
    )
    assert plain("\x1b[31mred") == "\\u001b[31mred"


def test_an_escape_in_a_json_document_stays_json():
    import json

    assert json.loads(plain(json.dumps({"a": "\x1b\x7f\x85\u202e"}, ensure_ascii=False))) == {"a": "\x1b\x7f\x85\u202e"}


def test_a_terminal_of_ascii_shows_a_question_mark():
    raw = io.BytesIO()
    stream = Shown(io.TextIOWrapper(raw, encoding="ascii"), colours=False)
    stream.writelines(["tau² ", "→\n"])
    stream.flush()
    assert raw.getvalue() == b"tau? ?\n"
