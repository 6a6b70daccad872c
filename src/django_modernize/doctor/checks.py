"""The doctor's findings as Django's system checks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.apps import AppConfig
from django.core.checks import CheckMessage, register

from .examination import examine_project
from .findings import Finding
from .projects import Project, find_own_applications

__all__ = ["TAG", "check_habits", "register_checks"]

TAG: Final = "modernize_doctor"
"""For ``manage.py check --tag modernize_doctor``."""


def register_checks() -> None:
    """Register the findings as checks."""
    register(check_habits, TAG)


def check_habits(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Return the doctor's findings as ``modernize.W401`` to ``modernize.W418``.

    Args:
        app_configs: The applications to check, or ``None`` for the project's own, without those
            of installed packages.
        **kwargs: The other arguments that Django passes to every check.
    """
    project = Project(find_own_applications() if app_configs is None else app_configs)
    return [_make_message(finding) for finding in examine_project(project)]


def _make_message(finding: Finding) -> CheckMessage:
    symptom = finding.symptom
    return CheckMessage(
        finding.level,
        f"{symptom.message} {finding.rule.reason}",
        hint=f"Write: {symptom.fix}",
        obj=f"{symptom.place.path}:{symptom.place.line} ({symptom.subject})",
        id=finding.check_id,
    )
