"""Workflows, here and in a new review: least rights, pinned actions, limits of time, nothing pasted into scripts."""

import re
import shlex
from pathlib import Path

import pytest
import yaml

from reviewlib import cli
from reviewlib.revise.markdown import MARK
from reviewlib.revise.new_review import TEMPLATES

ROOT = Path(__file__).resolve().parents[1]
OURS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
TEXTS = {path.name: path.read_text(encoding="utf-8") for path in (*OURS, *TEMPLATES.glob("*.yml.j2"))}
TEXTS = {name: text for name, text in TEXTS.items() if re.search(r"^jobs:", text, re.MULTILINE)}
FLOWS = {name: yaml.safe_load(text) for name, text in TEXTS.items()}
JOBS = [(name, job) for name, flow in FLOWS.items() for job in flow["jobs"]]
# The jobs that may do more than read the repository, and what.
MORE = {
    ("evidence-diff-comment.yml", "comment"): {"actions": "read", "pull-requests": "write"},
    ("pages.yml", "deploy"): {"pages": "write", "id-token": "write"},
}


def steps(name, job):
    return FLOWS[name]["jobs"][job]["steps"]


def triggers(flow):
    return flow[True]  # YAML 1.1 reads the word `on` as true


def test_all_are_seen():
    assert set(TEXTS) == {"ci.yml", "evidence-diff.yml", "evidence-diff-comment.yml", "pages.yml", "checks.yml.j2"}


@pytest.mark.parametrize(("name", "job"), JOBS)
def test_a_job_may_read_and_no_more(name, job):
    assert FLOWS[name]["permissions"] in ({"contents": "read"}, {})
    assert FLOWS[name]["jobs"][job].get("permissions") == MORE.get((name, job))
    if (name, job) in MORE:
        assert not any("run" in step or "checkout" in step.get("uses", "") for step in steps(name, job))


@pytest.mark.parametrize(("name", "job"), JOBS)
def test_a_job_ends(name, job):
    assert FLOWS[name]["jobs"][job]["timeout-minutes"] <= 30


def test_every_action_is_official_and_pinned_by_a_commit_that_says_its_version():
    pins = {}
    for name, text in TEXTS.items():
        for line in re.findall(r"uses: (.*)", text):
            found = re.fullmatch(r"(actions/[\w-]+)@([0-9a-f]{40}) # (v\d+\.\d+\.\d+)", line)
            assert found, f"{name}: {line}"
            pins.setdefault(found[1], set()).add(found.groups()[1:])
    assert pins and all(len(commits) == 1 for commits in pins.values()), "one commit per action"


@pytest.mark.parametrize("name", TEXTS)
def test_no_secret_and_no_foreign_code_with_rights(name):
    assert "secrets." not in TEXTS[name] and "pull_request_target" not in TEXTS[name]
    for job in FLOWS[name]["jobs"]:
        for step in steps(name, job):
            script = step.get("run", "") + step.get("with", {}).get("script", "")
            assert "${{" not in script, "values reach a script through its environment"
            if "checkout" in step.get("uses", ""):
                assert step["with"]["persist-credentials"] is False


def test_what_reads_the_tables_of_a_pull_request_has_its_own_limit():
    found = [
        step
        for name, job in JOBS
        for step in steps(name, job)
        if re.search(r"bin/reviewlib (check|diff)", step.get("run", ""))
    ]
    assert len(found) == 4 and all(step["timeout-minutes"] <= 5 for step in found)


@pytest.mark.parametrize("name", ["evidence-diff.yml", "checks.yml.j2"])
def test_its_commands_are_understood(name):
    run = "\n".join(step.get("run", "") for job in FLOWS[name]["jobs"] for step in steps(name, job))
    commands = re.findall(r"\.venv/bin/reviewlib ([^|\n]+)", run)
    assert [cli.parser().parse_args(shlex.split(words)).form for words in commands] == ["github", "markdown"]


def test_the_diff_is_made_by_the_code_of_the_branch_that_it_goes_to():
    run = "\n".join(step.get("run", "") for step in steps("evidence-diff.yml", "diff"))
    assert len(re.findall(r"\.\./base/\.venv/bin/reviewlib", run)) == run.count("bin/reviewlib") == 2
    assert list(triggers(FLOWS["evidence-diff.yml"])) == ["pull_request"]
    assert run.index("-type l -print") < run.index("bin/reviewlib"), "a link leads out of the pull request"
    assert '--output "$RUNNER_TEMP/diff.md"' in run


def test_the_comment_trusts_no_artifact():
    flow = FLOWS["evidence-diff-comment.yml"]
    assert triggers(flow)["workflow_run"]["workflows"] == [FLOWS["evidence-diff.yml"]["name"]]
    script = next(
        step["with"]["script"]
        for step in steps("evidence-diff-comment.yml", "comment")
        if "script" in step.get("with", {})
    )
    assert f"const mark = '{MARK}'" in script and MARK.startswith("<!--")
    for guard in (
        "head.sha === run.head_sha",
        "isFile()",
        "file.size > 60000",
        "text.split('\\n', 1)[0] !== mark",
        "replace(/@|&#0*64;?|&#x0*40;?|&commat;/gi, '@\\u200b')",
        "pull request itself",
    ):
        assert guard in script, guard
    assert "require('fs')" in script and script.count("require(") == 1 and "eval" not in script


def test_three_systems_and_every_python_that_is_promised():
    matrix = FLOWS["ci.yml"]["jobs"]["machines"]["strategy"]["matrix"]
    assert {system.split("-")[0] for system in matrix["os"]} == {"ubuntu", "windows", "macos"}
    assert matrix["python"] == ["3.11", "3.12", "3.13", "3.14"]
    assert not any("make" in step.get("run", "") for step in steps("ci.yml", "machines"))
