"""Restore exactly what a deletion hid, or report the conflicts."""

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connections, transaction
from django.db.models import Model, QuerySet

from ..exceptions import RestoreConflict
from ..stamps.triggers import unstamped
from .conflicts import describe_conflicts
from .journal import explaining_journal, put_back_keys
from .relations import find_owner
from .restore_plans import UNMARKED, RestorePlan, Survey, find_restore_plan, list_family
from .signals import Announcement, post_restore, pre_restore

__all__ = ["Restoration"]


class Restoration:
    """Restore every row that the deletions hid, and the foreign keys that they replaced.

    Args:
        model: A model whose rows the deletions hid.
        using: The alias of the database.
        with_parents: Whether to restore the deletions of the rows' parents too.

    Costs one query for what the deletions hid, one for the parents of these rows, one UPDATE per
    model with rows among them, and what :func:`put_back_keys` costs if keys were replaced.
    """

    def __init__(self, model: type[Model], *, using: str, with_parents: bool = False) -> None:
        self.using = using
        self.with_parents = with_parents
        self.plan = find_restore_plan(find_owner(model), using)
        self.ids: list[UUID] = []

    def restore_row(self, row: Model) -> tuple[int, dict[str, int]]:
        """Restore the deletion that hid a row, even if the instance is outdated.

        Returns:
            The number of rows restored, and the number per model. Zero for a live row.

        Raises:
            RestoreConflict: See :meth:`restore_deletions`.
            JournalUnavailable: See there.
        """

        def survey(cursor: Any) -> Survey:
            found = self.plan.survey_row(cursor, row)
            self.ids = [] if found.deletion_id is None else [found.deletion_id]
            return found

        return self._run(survey)

    def restore_deletions(self, deletion_ids: Iterable[UUID]) -> tuple[int, dict[str, int]]:
        """Restore deletions.

        Args:
            deletion_ids: The ids of the deletions.

        Returns:
            The number of rows restored, and the number per model.

        Raises:
            RestoreConflict: A live row holds a value that a restored one needs, or the parent of a
                restored row is still deleted. All conflicts are listed, and nothing is restored.
            JournalUnavailable: The table of the journal is missing. Nothing is restored.
        """
        self.ids = list(dict.fromkeys(deletion_ids))
        if len(self.ids) != 1:
            self.plan = RestorePlan(self.plan.family, self.using, len(self.ids))
        return self._run(self._survey)

    def _run(self, survey: Callable[[Any], Survey]) -> tuple[int, dict[str, int]]:
        try:
            with (
                explaining_journal(self.using),
                unstamped(self.using),
                connections[self.using].cursor() as cursor,
                transaction.atomic(using=self.using),
            ):
                found = survey(cursor)
                if not self.ids:
                    return 0, {}
                return self._unmark_rows(cursor, self._add_parents(cursor, found))
        except IntegrityError as error:
            raise RestoreConflict(self._describe_conflicts() or [str(error)]) from error

    def _add_parents(self, cursor: Any, survey: Survey) -> Survey:
        """Add the deletions of parents, or raise if a row would have a deleted parent."""
        while blocking := self.plan.find_blocking(survey.members).find(cursor, self._values()):
            if not self.with_parents:
                raise RestoreConflict(self._describe_conflicts())
            self.ids += blocking
            family = list_family({*self.plan.family, *blocking.values()}, self.using)
            self.plan = RestorePlan(family, self.using, len(self.ids))
            survey = self._survey(cursor)
        return survey

    def _unmark_rows(self, cursor: Any, survey: Survey) -> tuple[int, dict[str, int]]:
        announcement = Announcement(pre_restore, post_restore, using=self.using)
        values = self._values()
        counts: dict[str, int] = {}
        for member in survey.members:
            plan = self.plan.models[member]
            if announcement.is_heard(member):
                rows: QuerySet[Any] = QuerySet(member, using=self.using)
                announcement.announce(rows.filter(deletion_id__in=self.ids))
            if plan.relatives:
                plan.count_inherited.run(cursor, values)
                for number, count in cursor.fetchall():
                    counts[plan.relatives[number]._meta.label] = count
            # Bypass the stamps, so that the row is the same as before its deletion.
            counts[member._meta.label] = plan.unmark.run(cursor, values)
        if survey.replaced:
            registry = self.plan.family[0]._meta.apps
            put_back_keys(survey.replaced, self.ids, using=self.using, registry=registry)
        announcement.conclude(UNMARKED)
        return sum(counts.values()), {label: count for label, count in counts.items() if count}

    def _survey(self, cursor: Any) -> Survey:
        return self.plan.survey(cursor, self._values())

    def _values(self) -> dict[str, UUID | None]:
        return self.plan.fill_slots(self.ids)

    def _describe_conflicts(self) -> list[str]:
        return describe_conflicts(self.plan.family, self.ids, self.using)
