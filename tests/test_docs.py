"""The manual is whole and true: every name, every picture, every command, every arrow. `make docs` builds it."""

import importlib.util
import inspect
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

import reviewlib as rl
from reviewlib import plots

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"


def loaded(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


making = loaded(DOCS / "making.py")
ARCHITECTURE = (DOCS / "architecture.md").read_text(encoding="utf-8")


def table(name):
    """Return the cells of a table of the architecture page, between its two marks."""
    part = re.search(rf"<!-- {name}: start -->\n(.*?)\n<!-- {name}: end -->", ARCHITECTURE, re.DOTALL)[1]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in part.splitlines()[2:]]


# Reference and gallery


@pytest.fixture(scope="module")
def pages():
    return making.reference()


def test_every_public_name_is_in_the_reference(pages):
    text = "".join(pages.values())
    rooms = {name for name in rl.__all__ if inspect.ismodule(getattr(rl, name))}
    assert rooms == set(making.ROOMS)
    for name in set(rl.__all__) - rooms:
        assert re.search(rf"^\.\. auto\w+:: reviewlib\.{name}$", text, re.MULTILINE), name
    for room in rooms:
        for name in getattr(rl, room).__all__:
            thing = getattr(getattr(rl, room), name)
            path = thing.__name__ + "." if inspect.ismodule(thing) else f"reviewlib.{room}.{name}\n"
            assert path in pages[room], f"{room}.{name}"


def test_every_result_is_in_the_reference(pages):
    from reviewlib.results import Result

    kinds = making.results()
    assert len(kinds) > 30 and all(issubclass(kind, Result) for kind in kinds)
    for kind in kinds:
        entry = rf"^\.\. autoclass:: reviewlib\.(\w+\.)*{kind.__name__}$"
        assert re.search(entry, pages["results"], re.MULTILINE), kind


def test_every_page_of_the_reference_is_listed(pages):
    text = (DOCS / "reference.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^_made/reference/(\w+)$", text, re.MULTILINE)) == set(pages)


def test_every_picture_is_in_the_gallery():
    text = (DOCS / "gallery.md").read_text(encoding="utf-8")
    shown = set(re.findall(r"\bplots\.(\w+)", "".join(code for code, _ in making.BLOCK.findall(text))))
    drawing = {name for name in plots.__all__ if inspect.isroutine(getattr(plots, name))}
    assert drawing <= shown, "not in docs/gallery.md"
    assert shown <= set(plots.__all__), "not in the library"


def test_a_picture_is_drawn_where_its_code_stands(tmp_path):
    code = "from reviewlib import plots\nshown = plots.draw(plots.icon_array, 0.14)\nalt = 'Fourteen [of] 100'"
    made = making.drawn(f"```python\n{code}\n```\n\nText.\n", tmp_path / "made")
    assert made.endswith("```\n\n![Fourteen  of  100](made/01.png)\n\nText.\n")
    assert (tmp_path / "made" / "01.png").read_bytes().startswith(b"\x89PNG")


# Guides


@pytest.mark.parametrize("path", sorted((DOCS / "guides").glob("*.md")), ids=lambda path: path.stem)
@pytest.mark.filterwarnings("ignore::reviewlib.errors.MethodWarning")
def test_a_guide_turns_out_as_it_says(path, tmp_path, monkeypatch):
    """Its code, its files and its commands, in an empty folder; only `reviewlib render` is left to the slow test."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "none"))
    text = path.read_text(encoding="utf-8")
    (tmp_path / "home").mkdir()
    assert making.followed(making.answered(text), tmp_path / "home") == text, "run: python docs/making.py"


@pytest.mark.slow
def test_your_own_review_ends_at_a_rendered_page(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "none"))
    text = (DOCS / "guides" / "your-own-review.md").read_text(encoding="utf-8")
    assert making.followed(text, tmp_path, render=True) == text
    page = (tmp_path / "reading-aloud" / "_site" / "speed.html").read_text(encoding="utf-8")
    assert "Reading aloud may slightly improve reading speed" in page and page.count("Avery 2011") > 3


def test_the_measure_of_the_guide_works():
    text = (DOCS / "guides" / "adding.md").read_text(encoding="utf-8")
    names = {}
    exec(re.search(r"```python record\n(.*?)```", text, re.DOTALL)[1], names)
    counts = {"events_int": [4.0], "n_int": [50.0], "events_ctl": [9.0], "n_ctl": [50.0]}
    cells = [rl.batch.np.array([number]) for number in (4.0, 46.0, 9.0, 41.0)]
    estimate, variance = names["record"].effect(counts | {"cells": cells})
    other = rl.effect_sizes({"events_int": [46], "n_int": [50], "events_ctl": [41], "n_ctl": [50]}, "RR")
    assert estimate == pytest.approx(other["estimate"]) and variance == pytest.approx(other["variance"])


def test_files_that_the_manual_names_are_there():
    for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *DOCS.glob("*.md"), *(DOCS / "guides").glob("*.md")):
        text = path.read_text(encoding="utf-8")
        for name in re.findall(r"`((?:[a-z_]+/)+[\w.-]+\.(?:py|yml|css|md|R|csv))`", text):
            places = (ROOT / name, ROOT / "reviewlib" / name, ROOT / "tests" / name)
            made_by_the_guide = "speed/" in name or name in ("evidence/thresholds.csv",)
            assert made_by_the_guide or any(place.exists() for place in places), f"{path.name}: {name}"


def test_every_page_can_be_reached():
    listed = set(re.findall(r"^([\w/-]+)$", (DOCS / "index.md").read_text(encoding="utf-8"), re.MULTILINE))
    written = [*DOCS.glob("*.md"), *(DOCS / "guides").glob("*.md")]
    pages = {path.relative_to(DOCS).with_suffix("").as_posix() for path in written}
    assert pages - {"index"} == listed


def test_targets_and_commands_of_the_way_without_make_exist():
    text = (DOCS / "guides" / "without-make.md").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"`make ([a-z-]+)`", text))
    assert {"check", "review", "stale", "test", "docs"} <= targets
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in targets)
    from reviewlib import cli

    for words in re.findall(r"`python -m reviewlib ([^`]+)`", text):
        assert cli.parser().parse_args(words.split()).command
    for line in re.findall(r"^python -m pip install (.*)$", text, re.MULTILINE):
        assert line in (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"), "CI goes the same way"


# Architecture


def test_the_arrows_are_those_of_the_code():
    assert making.with_arrows(ARCHITECTURE) == ARCHITECTURE, "run: python docs/making.py"


def test_the_rooms_are_those_of_the_test_of_imports():
    ordered = [set(re.findall(r"`(\w+)`", rooms)) for rooms, _ in table("rooms")]
    assert ordered == [rooms for rooms in loaded(ROOT / "tests" / "test_setup.py").ROOMS if rooms != {"__main__"}]
    height = {room: i for i, rooms in enumerate(ordered) for room in rooms}
    for room, there in making.arrows().items():
        assert all(height[other] <= height[room] for other in there), room


def test_no_arrow_that_must_not_exist_exists():
    arrows, found = making.arrows(), []
    statistics = ["convert", "effects", "batch", "synthesis", "meaning"]
    for first, others in re.findall(r"^\| `(\w+)` to (.*?) \|", ARCHITECTURE, re.MULTILINE):
        ends = statistics if others == "any statistic" else re.findall(r"`(\w+)`", others)
        assert ends
        found += [(first, end) for end in ends if end in arrows[first]]
    assert found == []


def test_a_stranger_finds_ten_answers():
    answers = ARCHITECTURE[ARCHITECTURE.index("## Where is") :]
    rows = re.findall(r"^\| (.*\?) \| (.*) \|$", answers, re.MULTILINE)
    assert len(rows) >= 10 and all("`" in answer for _, answer in rows)


# The build


class Requests(HTMLParser):
    """Collects what a page would fetch by itself."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        fetched = values.get("src") or (values.get("href") if tag == "link" else None)
        if fetched and re.match(r"(https?:)?//", fetched) and values.get("rel") != "canonical":
            self.found.append(fetched)


def test_half_a_page_of_a_build_that_was_killed_is_made_anew(tmp_path):
    """Sphinx takes it for made, being newer than what it is made of."""
    pytest.importorskip("sphinx")
    (tmp_path / "index.rst").write_text("A page\n======\n\n.. toctree::\n\n   other\n")
    (tmp_path / "other.rst").write_text("Another\n=======\n")
    of = f"runpy.run_path({str(DOCS / 'conf.py')!r})"
    connected = 'app.connect("env-get-outdated", ours["anew"]), app.connect("build-finished", ours["ended"])'
    (tmp_path / "conf.py").write_text(f"import runpy\nours = {of}\ndef setup(app):\n    {connected}\n")

    def build():
        words = ["-q", "-b", "html", "-d", str(tmp_path / "trees"), str(tmp_path), str(tmp_path / "html")]
        subprocess.run([sys.executable, "-m", "sphinx", *words], check=True)
        return {name: (tmp_path / "html" / name).read_bytes() for name in ("index.html", "other.html")}

    whole, page, mark = build(), tmp_path / "html/other.html", tmp_path / "trees/whole"
    assert mark.exists()
    page.write_bytes(whole["other.html"][:300])
    assert build() != whole, "if Sphinx sees it by itself, anew() is needed no more"
    mark.unlink()
    assert build() == whole and mark.exists()


@pytest.mark.slow
def test_the_manual_builds_without_a_warning_and_asks_nothing_of_another_machine(tmp_path):
    pytest.importorskip("sphinx")
    options = ["-W", "-q", "-d", str(tmp_path / "trees"), str(DOCS), str(tmp_path / "html")]
    done = subprocess.run([sys.executable, "-m", "sphinx", *options], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    made = list((tmp_path / "html").rglob("*.html"))
    assert len(made) > 15
    for path in made:
        page = Requests()
        page.feed(path.read_text(encoding="utf-8"))
        assert page.found == [], path.name
    for path in (tmp_path / "html").rglob("*.css"):
        assert not re.search(r"(@import|url\()\s*['\"]?(https?:)?//", path.read_text(encoding="utf-8")), path.name
    assert "<math" in (tmp_path / "html" / "_made" / "reference" / "synthesis.html").read_text(encoding="utf-8")
    assert "mathjax" not in "".join(path.read_text(encoding="utf-8").lower() for path in made)
