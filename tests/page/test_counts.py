"""What a page costs: each table is parsed once, and each comparison is computed once, whatever the page shows of it."""

import importlib
import shutil
from collections import Counter
from pathlib import Path

import pytest

import reviewlib as rl
from reviewlib import page

TABLES = Path(__file__).parents[1] / "evidence" / "tables"


@pytest.fixture
def counted(monkeypatch):
    """Count by file how often a table is parsed, and by comparison how often its finding is computed."""
    parsed, computed = Counter(), Counter()
    load = importlib.import_module("reviewlib.evidence.load")
    for kept in (load._KEPT, load._MEMOS):  # what other tests of this process left
        kept.clear()
    importlib.import_module("reviewlib.evidence.folder")._small.cache_clear()

    def count(module, name, counter, key):
        room = importlib.import_module(module)
        whole = getattr(room, name)

        def counting(*args, **options):
            counter[key(*args, **options)] += 1
            return whole(*args, **options)

        monkeypatch.setattr(room, name, counting)

    count("reviewlib.evidence.folder", "read_table", parsed, lambda data, file, schema: file)
    count("reviewlib.meaning.finding", "_finding", computed, lambda topic, comparison, **_: (topic, comparison["id"]))
    return parsed, computed


def test_a_page_parses_and_computes_everything_once(counted):
    parsed, computed = counted
    evidence = rl.load_evidence(TABLES)
    topic = evidence["example"]
    for block in (page.question, page.answer, page.sof, page.why_pooled, page.certainty_table, page.trials):
        block(topic)
    for block in (page.side_by_side, page.sensitivity, page.variants):
        block(topic, "pain-short")
    page.comparisons(evidence)
    page.start.overview(evidence)
    rl.summary_of_findings(topic)
    assert set(computed) == {("example", c["id"]) for c in topic.comparisons} and set(computed.values()) == {1}
    files = {path.relative_to(TABLES.parent).as_posix() for path in TABLES.rglob("*.csv")}
    assert set(parsed) == files and set(parsed.values()) == {1}


def test_all_pages_of_a_process_share_what_was_computed(counted):
    parsed, computed = counted
    for _ in range(3):
        for topic in rl.load_evidence(TABLES):
            rl.findings(topic)
            page.answer(topic)
    assert set(computed.values()) == {1} and set(parsed.values()) == {1}


def test_of_many_topics_only_what_changed_is_parsed_and_computed_again(counted, tmp_path):
    parsed, computed = counted
    folder = Path(shutil.copytree(TABLES, tmp_path / "evidence"))
    for i in range(29):
        other = shutil.copytree(folder / "example", folder / f"example-{i}")
        about = (other / "topic.yml").read_text(encoding="utf-8")
        (other / "topic.yml").write_text(about.replace("id: example\n", f"id: example-{i}\n", 1), encoding="utf-8")

    def read():
        parsed.clear(), computed.clear()
        for topic in rl.load_evidence(folder):
            rl.findings(topic)

    read()
    assert len(parsed) == len(list(folder.rglob("*.csv"))) and set(parsed.values()) == {1}
    assert len(computed) == 30 and set(computed.values()) == {1}
    results = folder / "example-17" / "results.csv"
    results.write_text(results.read_text(encoding="utf-8").replace("MD,-6.0,", "MD,-6.1,", 1), encoding="utf-8")
    read()
    assert parsed == {"evidence/example-17/results.csv": 1} and {topic for topic, _ in computed} == {"example-17"}
