"""``modernize_doctor``: find legacy habits in a project."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.apps import AppConfig, apps
from django.core.management.base import BaseCommand, CommandError

from ...doctor.examination import examine_project
from ...doctor.findings import Finding, Level
from ...doctor.projects import Project, find_own_applications
from ...doctor.repairing import repair_files
from ...doctor.reports import REPORTS


class Command(BaseCommand):
    """Report problems with the reason and what to write instead, or repair them."""

    help = (
        "Look for habits that lose data or surprise people: unchecked uploads, stays that can "
        "overlap, histories in a text column, and more. Each finding says where it is, why it "
        "matters, what to write instead, and how to silence it. Reads only code, no database."
    )
    # A project with errors needs the doctor most.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument(
            "--app",
            action="append",
            dest="labels",
            metavar="LABEL",
            help="an application to examine, may be repeated (default: all of the project's own)",
        )
        parser.add_argument(
            "--format",
            choices=sorted(REPORTS),
            default="text",
            help="text for people, json for programs, sarif or github for code review",
        )
        parser.add_argument(
            "--fail-level",
            choices=[level.name.lower() for level in Level] + ["never"],
            default="warning",
            help="exit with status 1 if anything of this level or above is found (warning)",
        )
        parser.add_argument(
            "--write",
            action="store_true",
            help="show the repairs that need no decision as a diff, ask, and write them",
        )
        parser.add_argument(
            "--no-input",
            action="store_false",
            dest="interactive",
            help="with --write: do not ask",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Examine the project, report the findings, and repair them if requested."""
        findings = examine_project(
            Project(self._choose_applications(options["labels"])),
            report_progress=lambda title: self._show_progress(title, options["verbosity"]),
        )
        if options["write"]:
            self._repair(findings, interactive=options["interactive"])
            return
        report = REPORTS[options["format"]](findings)
        if report:
            self.stdout.write(report)
        if options["fail_level"] != "never":
            limit = Level[options["fail_level"].upper()]
            if any(finding.level >= limit for finding in findings):
                sys.exit(1)

    def _choose_applications(self, labels: list[str] | None) -> list[AppConfig]:
        if not labels:
            return find_own_applications()
        try:
            return [apps.get_app_config(label) for label in labels]
        except LookupError as error:
            raise CommandError(str(error)) from error

    def _show_progress(self, title: str, verbosity: int) -> None:
        if verbosity > 1:
            self.stderr.write(f"Looking for: {title}")

    def _repair(self, findings: list[Finding], *, interactive: bool) -> None:
        files = repair_files(findings)
        for file in files:
            for line in file.show_changes():
                self.stdout.write(line)
        if not files:
            self.stdout.write("Nothing can be repaired automatically.")
            return
        if interactive and input("Write these changes? [y/N] ").strip().lower() != "y":
            self.stdout.write("Nothing written.")
            return
        for file in files:
            file.write()
        count = "1 file" if len(files) == 1 else f"{len(files)} files"
        self.stdout.write(
            f"{count} written. Review the changes, then run: python manage.py makemigrations"
        )
