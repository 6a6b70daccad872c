"""A report for programs."""

import json
from typing import Any

from ..findings import Finding
from .paths import name_path

__all__ = ["write_json"]


def write_json(findings: list[Finding]) -> str:
    """Return a list of objects, one for each finding."""
    return json.dumps([_describe_finding(finding) for finding in findings], indent=2)


def _describe_finding(finding: Finding) -> dict[str, Any]:
    symptom, rule = finding.symptom, finding.rule
    return {
        "id": finding.check_id,
        "level": finding.level.name.lower(),
        "title": rule.title,
        "subject": symptom.subject,
        "path": name_path(symptom.place.path),
        "line": symptom.place.line,
        "message": symptom.message,
        "why": rule.reason,
        "fix": symptom.fix,
        "silence": finding.silencer,
        "repairable": symptom.repair is not None,
    }
