"""A report that GitHub's workflows show beside the changed lines.

See https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions.
"""

from typing import Final

from ..findings import Finding, Level
from .paths import name_path

__all__ = ["write_github"]

COMMANDS: Final = {Level.INFO: "notice", Level.WARNING: "warning", Level.ERROR: "error"}


def write_github(findings: list[Finding]) -> str:
    """Return a workflow command for each finding."""
    return "\n".join(_write_command(finding) for finding in findings)


def _write_command(finding: Finding) -> str:
    symptom, rule = finding.symptom, finding.rule
    properties = {
        "file": name_path(symptom.place.path),
        "line": str(symptom.place.line),
        "title": f"{finding.check_id} {rule.title}",
    }
    given = ",".join(f"{name}={_escape_property(value)}" for name, value in properties.items())
    message = _escape_message(f"{symptom.message} {rule.reason}\nFix: {symptom.fix}")
    return f"::{COMMANDS[finding.level]} {given}::{message}"


def _escape_message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape_message(text).replace(":", "%3A").replace(",", "%2C")
