"""The doctor finds what AriStay suffered from; that it finds no more is told by its own tests."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
LEGACY = {
    "A1": ("modernize.W401", "signals.py", "def ensure_profile"),
    "A2": ("modernize.W402", "models.py", "    user = models.ForeignKey(User"),
    "A3": ("modernize.W403", "models.py", "    image = models.ImageField("),
    "A4": ("modernize.E404", "models.py", "    time_of_day = models.TimeField("),
    "A5": ("modernize.W405", "models.py", "    check_in_date = "),
    "A5, an index": ("modernize.W407", "models.py", "    check_in_date = "),
    "A6": ("modernize.W408", "models.py", "    history = models.TextField("),
    "A7": ("modernize.W409", "models.py", "class Property("),
    "A8": ("modernize.W410", "models.py", "    name = models.CharField(max_length=100, unique"),
    "A9": ("modernize.W406", "models.py", "    check_in_date = "),
    "A10": ("modernize.W411", "importing.py", "        Task.objects.create("),
}


def run_doctor(settings, *arguments):
    """Run the command in a process of its own, as a project would."""
    process = subprocess.run(
        [sys.executable, "-m", "django", "modernize_doctor", "--format=json", *arguments],
        cwd=ROOT / "example_project",
        env=os.environ
        | {
            "DJANGO_SETTINGS_MODULE": settings,
            "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT), "."]),
            "ARISTAY_DEBUG": "1",
        },
        capture_output=True,
        text=True,
    )
    return process.returncode, json.loads(process.stdout)


@pytest.fixture(scope="module")
def legacy():
    return run_doctor("legacy.settings")


@pytest.mark.parametrize("row", LEGACY)
def test_each_legacy_problem_is_found_in_its_file_and_line(legacy, row):
    status, findings = legacy
    rule, name, code = LEGACY[row]
    lines = [
        (ROOT / "example_project" / one["path"]).read_text().splitlines()[one["line"] - 1]
        for one in findings
        if one["id"] == rule and one["path"] == f"legacy/{name}"
    ]
    assert any(line.startswith(code) for line in lines), lines
    assert status == 1


def test_a_project_without_admin_and_users_is_examined():
    status, findings = run_doctor("tests.bare_settings")
    assert (status, findings) == (0, [])
