"""What the deployment's files and pages name is there: files, commands, variables."""

import re
from importlib import import_module
from pathlib import Path

import pytest
import yaml
from django.core.management import find_commands, get_commands, load_command_class

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "docs" / "deployment").glob("*.md"))
EVERY_PAGE = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
MORE = ("django_tasks_db", "django_modernize.contrib.audit_import")
"""Applications whose commands pages name, and AriStay does not have."""

COMPOSE = ROOT / "compose.yaml"
DOCKERFILE = ROOT / "Dockerfile"
SOURCES = "".join(path.read_text() for path in sorted((ROOT / "example_project").rglob("*.py")))
VARIABLE = re.compile(r"\bARISTAY_[A-Z_]+\b|\bDATABASE_URL\b")


@pytest.fixture(scope="module")
def services():
    return yaml.safe_load(COMPOSE.read_text())["services"]


@pytest.mark.parametrize("path", [COMPOSE, DOCKERFILE, *PAGES], ids=lambda path: path.name)
def test_every_variable_that_is_named_is_read(path):
    named = set(VARIABLE.findall(path.read_text()))
    assert {name for name in named if f'"{name}"' not in SOURCES} == set()


@pytest.fixture(scope="module")
def commands():
    """The commands of AriStay and of what a project may add, by name with their applications."""
    known = dict(get_commands())
    for application in MORE:
        folder = Path(import_module(application).__file__).parent / "management"
        known |= dict.fromkeys(find_commands(str(folder)), application)
    return known


@pytest.mark.parametrize(
    "path", [COMPOSE, DOCKERFILE, *EVERY_PAGE], ids=lambda path: str(path.relative_to(ROOT))
)
def test_every_command_that_is_named_is_there_with_its_options(path, commands):
    named = re.findall(r"(?:manage\.py|--rm job) ([a-z_]+)([^`|\n#]*)", path.read_text())
    for name, rest in named:
        assert name in commands.keys() | {"help"}, f"{path.name} names {name}"
        # Without its application a command of the queue cannot be loaded.
        if options := set(re.findall(r"(--[a-z][a-z-]+)", rest)):
            parser = load_command_class(commands[name], name).create_parser("manage.py", name)
            assert options <= parser._option_string_actions.keys(), f"{name} of {path.name}"


def test_every_variable_of_the_settings_is_explained_in_the_page_on_production():
    page = (ROOT / "docs" / "deployment" / "production.md").read_text()
    read = set(re.findall(r'"(ARISTAY_[A-Z_]+|DATABASE_URL)"', SOURCES))
    of_the_demo = {"ARISTAY_DEMO_PASSWORD"}
    # Names of settings, which no environment has.
    of_django = {name for name in read if f'settings, "{name}"' in SOURCES}
    assert {name for name in read if f"`{name}`" not in page} == of_the_demo | of_django


def test_the_image_has_files_that_exist_and_ends_as_a_user_without_rights():
    text = DOCKERFILE.read_text()
    for name in re.findall(r"--requirement (\S+)", text):
        assert (ROOT / name).is_file()
    for line in re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE):
        assert all((ROOT / name).exists() for name in line.split())
    users = re.findall(r"^USER (.+)$", text, re.MULTILINE)
    assert users[-1] not in ("root", "0")
    assert not re.search(r"^ADD ", text, re.MULTILINE)
    assert ":latest" not in text
    assert "/health/live" in text


def test_the_composed_aristay_owns_its_database_and_is_no_superuser(services):
    script = (ROOT / "compose.sql").read_text()
    assert (
        "./compose.sql:/docker-entrypoint-initdb.d/aristay.sql:ro"
        in services["database"]["volumes"]
    )
    assert re.findall(r"^CREATE ROLE .+;", script, re.MULTILINE) == [
        "CREATE ROLE aristay LOGIN PASSWORD :'password';"
    ]
    assert "CREATE DATABASE aristay OWNER aristay;" in script
    assert services["database"]["environment"].keys() == {"POSTGRES_PASSWORD", "DATABASE_PASSWORD"}
    for name in ("release", "web", "worker", "job"):
        settings = services[name]["environment"]
        assert settings["DATABASE_URL"].startswith("postgresql://aristay:${DATABASE_PASSWORD:?}@")
        assert "POSTGRES_PASSWORD" not in str(settings)


def test_what_the_image_is_built_from_is_not_ignored():
    kept = (ROOT / ".dockerignore").read_text().splitlines()
    for line in re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE.read_text(), re.MULTILINE):
        for name in line.split():
            assert f"!{name}" in kept


def test_no_service_of_ours_can_do_more_than_it_has_to(services):
    for name in ("release", "web", "worker", "job"):
        assert services[name]["read_only"]
        assert services[name]["cap_drop"] == ["ALL"]


def test_a_release_comes_before_the_web_server_and_after_the_database(services):
    assert services["web"]["depends_on"]["release"]["condition"] == "service_completed_successfully"
    assert services["release"]["depends_on"]["database"]["condition"] == "service_healthy"


def test_no_secret_stands_in_the_compose_file(services):
    for service in services.values():
        for name, value in service["environment"].items():
            if re.search("KEY|PASSWORD", name):
                assert value.startswith("${")
                assert value.endswith(":?}")


def test_the_image_is_built_and_asked_whether_it_is_well_by_each_run_of_ci():
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())["jobs"]
    steps = [step.get("run", "") for step in jobs["image"]["steps"]]
    assert "docker compose build" in steps
    for name in ("live", "ready"):
        assert any(step.startswith("curl --fail") and f"/health/{name}" in step for step in steps)
