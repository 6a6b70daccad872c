"""``manage.py modernise_phase``: migrate one phase forward or back, after a backup."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS

from api.modernising.phases import Phase, read_phases
from api.services.backup import BackupError, create_backup


class Command(BaseCommand):
    """Migrate from phase to phase."""

    help = (
        "Without an argument lists the phases and which are done. With one it makes a backup, then "
        "goes to the next phase, back by one, or on or back until a phase is the last that is done."
    )
    # Between phases, the tables do not match the models.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the arguments."""
        parser.add_argument("phase", nargs="?", help="next, back, or a phase's name or number")
        parser.add_argument("--backups", type=Path, help="the folder that the backup goes to")
        parser.add_argument("--database", default=DEFAULT_DB_ALIAS, help="its alias (default)")

    def handle(self, *args: Any, **options: Any) -> None:
        """List the phases, or migrate to one."""
        phases = read_phases(options["database"])
        if options["phase"] is None:
            for phase in phases:
                self.stdout.write(f"[{'X' if phase.is_done else ' '}] {phase.name}: {phase.says}")
            return
        target = _choose_phase(phases, options["phase"])
        self._back_up(options)
        call_command(
            "migrate",
            "api",
            target.name,
            database=options["database"],
            verbosity=options["verbosity"],
            skip_checks=True,
            stdout=self.stdout,
        )
        self.stdout.write(f"The last phase that is done is {target.name}.")

    def _back_up(self, options: dict[str, Any]) -> None:
        if options["backups"] is None:
            raise CommandError("Say where the backup goes: --backups FOLDER.")
        try:
            report = create_backup(options["backups"], using=options["database"])
        except BackupError as error:
            raise CommandError(f"There is no backup, so nothing was changed. {error}") from error
        self.stdout.write(f"Backup: {report.path}")


def _choose_phase(phases: list[Phase], wanted: str) -> Phase:
    done = [phase for phase in phases if phase.is_done]
    if not done:
        raise CommandError("No phase is done: adopt the legacy database first (adopt_legacy).")
    if wanted == "next":
        if len(done) == len(phases):
            raise CommandError("Every phase is done.")
        return phases[len(done)]
    if wanted == "back":
        if len(done) == 1:
            raise CommandError("The database is that of the legacy system: there is no way back.")
        return done[-2]
    found = [phase for phase in phases if wanted in (phase.name, phase.name.partition("_")[0])]
    if not found:
        raise CommandError(f"{wanted!r} is no phase: name one of the list, or say next or back.")
    return found[0]
