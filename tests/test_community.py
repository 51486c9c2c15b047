"""The files around the code: how to report a number, and what is asked of whoever sends a change."""

import re
from pathlib import Path

import yaml

from reviewlib import __version__

ROOT = Path(__file__).resolve().parents[1]
TEMPLATES = {
    path.stem: yaml.safe_load(path.read_text(encoding="utf-8"))
    for path in (ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml")
}


def test_a_number_is_reported_with_page_row_value_and_source():
    fields = {item["id"]: item for item in TEMPLATES["report-a-number"]["body"] if "id" in item}
    needed = [name for name, item in fields.items() if item["validations"]["required"]]
    assert needed == ["page", "row", "printed", "source"]
    assert all(item["attributes"]["label"] for item in fields.values())


def test_forms_have_what_github_asks_for():
    for name, form in TEMPLATES.items():
        if name != "config":
            assert form["name"] and form["description"] and form["body"], name
            ids = [item.get("id") for item in form["body"] if item["type"] != "markdown"]
            assert all(ids) and len(set(ids)) == len(ids), name


def test_commands_of_the_pull_request_template_exist():
    text = (ROOT / ".github" / "pull_request_template.md").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"`make ([a-z-]+)`", text):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_the_change_log_knows_this_version():
    assert re.search(rf"^## {re.escape(__version__)}$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
