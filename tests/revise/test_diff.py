"""A change of the tables is told as what it does to each conclusion, and nothing else counts as a change."""

import shutil
from contextlib import ExitStack
from dataclasses import replace
from types import MappingProxyType

import pandas as pd
import pytest
from bs4 import BeautifulSoup

import reviewlib as rl
from reviewlib.evidence.folder import read_folder
from reviewlib.revise import compared, conclusions, differing
from reviewlib.revise.differing import difference
from reviewlib.revise.overlay import spark, svg
from reviewlib.revise.states import State, open_states

from .conftest import RESULTS, TABLES, git

FIRST = "60,30.0,14.0,60,36.0,14.0,final,,,MD,-6.0,-11.0,-1.0"


def compare(project, *names):
    with ExitStack() as stack:
        return difference(*open_states(project, names, stack))


def test_nothing_changed_is_0(project, run):
    code, told, _ = run("diff")
    assert code == 0 and "no row differs; no conclusion moves." in told


def test_a_note_moves_nothing(project, edit, run):
    edit(RESULTS, "Printed as points lower", "Printed as points lower; Table 2")
    code, told, _ = run("diff")
    assert code == 0
    assert "1 row changed; no conclusion moves." in told and "Printed as points lower; Table 2" in told


def test_numbers_that_move_are_those_of_the_two_pools(project, edit):
    before = rl.finding(rl.load_evidence(project / "evidence")["example"], "pain-short")
    edit(RESULTS, FIRST, "60,32.0,14.0,60,36.0,14.0,final,,,MD,-4.0,-9.0,1.0")
    after = rl.finding(rl.load_evidence(project / "evidence")["example"], "pain-short")
    found = compare(project)
    (one,) = found.conclusions
    assert found.exit_code == 1 and one.moved
    for side, want in ((one.before, before), (one.after, after)):
        assert (side.number("estimate"), side.number("low"), side.number("high")) == want.shown
        assert side.number("tau2") == (want.pooled.tau2 if want.pooled else None)
    cells = {(c.column, c.before, c.after) for c in found.rows[0].cells}
    assert cells == {
        ("mean_int", "30.0", "32.0"),
        ("estimate", "-6.0", "-4.0"),
        ("ci_low", "-11.0", "-9.0"),
        ("ci_high", "-1.0", "1.0"),
    }


def test_a_conclusion_changes_when_its_interval_crosses_no_effect(project, edit, run):
    edit(RESULTS, FIRST, "60,36.0,14.0,60,36.0,14.0,final,,,MD,0.0,-5.0,5.0")
    code, told, _ = run("diff")
    assert code == 1 and "Conclusion changes." in told and "1 conclusion changes" in told
    assert "below no effect" in told and "includes no effect" in told


def test_each_changed_row_moves_the_estimate_by_itself(project, edit):
    """Undoing all other changes gives the same estimate as each row alone: nothing is attributed twice."""
    edit(RESULTS, FIRST, "60,32.0,14.0,60,36.0,14.0,final,,,MD,-4.0,-9.0,1.0")
    only = rl.finding(rl.load_evidence(project / "evidence")["example"], "pain-short").shown
    edit(RESULTS, "45,31.5,13.0,45,35.0,15.0", "45,30.5,13.0,45,35.0,15.0")
    (one,) = compare(project).conclusions
    told = {a.record: a.side.number("estimate") for a in one.alone}
    assert told.keys() == {"example2001-r1", "example2002-r1"}
    assert told["example2001-r1"] == pytest.approx(only[0])
    assert told["example2002-r1"] < one.before.number("estimate")


def test_a_row_that_leaves_is_told_with_its_use(project, edit, run):
    edit("example/synthesis.csv", "pain-short,example2002-r1,main", "pain-short,example2002-r1,shown")
    found = compare(project)
    assert [(c.table, c.record) for c in found.rows] == [("synthesis", "pain-short example2002-r1")]
    (one,) = found.conclusions
    assert [(a.record, a.kind) for a in one.alone] == [("example2002-r1", "use changed")]
    assert one.before.people[0] == 2 and one.after.people[0] == 1 and one.changed


def test_a_rating_changes_the_sentence_without_any_number(project, edit, run):
    edit("example/certainty.csv", "imprecision,-1", "imprecision,0")
    edit("example/certainty.csv", "level,low,Two steps", "level,moderate,One step")
    (one,) = compare(project).conclusions
    assert one.changed and one.alone == () and one.before.number("estimate") == one.after.number("estimate")
    code, told, _ = run("diff")
    assert code == 1 and "before  low" in told and "after   moderate" in told and "too few to decide" in told


HARMS = """harm_line: "Harms: 6 of 60 people were sore; 10% in another count"
harm_rows: [e1]
"""


def commit_harms(project, edit):
    edit("example/topic.yml", "prisma_not_met: []", f"{HARMS}prisma_not_met: []")
    git(project, "commit", "-q", "-am", "harms")


def test_a_changed_line_on_harms_is_a_changed_conclusion(project, edit, run):
    commit_harms(project, edit)
    edit("example/adverse_events.csv", "soreness,60,6,10,10", "soreness,60,9,15,15")
    code, shown, _ = run("diff")
    assert code == 1 and "does not pass the check" in shown and "6 is in none of its rows" in shown
    edit("example/topic.yml", "6 of 60 people were sore; 10%", "9 of 60 people were sore; 15%")
    (one,) = compare(project).conclusions
    assert one.title == "Harms" and one.changed
    code, shown, _ = run("diff")
    assert code == 1 and "9 of 60 people were sore" in shown and "In plain words" in shown
    assert "after   e1: n_events 9, n_at_risk 60, percent_low 15, percent_high 15, timepoint_weeks 12" in shown


def test_a_number_behind_the_harms_that_the_line_does_not_say_only_moves(project, edit):
    commit_harms(project, edit)
    edit("example/adverse_events.csv", "10,10,12,full-text", "10,10,26,full-text")
    (one,) = compare(project).conclusions
    assert one.title == "Harms" and one.moved and not one.changed


def test_a_topic_that_puts_another_comparison_at_the_top_says_so(project, edit):
    text = """  - id: pain-other
    title: "Another comparison"
    intervention: "treatment"
    comparator: "nothing"
    outcome: pain
    measure: MD
    headline: {}
    pool: false
    pool_reason: "Nothing yet"
"""
    edit("example/topic.yml", "prisma_not_met", text.format("false") + "prisma_not_met")
    git(project, "commit", "-q", "-am", "another")
    edit("example/topic.yml", "headline: true", "headline: false")
    edit("example/topic.yml", text.format("false"), text.format("true"))
    (one,) = compare(project).conclusions
    assert one.changed and one.before.words["sentence"] != one.after.words["sentence"] == "Another comparison"


CLAIMS = (TABLES / "claims.csv").read_text(encoding="utf-8")


def test_a_verdict_on_a_claim_is_a_conclusion(project, run):
    path = project / "evidence" / "claims.csv"
    path.write_text(CLAIMS, encoding="utf-8")
    git(project, "add", "-A")
    git(project, "commit", "-q", "-m", "claims")
    verdict = next(word for word in ("partly-supported", "unsupported", "supported", "contradicted") if word in CLAIMS)
    other = "supported" if verdict == "contradicted" else "contradicted"
    path.write_text(CLAIMS.replace(f",{verdict},", f",{other},", 1), encoding="utf-8", newline="\n")
    (one,) = compare(project).conclusions
    assert (one.topic, one.changed) == ("claims", True) and one.after.words["sentence"].endswith(f": {other}")
    assert run("diff")[0] == 1


def test_other_plain_words_change_what_is_said(project, edit):
    review = project / "evidence" / "review.yml"
    review.write_text("title: Example\nplain_words:\n  nothing: no care\n", encoding="utf-8")
    found = compare(project)
    assert {c.table for c in found.rows} == {"review.yml"}
    (one,) = found.conclusions
    assert "no care" in one.after.words["In plain words"] and one.changed


def test_a_state_that_does_not_pass_the_check_is_told_as_such(project, edit, run):
    edit(RESULTS, "MD,-6.0", "MD,6.0")
    code, told, err = run("diff")
    assert code == 1 and "Traceback" not in told + err
    assert "the working folder does not pass the check" in told and "does not contain the estimate" in told
    assert "estimate: -6.0 -> 6.0" in told, "the rows are compared all the same"


def test_a_cell_cannot_give_orders_to_the_terminal(project, edit, run):
    edit(RESULTS, "Printed as points lower", "\x1b[2J\x1b]0;gone\x07")
    edit(RESULTS, "example2002-r2,", "example2002-r2\x1b[31m,")
    for words in (("diff",), ("check",)):
        code, told, _ = run(*words)
        assert code == 1 and "\x1b" not in told and "\x07" not in told


def test_revisions_folders_and_ranges_name_the_same_states(project, edit, run, tmp_path):
    edit(RESULTS, FIRST, "60,32.0,14.0,60,36.0,14.0,final,,,MD,-4.0,-9.0,1.0")
    git(project, "commit", "-q", "-am", "a change")
    shutil.copytree(TABLES, tmp_path / "old" / "evidence")
    (tmp_path / "old" / "evidence" / "claims.csv").unlink()
    told = {}
    for names in (
        ("HEAD~1",),
        ("HEAD~1", "HEAD"),
        ("HEAD~1..HEAD",),
        ("HEAD~1..",),
        (tmp_path / "old",),
        (tmp_path / "old" / "evidence", project / "evidence"),
    ):
        code, text, _ = run("diff", *names)
        assert code == 1
        told[names] = text.split("\n", 1)[1]
    assert len(set(told.values())) == 1
    code, text, _ = run("diff", "HEAD", "HEAD~1")
    assert code == 1 and "-4.0 -> -6.0" in text


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("nonsense",), "neither a folder of evidence tables nor a git revision"),
        (("--not-a-revision",), "unrecognized"),
        (("HEAD", "HEAD", "HEAD"), "at most two"),
        (("HEAD", "--output", "nowhere/out.md"), "there is no folder"),
        (("HEAD", "--output", "evidence/sources.csv"), "lies among what is compared"),
        (("HEAD", "--output", "notebooks/start.ipynb"), "lies among what is compared"),
        (("--format", "pdf"), "invalid choice"),
    ],
)
def test_wrong_usage_is_2(project, run, words, why):
    code, _, err = run("diff", *words)
    assert code == 2 and why in err and "Traceback" not in err


def test_a_revision_without_tables_is_wrong_usage(project, run):
    shutil.move("evidence", "elsewhere")
    git(project, "add", "-A")
    git(project, "commit", "-q", "-m", "gone")
    shutil.move("elsewhere", "evidence")
    code, _, err = run("diff", "HEAD~1", "HEAD")
    assert code == 2 and "holds no folder evidence/" in err


def test_the_folder_of_the_tables_is_not_written_to(project, edit, run):
    edit(RESULTS, "MD,-6.0,", "MD,-6.1,")
    run("diff")
    assert git(project, "status", "--porcelain") == "M evidence/example/results.csv"


def changed(project, edit):
    edit(RESULTS, FIRST, "60,36.0,14.0,60,36.0,14.0,final,,,MD,0.0,-5.0,5.0")


def test_markdown_is_fit_for_a_comment(project, edit, run):
    changed(project, edit)
    edit(RESULTS, "Printed as points lower", "<b>@everyone</b> | https://example.org `x`")
    code, text, _ = run("diff", "--format", "markdown")
    assert code == 1 and text.startswith("<!-- reviewlib diff -->\n") and "**Conclusion changes.**" in text
    assert "<b>" not in text and "@everyone" not in text and "https://" not in text
    tables = [block for block in text.split("\n\n") if block.startswith("| ")]
    assert len(tables) == 3
    for block in tables:
        widths = {line.replace("\\|", "").count("|") for line in block.split("\n")}
        assert len(widths) == 1, block


def test_a_comment_holds_no_more_than_it_may(project, edit, run):
    path = project / "evidence" / "sources.csv"
    last = path.read_text(encoding="utf-8").rstrip("\n").split("\n")[-1]
    own = last.replace("example.3", "example.{0}").replace(last.split(",")[0], "{0}", 1)
    own = own.replace("review,", "review {0},", 1)
    more = [own.format(f"zz{i:05d}") for i in range(3000)]
    path.write_text(path.read_text(encoding="utf-8") + "\n".join(more) + "\n", encoding="utf-8")
    changed(project, edit)
    code, text, _ = run("diff", "--format", "markdown")
    assert code == 1 and len(text) < 65_536 and "**Conclusion changes.**" in text
    assert "more cells did not fit" in text and text.count("<details>") == text.count("</details>") == 1


def test_a_long_cell_is_shown_where_it_differs(project, edit, run):
    long = "A remark that goes on for longer than a line of a terminal can hold and then on again until "
    edit(RESULTS, "Printed as points lower", f"{long}the old end")
    git(project, "commit", "-q", "-am", "long")
    edit(RESULTS, "the old end", "the new end")
    _, told, _ = run("diff")
    assert "the old end -> " in told and told.rstrip().endswith("the new end")


def test_html_is_one_page_that_fetches_nothing(project, edit, run, tmp_path):
    changed(project, edit)
    code, told, _ = run("diff", "--format", "html", "--output", tmp_path / "out.html")
    assert code == 1 and "written:" in told
    soup = BeautifulSoup((tmp_path / "out.html").read_text(encoding="utf-8"), "html.parser")
    assert soup.html["lang"] == "en" and len(soup.find_all("h1")) == 1 and not soup.find(["script", "link", "img"])
    label = soup.find("svg")["aria-label"]
    assert "before" in label and "after" in label and "95% interval" in label
    assert all(table.caption.get_text() for table in soup.find_all("table"))
    assert all(th.get("scope") for th in soup.find_all("th"))


def test_the_overlay_keeps_everything_on_its_axis(project, edit):
    changed(project, edit)
    (one,) = compare(project).conclusions
    for unicode in (True, False):
        lines = spark(one, unicode=unicode)
        assert len(lines) == 2 and max(map(len, lines)) <= 41
        assert all(line.count("\N{BOX DRAWINGS LIGHT VERTICAL}" if unicode else "|") <= 1 for line in lines)
    xs = [
        float(e[k])
        for e in BeautifulSoup(svg(one), "html.parser").find_all(["line", "circle"])
        for k in ("x1", "x2", "cx")
        if e.get(k)
    ]
    assert xs and 0 <= min(xs) <= max(xs) <= 360


def test_a_topic_that_came_and_one_that_went_are_told(project, run):
    shutil.copytree(project / "evidence" / "example", project / "evidence" / "another")
    path = project / "evidence" / "another" / "topic.yml"
    path.write_text(path.read_text().replace("id: example\n", "id: another\n"))
    found = compare(project)
    assert {c.topic for c in found.rows} == {"another"} and {c.topic for c in found.conclusions} == {"another"}
    assert all(c.before.found is None and c.changed for c in found.conclusions)
    assert run("diff")[0] == 1 and run("diff", ".", "HEAD")[0] == 1


def test_equal_states_are_told_as_any_others_without_computing_a_conclusion(project, run, monkeypatch):
    from contextlib import ExitStack

    from reviewlib.revise import terminal
    from reviewlib.revise.states import open_states

    with ExitStack() as stack:
        before, after = open_states(project, [], stack)
    told = terminal.text(difference(before, after)).plain
    monkeypatch.setattr(differing, "difference", None)
    assert run("diff") == (0, told, "")


def test_a_state_that_passed_is_not_checked_again_until_a_byte_of_it_changes(project, edit, run, monkeypatch):
    from reviewlib.revise import states

    told, checked, check = run("diff"), [], states.check_folder
    monkeypatch.setattr(states, "check_folder", lambda *folders: checked.append(folders) or check(*folders))
    assert run("diff") == told and not checked
    edit(RESULTS, "MD,-6.0,", "MD,-6.1,")
    changed = run("diff")
    assert len(checked) == 1 and changed[0] == 1
    assert run("diff") == changed and len(checked) == 1
    (project / ".cache" / "passed.json").write_text("[torn")
    assert run("diff") == changed and len(checked) == 3
    edit(RESULTS, "MD,-6.1,", "MD,six,")
    assert run("diff")[0] == 1 and run("diff")[0] == 1 and len(checked) == 5  # faults are looked for each time


def test_only_comparisons_that_read_what_changed_are_computed(project, edit, monkeypatch):
    computed, finding = [], compared.finding
    monkeypatch.setattr(compared, "finding", lambda topic, name: computed.append(name) or finding(topic, name))
    edit("example/topic.yml", 'title: "', 'title: "Another ')
    assert compare(project).rows and computed == []
    edit(RESULTS, "MD,-6.0,", "MD,-6.1,")
    assert compare(project).conclusions and set(computed) == {"pain-short"}


def test_the_rows_of_comparisons_that_use_no_changed_result_are_not_put_together(project, edit, monkeypatch):
    find, put_together = compared.finding, []
    monkeypatch.setattr(compared, "read_by", lambda *_: pytest.fail("what differs is known"))
    monkeypatch.setattr(compared, "finding", lambda topic, name: put_together.append(name) or find(topic, name))
    edit(RESULTS, "example2002-r2,example2002,Example 2002,invented", "example2002-r2,example2002,Example 2002,other")
    assert compare(project).rows and not put_together
    edit(RESULTS, "MD,-6.0,", "MD,-6.1,")
    assert compare(project).conclusions and set(put_together) == {"pain-short"}


def _told(found):
    return [(one.comparison, one.changed, one.before.number("estimate"), one.after.words) for one in found.conclusions]


def _another(column, text):
    """Return another text for a cell that the column can hold; empty where there is none."""
    if column.enum:
        return next((word for word in column.enum if word != text), "")
    if column.type in ("number", "integer"):
        return str(int(float(text)) + 1) if text else ""
    return f"{text}x" if text and column.type in ("text", "id") else ""


def test_a_changed_cell_of_any_table_is_never_passed_over(project, monkeypatch):
    """What is told is what is told when every comparison and every sentence of both states is computed."""
    before, moved, tried = State("before", read_folder(project / "evidence"), ()), set(), set()
    for topic, table in before.folder.tables():
        path = project / "evidence" / topic / f"{table.schema.name}.csv"
        text = path.read_text(encoding="utf-8")
        for column in table.schema.columns if table.schema.name == "results" else table.schema.columns[1:3]:
            rows = [dict(row.text) for row in table.rows]
            if not (new := _another(column, rows[0].get(column.name, ""))):
                continue
            rows[0][column.name] = new
            pd.DataFrame(rows).to_csv(path, index=False)
            after = State("after", read_folder(project / "evidence"), ())
            try:
                quickly = _told(difference(before, after))
                with monkeypatch.context() as patched:
                    patched.setattr(differing, "_reached", lambda *_: None)
                    patched.setattr(compared, "_same_read", lambda *_: False)
                    assert _told(difference(before, after)) == quickly, (table.file, column.name)
            except (KeyError, ValueError):  # a name that leads nowhere now: the check would refuse it
                continue
            tried.add(table.file)
            moved |= {(table.file, column.name)} if quickly else set()
        path.write_text(text, encoding="utf-8")
    assert tried == {table.file for _, table in before.folder.tables()}
    assert ("evidence/example/results.csv", "estimate") in moved


def test_a_corrected_value_moves_the_number_that_rests_on_it(project):
    """No list says which tables lead to conclusions: what is read decides."""
    (project / "evidence/example/corrections.csv").write_text(
        "result_id,column,printed,used,reason,source_id,by\nexample2001-r1,ci_low,-11.0,-9.0,a lost digit,,us\n"
    )
    (one,) = compare(project).conclusions
    assert one.comparison == "pain-short" and one.moved
    assert one.before.number("low") != one.after.number("low")


def test_a_baseline_risk_moves_the_people_that_a_page_counts():
    """Of two states of a topic that differ in a baseline risk only."""
    before, name = rl.load_evidence()["massage"], "neck-pain-responder-short"
    table = before.tables["assumptions"].copy()
    table.loc[table["assumption_id"] == "neck-baseline-pain-responder", "value"] = 35.0
    after = replace(before, tables=MappingProxyType({**before.tables, "assumptions": table}))
    assert compared._same_read(before, before, name) and not compared._same_read(before, after, name)
    sides = [compared._side(topic, name) for topic in (before, after)]
    assert [side.figures["Out of many people"][:9] for side in sides] == ["25 of 100", "35 of 100"]
    assert conclusions.Conclusion("massage", name, "", *sides, ()).moved


def test_the_conclusions_that_stay_are_counted_without_computing_them(evidence):
    for topic in evidence:
        assert set(conclusions.statement_names(topic.info)) == set(compared.topic_statements(topic))
    assert set(evidence.claims["claim_id"]) == set(compared.claim_statements(evidence))


def test_no_attribute_of_a_revision_hides_or_changes_a_table(project, edit, run):
    tables = (project / "evidence" / "example" / "adverse_events.csv").read_bytes()
    edit("example/adverse_events.csv", "soreness,60,6,10,10", "soreness,60,9,15,15")
    (project / ".gitattributes").write_text("adverse_events.csv export-ignore\n*.csv export-subst eol=crlf\n")
    git(project, "add", ".")
    git(project, "commit", "-q", "-m", "a count, out of sight")
    code, told, wrong = run("diff", "HEAD~1", "HEAD")
    assert code == 0 and "Comparing" in wrong and "1 row changed" in told and "example/adverse_events.csv" in told
    with ExitStack() as stack:
        before, after = open_states(project, ("HEAD~1", "HEAD"), stack)
        assert (before.folder.path / "example" / "adverse_events.csv").read_bytes() == tables
        assert b"\r" not in (after.folder.path / "example" / "adverse_events.csv").read_bytes()
