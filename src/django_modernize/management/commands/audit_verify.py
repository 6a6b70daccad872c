"""``audit_verify``: verify the audit trail."""

import json
import os
from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS

from django_modernize.audit import load_seals, verify
from django_modernize.audit.ledger.exports import ExportError
from django_modernize.audit.ledger.findings import VerificationReport


class Command(BaseCommand):
    """Verify the trail, and exit with an error if an event is not as it was sealed."""

    help = (
        "Compare the audit trail with its seals, and report each event that was edited, removed, "
        "inserted or moved. Exits with an error if there is one."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--database", default=DEFAULT_DB_ALIAS, help="its alias (default)")
        parser.add_argument(
            "--against",
            type=Path,
            metavar="FILE",
            help="an export of the seals, kept elsewhere: detects a trail that was rewritten",
        )
        parser.add_argument(
            "--processes",
            type=int,
            default=os.cpu_count() or 1,
            metavar="N",
            help="number of processes that compare events (one per processor)",
        )
        parser.add_argument("--format", choices=("text", "json"), default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        """Verify and report."""
        try:
            report = verify(
                options["database"],
                against=self._read_export(options["against"]),
                processes=options["processes"],
                progress=self._show_progress if self.stderr.isatty() else None,
            )
        except (OSError, ExportError) as error:
            raise CommandError(f"The export cannot be read: {error}") from error
        write = self._write_json if options["format"] == "json" else self._write_text
        write(report)
        if not report.is_sound:
            raise CommandError(f"The trail failed verification: {report.problem_count:,} problems.")

    def _read_export(self, path: Path | None) -> Iterable[dict[str, Any]]:
        if path is None:
            return []
        with path.open(encoding="utf-8") as lines:
            return list(load_seals(lines))

    def _show_progress(self, count: int) -> None:
        self.stderr.write(f"\r{count:,} events", ending="")

    def _write_text(self, report: VerificationReport) -> None:
        for finding in report.findings:
            self.stdout.write(f"{finding.problem}: {finding.detail}")
        if report.problem_count > len(report.findings):
            self.stdout.write(f"... and {report.problem_count - len(report.findings):,} more.")
        self.stdout.write(
            f"{report.event_count:,} events in {report.seal_count:,} seals verified, "
            f"{report.pruned_count:,} pruned; {report.unsealed_count:,} not sealed yet"
            + (f", the oldest of {report.oldest_unsealed}." if report.oldest_unsealed else ".")
        )

    def _write_json(self, report: VerificationReport) -> None:
        oldest = report.oldest_unsealed
        said = {
            "sound": report.is_sound,
            "seals": report.seal_count,
            "events": report.event_count,
            "pruned": report.pruned_count,
            "unsealed": report.unsealed_count,
            "oldest_unsealed": None if oldest is None else oldest.isoformat(),
            "problems": report.problem_count,
            "findings": [
                {
                    "problem": str(finding.problem),
                    "event": finding.event_id,
                    "seal": finding.seal_number,
                    "detail": finding.detail,
                }
                for finding in report.findings
            ],
        }
        self.stdout.write(json.dumps(said, indent=2))
