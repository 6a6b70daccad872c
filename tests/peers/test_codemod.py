"""A project that uses the packages answers as before once its code is brought over."""

import subprocess
import sys
from io import StringIO
from pathlib import Path
from shutil import copytree, ignore_patterns

import pytest
from django.core.management import call_command

SHOP = Path(__file__).parent / "shop"


@pytest.fixture
def project(tmp_path):
    copytree(SHOP, tmp_path / "shop", ignore=ignore_patterns("__pycache__"))
    return tmp_path


def run_codemod(project):
    output = StringIO()
    call_command("modernize_codemod", project / "shop", write=True, stdout=output)
    return output.getvalue()


def observe(project):
    command = [sys.executable, "-c", "import shop.observe"]
    environment = {"PYTHONPATH": str(project), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        command, cwd=project, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_project_that_was_brought_over_answers_as_before(project):
    before = observe(project)
    run_codemod(project)
    assert observe(project) == before
    assert "parcel (False, 'sent') 1" in before
    assert "note ann bob" in before
    assert before.endswith("note ann None\n")


def test_what_is_left_of_the_packages_is_what_the_command_lists(project):
    remarks = run_codemod(project)
    models = (project / "shop" / "models.py").read_text(encoding="utf-8")
    left = ["from django_lifecycle import AFTER_UPDATE, LifecycleModelMixin, hook"]
    left += ["from model_utils import Choices"]
    packages = ("dirtyfields", "django_currentuser", "django_lifecycle", "model_utils")
    assert [
        line
        for line in models.splitlines()
        if line.startswith(tuple(f"from {p}" for p in packages))
    ] == left
    assert "hook of Parcel.count_sending" in remarks


def test_a_second_run_changes_nothing(project):
    run_codemod(project)
    files = {file: file.read_bytes() for file in (project / "shop").glob("*.py")}
    run_codemod(project)
    assert {file: file.read_bytes() for file in files} == files
