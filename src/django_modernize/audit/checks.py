"""System checks of the audit trail and its triggers."""

from collections.abc import Iterator, Sequence

from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as CheckWarning
from django.db import DatabaseError, connections

from ..exceptions import TrackingError
from ..triggers.declarations import TRIGGER_PREFIX
from ..triggers.faults import find_faults, is_migrating
from ..triggers.installer import TriggerReport
from ..triggers.routing import hint_at_routers
from ..triggers.vendors import is_supported
from .masking import find_secret, list_secret_readers
from .partitions.checks import check_partitions
from .tracking import get_tracked, wants_hashes

__all__ = ["check_hashes", "check_tracked_names", "check_triggers", "register_checks"]

INSTALL_HINT = "Run: python manage.py modernize_triggers --install --database {0}"


def register_checks() -> None:
    """Register the checks of the audit trail."""
    register(check_tracked_names, Tags.models)
    register(check_triggers, Tags.database)
    register(check_hashes, Tags.database)
    register(check_partitions, Tags.database)


def check_tracked_names(**kwargs: object) -> list[CheckMessage]:
    """Check for names in ``exclude`` and ``mask`` that are not fields (modernize.E201)."""
    messages: list[CheckMessage] = []
    for tracked in get_tracked():
        try:
            tracked.check_names()
        except TrackingError as error:
            messages.append(
                Error(
                    str(error),
                    hint=f"See @track on {tracked.model.__name__}.",
                    obj=tracked.model,
                    id="modernize.E201",
                )
            )
    return messages


def check_triggers(
    *, databases: Sequence[str] | None = None, **kwargs: object
) -> list[CheckMessage]:
    """Compare the triggers in the databases with the models (modernize.E202 to E206)."""
    return [message for alias in databases or () for message in _check_database(alias)]


def check_hashes(*, databases: Sequence[str] | None = None, **kwargs: object) -> list[CheckMessage]:
    """Check for databases that cannot hash or whose key others can read (W208, W209)."""
    if not wants_hashes():
        return []
    aliases = [alias for alias in databases or () if is_supported(connections[alias])]
    return [message for alias in aliases for message in _check_secret(alias)]


def _check_secret(alias: str) -> list[CheckMessage]:
    connection = connections[alias]
    try:
        secret, readers = find_secret(connection), list_secret_readers(connection)
    except DatabaseError:
        return []  # check_triggers says so
    if secret is None:
        return [
            CheckWarning(
                f"Database {alias!r} has no key to hash with, so fields with mask 'hash' are "
                "shown as stars in its trail.",
                hint=f"Run: python manage.py migrate --database {alias}. SQLite has no hash "
                "function for triggers: silence this warning there, or use the mask 'stars'.",
                id="modernize.W208",
            )
        ]
    return [
        CheckWarning(
            f"{reader} may read {secret.table} of database {alias!r}, the key of hashed values: "
            "anyone with the key can guess values and compare their hashes.",
            hint=f"Run: REVOKE ALL ON {secret.table} FROM {reader};",
            id="modernize.W209",
        )
        for reader in readers
    ]


def _check_database(alias: str) -> list[CheckMessage]:
    connection = connections[alias]
    if not is_supported(connection):
        return []
    try:
        report = find_faults(connection)
    except DatabaseError as error:
        # Without a connection, other checks report more; an error here would hide them.
        return [
            CheckWarning(
                f"The audit triggers of database {alias!r} cannot be read: {error}",
                hint="Check that the database can be reached, then run the check again.",
                id="modernize.W205",
            )
        ]
    return [*_report_absent(alias, report), *_report_faulty(alias, report)]


def _report_faulty(alias: str, report: TriggerReport) -> Iterator[CheckMessage]:
    """Report each trigger of the trail that is not as expected."""
    findings = (
        (report.missing, "is missing", "modernize.E202"),
        (report.stale, "is out of date with its model, or was changed by hand", "modernize.E203"),
        (
            report.disabled,
            "is disabled, or the session acts as a replica (session_replication_role)",
            "modernize.E204",
        ),
    )
    for triggers, problem, identifier in findings:
        for trigger in triggers:
            if trigger.name.startswith(TRIGGER_PREFIX):
                yield Error(
                    f"The audit trigger {trigger.name} on table {trigger.table} of database "
                    f"{alias!r} {problem}: changes to its rows are not recorded correctly.",
                    hint=INSTALL_HINT.format(alias),
                    id=identifier,
                )


def _report_absent(alias: str, report: TriggerReport) -> list[CheckMessage]:
    """Report the missing tables of the trail.

    This is an error only if triggers need them. Reports nothing during ``migrate``, which creates
    them.
    """
    if not report.absent or is_migrating():
        return []
    kind: type[CheckMessage]
    if report.trail_count:
        kind, number, consequence = Error, "E206", "every change to a tracked row fails"
    else:
        kind, number, consequence = CheckWarning, "W207", "no change is recorded"
    return [
        kind(
            f"Database {alias!r} lacks {', '.join(report.absent)}, so {consequence}.",
            hint=hint_at_routers(alias, "modernize_audit")
            or f"Run: python manage.py migrate --database {alias}. If that does not help, "
            "the tables were dropped after migrating: restore them from a backup.",
            id=f"modernize.{number}",
        )
    ]
