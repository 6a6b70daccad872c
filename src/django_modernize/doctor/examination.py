"""Apply the rules to a project."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from django.conf import settings

from .findings import Finding, Rule
from .projects import Project
from .rules import RULES
from .sources import Place

__all__ = ["examine_project"]


def examine_project(
    project: Project,
    *,
    rules: Iterable[Rule] = RULES,
    report_progress: Callable[[str], None] = lambda title: None,
) -> list[Finding]:
    """Return the findings in a project, sorted by file and line.

    Args:
        project: The applications to examine.
        rules: The rules to apply.
        report_progress: Called with the title of each rule before it is applied.

    Costs no query, since only models, registrations and source files are examined, not data.
    """
    findings: list[Finding] = []
    for rule in rules:
        if f"modernize.{rule.id}" in settings.SILENCED_SYSTEM_CHECKS:
            continue
        report_progress(rule.title)
        findings += _apply_rule(project, rule)
    return sorted(findings, key=lambda finding: (finding.symptom.place, finding.rule.id))


def _apply_rule(project: Project, rule: Rule) -> Iterator[Finding]:
    told: set[tuple[Place, str]] = set()
    for symptom in rule.examine(project):
        place = symptom.place
        # A field of a base class is reported once, however many models inherit it.
        key = place, symptom.subject.rpartition(".")[2]
        if key in told:
            continue
        told.add(key)
        known = place.path.suffix == ".py" and place.path.exists()
        if known and project.read_source(place.path).is_silenced(place.line, rule.id):
            continue
        yield Finding(rule=rule, symptom=symptom)
