"""``autotasks_rules``: export rules to a file, and import them from one."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ...autotasks.exceptions import RulesInvalid, SubjectError
from ...autotasks.sharing import read_rules, write_rules
from ...autotasks.subjects import get_subject


class Command(BaseCommand):
    """Export or import templates of automatic tasks as text."""

    help = (
        "Export the templates of automatic tasks to a JSON file, for version control or another "
        "installation, or import them from one: templates with the same name are updated, others "
        "are created, none is deleted. Nothing is stored if any of them is invalid."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("act", choices=["export", "import"])
        parser.add_argument("subject", metavar="KEY", help="what the templates are about")
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--dry-run", action="store_true", help="show what an import would do, without doing it"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Export or import the file."""
        try:
            subject = get_subject(options["subject"])
            if options["act"] == "export":
                found = subject.templates._default_manager.filter(subject_key=subject.key)
                options["file"].write_text(write_rules(subject, found), encoding="utf-8")
                self.stdout.write(f"{options['file']}: {found.count()} rules")
                return
            text = options["file"].read_text(encoding="utf-8")
            done = read_rules(subject, text, dry_run=options["dry_run"])
        except (OSError, SubjectError) as error:
            raise CommandError(str(error)) from error
        except RulesInvalid as error:
            raise CommandError("\n".join(["Nothing was stored.", *error.problems])) from error
        told = ", ".join(
            f"{len(names)} {word}"
            for word, names in (
                ("created", done.created),
                ("changed", done.changed),
                ("unchanged", done.unchanged),
            )
        )
        self.stdout.write(f"{'Dry run, nothing stored: ' if options['dry_run'] else ''}{told}")
