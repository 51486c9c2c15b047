"""The workflow that comments on pull requests: official actions, no secret, and commands that exist."""

import re
import shlex
from pathlib import Path

import yaml

from reviewlib import cli
from reviewlib.revise.markdown import MARK

PATH = Path(__file__).parents[2] / ".github" / "workflows" / "evidence-diff.yml"
TEXT = PATH.read_text(encoding="utf-8")
FLOW = yaml.safe_load(TEXT)
STEPS = FLOW["jobs"]["diff"]["steps"]


def test_only_official_actions_and_no_secret():
    used = [step["uses"] for step in STEPS if "uses" in step]
    assert used and all(re.fullmatch(r"actions/[\w-]+@v\d+", name) for name in used)
    assert "secrets." not in TEXT and "pull_request_target" not in TEXT
    assert FLOW["permissions"] == {"contents": "read", "pull-requests": "write"}


def test_nothing_from_a_contributor_is_pasted_into_a_script():
    for step in STEPS:
        script = step.get("run", "") + step.get("with", {}).get("script", "")
        assert "${{" not in script, "values reach a script through its environment"


def test_its_commands_are_understood():
    run = "\n".join(step.get("run", "") for step in STEPS)
    commands = re.findall(r"\.venv/bin/reviewlib ([^|\n]+)", run)
    assert len(commands) == 2
    for words in map(shlex.split, commands):
        parsed = cli.parser().parse_args(words)
        assert parsed.form in ("github", "markdown")


def test_a_second_run_finds_its_own_comment():
    script = next(step["with"]["script"] for step in STEPS if "script" in step.get("with", {}))
    assert "body.split('\\n', 1)[0]" in script and MARK.startswith("<!--")
