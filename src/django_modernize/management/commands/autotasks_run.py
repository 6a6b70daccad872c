"""``autotasks_run``: run the rules of automatic tasks for all subjects."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from ...autotasks.exceptions import SubjectError
from ...autotasks.occasions import list_occasions
from ...autotasks.running import run_subject
from ...autotasks.schedules import list_schedules, run_schedules
from ...autotasks.subjects import Subject, get_subject, list_subjects


class Command(BaseCommand):
    """Create the tasks that are now within their horizon, and those missed before."""

    help = (
        "Run the templates of automatic tasks over all their subjects: create missing tasks, move "
        "and cancel those that no longer fit. Run it once a day for templates that wait until a "
        "date is near, and whenever something was written past the rules. It is safe to run "
        "twice: no task is created again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--subject", metavar="KEY", help="a kind of subject (default: all)")
        parser.add_argument(
            "--events-since",
            type=float,
            metavar="HOURS",
            default=0,
            help="also handle what was changed, cancelled, deleted or restored in this many last "
            "hours",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the rules."""
        try:
            chosen = [get_subject(options["subject"])] if options["subject"] else list_subjects()
        except SubjectError as error:
            raise CommandError(str(error)) from error
        for subject in chosen:
            self._run(subject, hours=options["events_since"], verbosity=options["verbosity"])
        for schedule in [] if options["subject"] else list_schedules():
            name = schedule.model._meta.verbose_name_plural
            self.stdout.write(f"{name}: create {run_schedules(schedule):,}")

    def _run(self, subject: Subject, *, hours: float, verbosity: int) -> None:
        def report_progress(done: int, total: int) -> None:
            if verbosity > 1:
                self.stderr.write(f"{subject.key}: {done:,} of {total:,}")

        occasions = list_occasions(subject, self._load_recent(subject, hours)) if hours else ()
        counts = run_subject(subject, occasions=occasions, report_progress=report_progress)
        told = ", ".join(f"{action.value} {count:,}" for action, count in counts.items() if count)
        self.stdout.write(f"{subject.key}: {told or 'nothing to do'}")
        failed = subject.templates._base_manager.filter(is_active=True, failed_at__isnull=False)
        templates: Any = failed.filter(subject_key=subject.key)
        for template in templates:
            self.stderr.write(self.style.ERROR(f"{template} failed: {template.error}"))

    def _load_recent(self, subject: Subject, hours: float) -> Any:
        from ...audit.models import AuditEvent  # requires the trail to be installed

        now = timezone.now()
        events = AuditEvent.objects.during(now - timedelta(hours=hours), now)
        return events.filter(object_type=subject.model._meta.label_lower).order_by("id")
