"""What the pages and the files for other machines name is there."""

import re
import tomllib
from pathlib import Path

import pytest

from benchmarks.__main__ import GROUPS
from tests.security.uploads import CASES

ROOT = Path(__file__).resolve().parents[2]
TESTS = ROOT / "tests"
PAGES = [ROOT / "SECURITY.md", *sorted((ROOT / "docs" / "architecture").glob("*.md"))]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
GENERATED = re.compile(r"def (test_\w+)")


@pytest.fixture(scope="module")
def known_tests():
    texts = (path.read_text() for path in TESTS.rglob("test_*.py"))
    return {name for text in texts for name in GENERATED.findall(text)}


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_every_test_that_a_page_names_exists(page, known_tests):
    text = page.read_text()
    modules = {path.name for path in TESTS.rglob("test_*.py")}
    named = set(re.findall(r"`(test_\w+)`", text))
    assert named - known_tests == set()
    assert set(re.findall(r"\b(test_\w+\.py)", text)) - modules == set()
    for path in re.findall(r"`(tests/[\w/.]+)`", text):
        assert (ROOT / path).exists(), path


def test_every_threat_has_a_test_that_shows_its_answer():
    text = (ROOT / "docs" / "architecture" / "threat_model.md").read_text()
    tables = text.split("| threat | answer | shown by |")[1:]
    rows = [line for table in tables for line in table.splitlines()[2:] if line.startswith("|")]
    assert len(rows) > 25
    assert [row for row in rows if "`test" not in row] == []


def test_every_requirement_of_uploads_is_met_and_shown_by_what_is_there(known_tests):
    text = (ROOT / "docs" / "architecture" / "security_design.md").read_text()
    table = text.split("## Uploads")[1]
    rows = [line.split("|")[1:4] for line in table.splitlines() if line.startswith("| ")]
    threats = {case.threat for case in CASES}
    for requirement, _, shown in rows[1:]:
        tests, named = re.findall(r"`(test_\w+)`", shown), re.findall('"([^"]+)"', shown)
        assert set(tests) <= known_tests, requirement
        assert set(named) <= threats, requirement
        assert tests or named or "CSRF" in requirement, requirement
    chapter = set(re.findall(r"V5\.\d\.\d", table))
    assert chapter == {
        "V5.1.1",
        *(f"V5.2.{number}" for number in range(1, 7)),
        *(f"V5.3.{number}" for number in range(1, 4)),
        *(f"V5.4.{number}" for number in range(1, 4)),
    }


def test_every_measure_has_its_figure_and_a_command_that_is_there():
    text = (ROOT / "docs" / "development" / "figures.md").read_text()
    rows = re.findall(r"^\| (D\d+) \|(.+)\|$", text, re.MULTILINE)
    assert [name for name, _ in rows] == [f"D{number}" for number in range(1, 12)]
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    for _name, row in rows:
        *_, figure, command = (cell.strip() for cell in row.split(" | "))
        assert figure
        assert all((ROOT / path).exists() for path in re.findall(r"tests/[\w/.]+", command))
        assert set(re.findall(r"`make ([a-z-]+)", command)) <= set(targets)
        assert set(re.findall(r"benchmarks --only (\w+)", command)) <= set(GROUPS)


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_runs_what_the_makefile_and_tox_have(workflow):
    text = workflow.read_text()
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"run: make ([a-z-]+)", text)) <= targets
    for name in re.findall(r"environment: (py\w+-\w+-\w+)", text):
        assert re.fullmatch(
            r"py311-django52-(sqlite|postgres)|py31[234]-django(52|60|61)-\w+", name
        )
    for pins in re.findall(r"pins: \[(.+)\]", text):
        assert all((ROOT / "requirements" / f"{one}.txt").exists() for one in pins.split(", "))


def test_the_matrix_of_the_workflow_has_every_django_python_and_database():
    text = (ROOT / ".github" / "workflows" / "ci.yml").read_text()
    named = re.findall(r"environment: (py\d+)-(django\d+)-(\w+)", text)
    classifiers = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["classifiers"]
    lines = [line.split(" :: ") for line in classifiers]
    pythons = {one[2] for one in lines if one[1] == "Python" and re.match(r"3\.", one[-1])}
    djangos = {one[2] for one in lines if one[1] == "Django" and len(one) == 3}
    assert {python for python, *_ in named} == {f"py{one.replace('.', '')}" for one in pythons}
    assert {django for _, django, _ in named} == {
        f"django{one.replace('.', '')}" for one in djangos
    }
    for django in djangos:
        databases = {
            database for _, one, database in named if one.endswith(django.replace(".", ""))
        }
        assert databases == {"sqlite", "postgres"}


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_has_no_right_that_it_does_not_name(workflow):
    text = workflow.read_text()
    assert re.search(r"^permissions:\n  contents: read$", text, re.MULTILINE)
    assert text.count("actions/checkout@") == text.count("persist-credentials: false")
    assert "password" not in re.sub(r"#.*", "", text)


@pytest.mark.parametrize("program", ["ruff", "codespell"])
def test_what_runs_before_a_commit_is_of_the_version_of_the_pins(program):
    pins = (ROOT / "requirements" / "lint.txt").read_text()
    pinned = re.search(rf"^{program}==(\S+)", pins, re.MULTILINE)
    hooks = (ROOT / ".pre-commit-config.yaml").read_text()
    found = re.search(rf"repo: \S+/{program}(?:-pre-commit)?\n.*?rev: v(\S+)", hooks, re.DOTALL)
    assert found[1] == pinned[1]


def test_every_group_of_dependencies_has_its_pins_and_every_package_its_reason():
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    reasons = (ROOT / "docs" / "architecture" / "dependencies.md").read_text().lower()
    for name, requirements in groups.items():
        assert (ROOT / "requirements" / f"{name}.txt").exists()
        for requirement in requirements:
            package = re.match(r"[\w-]+", requirement)[0].lower()
            if name != "peers":
                assert package in reasons, f"{package} has no line in dependencies.md"
