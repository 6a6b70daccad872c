"""The same findings for people, for programs and for code reviews."""

import json
from pathlib import Path

import pytest

from django_modernize.doctor.findings import Finding, Level, Rule, Symptom
from django_modernize.doctor.reports import REPORTS
from django_modernize.doctor.sources import Place

RULE = Rule(id="W403", title="a habit", reason="It hurts.", level=Level.WARNING, examine=list)


@pytest.fixture
def finding():
    place = Place(path=Path.cwd() / "shop" / "models.py", line=7)
    symptom = Symptom(
        subject="shop.House.plan", message="100% wrong.", fix="a = 1\nb = 2", place=place
    )
    return Finding(rule=RULE, symptom=symptom)


def test_people_read_where_why_and_what_to_write(finding):
    text = REPORTS["text"]([finding])
    for part in ("shop/models.py:7: warning W403 a habit", "100% wrong.", "why: It hurts."):
        assert part in text
    assert "fix: a = 1" in text
    assert 'SILENCED_SYSTEM_CHECKS = ["modernize.W403"]' in text
    assert text.endswith("1 found: 1 warning.")


def test_a_clean_project_is_told_so():
    assert REPORTS["text"]([]) == "Nothing found."


def test_programs_read_objects(finding):
    [entry] = json.loads(REPORTS["json"]([finding]))
    assert (entry["id"], entry["path"], entry["line"]) == (
        "modernize.W403",
        "shop/models.py",
        7,
    )


def test_sarif_names_the_rule_and_the_place(finding):
    [run] = json.loads(REPORTS["sarif"]([finding]))["runs"]
    [result] = run["results"]
    location = result["locations"][0]["physicalLocation"]
    assert location["artifactLocation"]["uri"] == "shop/models.py"
    assert location["region"] == {"startLine": 7}
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == [result["ruleId"]]


def test_a_workflow_command_is_one_line(finding):
    line = REPORTS["github"]([finding])
    assert line.startswith("::warning file=shop/models.py,line=7,title=modernize.W403 a habit::")
    assert "100%25 wrong." in line
    assert "a = 1%0Ab = 2" in line
