"""Applications with habits, written as files, for tests of the doctor."""

import importlib
import sys
import textwrap
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from django.apps import apps
from django.test.utils import modify_settings

from django_modernize.doctor.examination import examine_project
from django_modernize.doctor.findings import Finding
from django_modernize.doctor.projects import Project
from django_modernize.doctor.repairing import repair_files

NUMBERS = count()
HEAD = """\
import datetime

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models

from django_modernize.integrity import Before, NoOverlap, UniqueAlive
from django_modernize.models import SoftDeleteMixin
"""


class Habits:
    """An application in a folder of its own: files are added, then it is examined."""

    def __init__(self, folder: Path) -> None:
        self.name = f"habits_{next(NUMBERS)}"
        self.folder = folder / self.name
        self.folder.mkdir()
        self.write("__init__", "")

    def write(self, module: str, code: str, *, head: str = "") -> Path:
        """Write a module of the application."""
        path = self.folder / f"{module}.py"
        path.write_text(head + textwrap.dedent(code))
        return path

    def write_models(self, code: str) -> Path:
        """Write ``models.py`` below the imports that models need."""
        return self.write("models", code, head=HEAD)

    def examine(self, *modules: str) -> list[Finding]:
        """Import the models and other modules, and return what the doctor finds."""
        with self.imported("models", *modules) as project:
            return examine_project(project)

    def repair(self) -> dict[str, str]:
        """Return the files as they would be after the repairs, by name."""
        with self.imported("models") as project:
            files = repair_files(examine_project(project))
        return {file.path.name: file.after.decode() for file in files}

    @contextmanager
    def imported(self, *modules: str):
        sys.path.insert(0, str(self.folder.parent))
        importlib.invalidate_caches()
        try:
            with modify_settings(INSTALLED_APPS={"append": self.name}):
                for name in modules:
                    importlib.import_module(f"{self.name}.{name}")
                yield Project([apps.get_app_config(self.name)])
        finally:
            sys.path.remove(str(self.folder.parent))
            for name in [one for one in sys.modules if one.split(".")[0] == self.name]:
                del sys.modules[name]
            apps.all_models.pop(self.name, None)
            apps.clear_cache()


def ids(findings: list[Finding]) -> list[str]:
    """Return the rules that were broken."""
    return [finding.rule.id for finding in findings]


def find(habits, code):
    """Return the rules that models break, each with the line."""
    habits.write_models(code)
    return habits.examine()


def assert_found(habits, rule, code):
    """Expect one finding of a rule, in the line that ends in ``# here``."""
    findings = [one for one in find(habits, code) if one.rule.id == rule]
    lines = (habits.folder / "models.py").read_text().splitlines()
    expected = [number for number, line in enumerate(lines, 1) if line.endswith("# here")]
    assert [one.symptom.place.line for one in findings] == expected
    assert all(one.symptom.fix and one.rule.reason for one in findings)


def assert_silent(habits, rule, code):
    assert rule not in ids(find(habits, code))
