"""A report that people read."""

from collections import Counter
from collections.abc import Iterator
from textwrap import fill

from ..findings import Finding
from .paths import name_path

__all__ = ["write_text"]


def write_text(findings: list[Finding]) -> str:
    """Return each finding with why it hurts and what to write, and a count at the end."""
    lines = [line for finding in findings for line in _write_finding(finding)]
    return "\n".join([*lines, _count_levels(findings)])


def _write_finding(finding: Finding) -> Iterator[str]:
    symptom, rule = finding.symptom, finding.rule
    place = f"{name_path(symptom.place.path)}:{symptom.place.line}"
    yield f"{place}: {finding.level.name.lower()} {rule.id} {rule.title}"
    yield _write_paragraph("", symptom.message)
    yield _write_paragraph("why: ", rule.reason)
    yield _write_paragraph("fix: ", symptom.fix)
    yield f"    silence: {finding.silencer}"
    yield ""


def _write_paragraph(title: str, text: str) -> str:
    return fill(
        title + text,
        width=100,
        initial_indent="    ",
        subsequent_indent="         ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _count_levels(findings: list[Finding]) -> str:
    if not findings:
        return "Nothing found."
    counts = Counter(finding.level for finding in findings)
    parts = [f"{count} {level.name.lower()}" for level, count in sorted(counts.items())]
    mechanical = sum(finding.symptom.repair is not None for finding in findings)
    tail = f" {mechanical} can be repaired with --write." if mechanical else ""
    return f"{len(findings)} found: {', '.join(reversed(parts))}.{tail}"
