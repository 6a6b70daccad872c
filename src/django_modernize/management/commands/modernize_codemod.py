"""``modernize_codemod``: port code from other packages for stamps and diffs."""

from argparse import ArgumentParser
from difflib import unified_diff
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ...codemods.rewriting import rewrite_source
from ...codemods.survey import Survey, survey_sources


class Command(BaseCommand):
    """Show or apply the changes from names of other packages to those of the library."""

    help = (
        "Replace the names of django-model-utils' FieldTracker, django-dirtyfields, "
        "django-lifecycle and django-currentuser. Shows the changes; --write makes them. Lists "
        "what needs changes by hand."
    )
    # A project that is only partly ported may fail its checks.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument(
            "paths", nargs="+", type=Path, help="Python files, or directories that contain them"
        )
        parser.add_argument("--write", action="store_true", help="change the files")

    def handle(self, *args: Any, **options: Any) -> None:
        """Rewrite each file."""
        files = [file for path in options["paths"] for file in _list_files(path)]
        # The name of a tracker or a hook in one file affects how another is rewritten.
        survey = survey_sources(file.read_bytes() for file in files)
        for file in files:
            self._rewrite_file(file, survey, write=options["write"])

    def _rewrite_file(self, file: Path, survey: Survey, *, write: bool) -> None:
        source = file.read_bytes()
        try:
            changed, remarks = rewrite_source(source, survey)
        except (SyntaxError, UnicodeDecodeError) as error:
            self.stderr.write(f"{file}: left alone, {error}")
            return
        if changed != source:
            if write:
                file.write_bytes(changed)
            else:
                self._show_changes(file, source, changed)
        for remark in remarks:
            self.stdout.write(f"{file}:{remark.line}: by hand: {remark.text}")

    def _show_changes(self, file: Path, source: bytes, changed: bytes) -> None:
        before, after = (text.decode().splitlines() for text in (source, changed))
        for line in unified_diff(before, after, str(file), str(file), lineterm=""):
            self.stdout.write(line)


def _list_files(path: Path) -> list[Path]:
    if not path.exists():
        raise CommandError(f"There is no {path}.")
    return sorted(path.rglob("*.py")) if path.is_dir() else [path]
