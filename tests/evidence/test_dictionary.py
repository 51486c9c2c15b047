"""One dictionary: the data package, the README and a second validator all agree with it."""

import json
from pathlib import Path

import pytest
import yaml

from reviewlib.evidence.check import check
from reviewlib.evidence.citation import cff
from reviewlib.evidence.dictionary import readme, write
from reviewlib.evidence.folder import find_evidence
from reviewlib.evidence.package import as_json, datapackage
from reviewlib.evidence.schema import broken_rule, schemas

V1_AND_V2 = {"required", "unique", "minimum", "maximum", "pattern", "enum"}


def verdict(folder: Path):
    """Return what frictionless thinks of a folder: its errors as (resource, row, field)."""
    frictionless = pytest.importorskip("frictionless")
    package = frictionless.Package(str(folder / "datapackage.json"))
    return [
        (task.name, getattr(error, "row_number", None), getattr(error, "field_name", None), error.type)
        for task in package.validate().tasks
        for error in task.errors
    ]


def test_the_committed_readme_and_data_package_are_current():
    folder = find_evidence()
    again = "run: python -m reviewlib.evidence.dictionary"
    assert (folder / "README.md").read_text(encoding="utf-8") == readme(folder), again
    assert (folder / "datapackage.json").read_text(encoding="utf-8") == as_json(datapackage(folder)), again


def test_the_committed_citation_is_current():
    folder = find_evidence()
    assert (folder.parent / "CITATION.cff").read_text(encoding="utf-8") == cff(folder), "run the dictionary again"


def test_a_review_is_cited_by_its_authors_or_not_at_all(good):
    write(good)
    assert cff(good) == "" and not (good.parent / "CITATION.cff").exists()
    about = 'title: "Inhalers: what helps"\nauthors:\n  - {name: Doe J, orcid: 0000-0002-1825-0097}\n'
    (good / "review.yml").write_text(about, encoding="utf-8")
    write(good)
    made = yaml.safe_load((good.parent / "CITATION.cff").read_text(encoding="utf-8"))
    assert made["authors"] == [{"name": "Doe J", "orcid": "https://orcid.org/0000-0002-1825-0097"}]
    assert made["title"] == "Inhalers: what helps"


def test_frictionless_agrees_that_the_committed_tables_are_good():
    assert verdict(find_evidence()) == []


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("example/results.csv", "example2001-r1,example2001,", "example2001-r1,example2009,"),
        ("example/results.csv", "example2001-r2,", "example2001-r1,"),
        ("example/results.csv", ",60,30.0,", ",6O,30.0,"),
        ("example/results.csv", ",60,30.0,14.0,", ",60,30.0,-14.0,"),
        ("example/results.csv", ",itt,ITT,60", ",ITT,ITT,60"),
        ("example/results.csv", '"Table 2, row pain",', ","),
        ("example/panels.csv", "panel1,Example", "Panel_1,Example"),
        ("example/synthesis.csv", "example2002-r1", "example2002-r9"),
    ],
)
def test_frictionless_finds_what_the_schema_forbids(edit, file, old, new):
    folder = edit(file, old, new)
    write(folder)
    assert verdict(folder)
    assert [problem for problem in check(folder) if problem.severity == "error"]


def test_frictionless_has_nothing_against_the_invented_tables(good):
    write(good)
    assert verdict(good) == []
    assert check(good) == []


def test_a_new_topic_needs_no_code(good):
    write(good)
    (good / "another").mkdir()
    for file in (good / "example").iterdir():
        text = file.read_text(encoding="utf-8").replace("id: example\n", "id: another\n")
        (good / "another" / file.name).write_text(text, encoding="utf-8", newline="\n")
    (problem,) = check(good)
    assert problem.file == "evidence/datapackage.json" and problem.severity == "warning"
    assert "reviewlib.evidence.dictionary" in problem.remedy
    write(good)
    assert check(good) == [] and verdict(good) == []
    package = json.loads((good / "datapackage.json").read_text(encoding="utf-8"))
    links = {r["name"]: r["schema"].get("foreignKeys", []) for r in package["resources"]}
    assert links["another-synthesis"][0]["reference"]["resource"] == "another-results"


def test_only_words_of_both_versions_of_the_standard_are_used():
    package = datapackage(find_evidence())
    for resource in package["resources"]:
        schema = resource["schema"]
        assert set(schema) <= {"fields", "missingValues", "primaryKey", "foreignKeys"} and schema["missingValues"] == [
            ""
        ]
        for field in schema["fields"]:
            assert set(field.get("constraints", {})) <= V1_AND_V2
            assert field["type"] in ("string", "number", "integer", "date")
            assert "pattern" not in field.get("constraints", {}) or field["type"] == "string"


def test_every_column_is_explained_and_its_example_is_legal():
    for schema in schemas().values():
        for column in schema.columns:
            assert column.title and column.description and column.example, (schema.name, column.name)
            assert broken_rule(column, column.example) is None, (schema.name, column.name)
