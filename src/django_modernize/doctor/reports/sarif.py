"""A report in SARIF 2.1.0, which code hosts and editors show beside the code.

See https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html.
"""

import json
from typing import Any, Final

from ... import __version__
from ..findings import Finding, Level, Rule
from .paths import name_path

__all__ = ["write_sarif"]

SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS: Final = {Level.INFO: "note", Level.WARNING: "warning", Level.ERROR: "error"}


def write_sarif(findings: list[Finding]) -> str:
    """Return one run with its rules and results."""
    rules = {finding.rule.id: finding.rule for finding in findings}
    driver = {
        "name": "modernize_doctor",
        "version": __version__,
        "rules": [_describe_rule(rule) for _id, rule in sorted(rules.items())],
    }
    results = [_describe_result(finding) for finding in findings]
    report = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": results}],
    }
    return json.dumps(report, indent=2)


def _describe_rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": f"modernize.{rule.id}",
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.reason},
        "defaultConfiguration": {"level": LEVELS[rule.level]},
    }


def _describe_result(finding: Finding) -> dict[str, Any]:
    symptom = finding.symptom
    return {
        "ruleId": finding.check_id,
        "level": LEVELS[finding.level],
        "message": {"text": f"{symptom.message} Write: {symptom.fix}"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": name_path(symptom.place.path)},
                    "region": {"startLine": symptom.place.line},
                }
            }
        ],
    }
