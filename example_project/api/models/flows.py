"""Status fields with fixed transitions, whoever changes them."""

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models
from django.db.models import Value
from django.utils.translation import gettext as _

from django_modernize.models import ModelDiffMixin

from .refusals import StateRefused

__all__ = ["Flow", "FlowModel", "FlowQuerySet", "judge_steps"]

Flow = Mapping[str, Collection[str]]
"""Each status with those that may follow it."""

if TYPE_CHECKING:
    AnyQuerySet = models.QuerySet[Any]
else:
    AnyQuerySet = models.QuerySet


def judge_steps(
    model: type["FlowModel"], old: Iterable[str], new: str, *, may_stay: bool = True
) -> None:
    """Refuse a status that may not follow each of the given ones.

    Args:
        model: The model with the status field.
        old: The statuses of the rows.
        new: The status to set.
        may_stay: Whether to accept a row that has the new status already.

    Raises:
        StateRefused: A transition is not allowed, with the code ``transition``.
    """
    meta: Any = model._meta
    labels = dict(meta.get_field("status").flatchoices)
    for status in sorted(old):
        stays = may_stay and new == status
        if not stays and new not in model.status_flow.get(status, ()):
            words = {"old": labels.get(status, status), "new": labels.get(new, new)}
            raise StateRefused(
                _("What is “%(old)s” cannot become “%(new)s”."),
                "transition",
                words,
                field="status",
            )


class FlowQuerySet(AnyQuerySet):
    """Validates the statuses that ``update()`` and ``bulk_update()`` write, as ``save()`` does."""

    _is_judged = False

    def update(self, **values: Any) -> int:
        """Update rows, if the status transition is allowed for all of them.

        Raises:
            StateRefused: It is not allowed for a row.
            ValueError: The status is an expression, which cannot be validated.

        Costs one more query if a status is written.
        """
        return super().update(**(values if self._is_judged else self.judge_update(values)))

    def bulk_update(
        self, objs: Iterable[Any], fields: Iterable[str], batch_size: int | None = None
    ) -> int:
        """Update rows, if the status transition is allowed for all of them.

        Raises:
            StateRefused: It is not allowed for a row.

        Costs one more query if a status is written.
        """
        rows = list(objs)
        names = self.judge_rows(rows, list(fields))
        judged = self._clone()
        judged._is_judged = True
        return super(FlowQuerySet, judged).bulk_update(rows, names, batch_size)

    def judge_update(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return the values to write instead of the given ones, or refuse them."""
        status = values.get("status")
        if isinstance(status, Value):
            status = status.value
        if status is None:
            return values
        if not isinstance(status, str):
            raise ValueError("Name the status itself: an expression cannot be judged.")
        judge_steps(self.model, self.order_by().values_list("status", flat=True).distinct(), status)
        return values

    def judge_rows(self, rows: list[Any], names: list[str]) -> list[str]:
        """Return the fields to write for some rows, or refuse their values."""
        if "status" in names:
            stored = dict(
                self.model._base_manager.using(self.db)
                .filter(pk__in=[row.pk for row in rows])
                .values_list("pk", "status")
            )
            for row in rows:
                if row.pk in stored:
                    judge_steps(self.model, [stored[row.pk]], row.status)
        return names

    def _clone(self) -> Any:
        copy: Any = super()._clone()  # type: ignore[misc]
        copy._is_judged = self._is_judged
        return copy


class FlowModel(ModelDiffMixin):
    """A row whose ``status`` changes only along allowed transitions."""

    status_flow: ClassVar[Flow]

    class Meta:
        abstract = True

    def clean(self) -> None:
        """Validate the status.

        Raises:
            StateRefused: It may not follow the stored one.
        """
        super().clean()
        self.judge_status()

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Validate the status, and save.

        Raises:
            StateRefused: It may not follow the stored one.
        """
        if self.writes_field("status", kwargs.get("update_fields")):
            self.judge_status()
        super().save(*args, **kwargs)

    def judge_status(self) -> None:
        """Refuse a status that may not follow the stored one."""
        change = None if self._state.adding else self.get_field_diff("status")
        if change is not None:
            judge_steps(type(self), [change[0]], change[1])

    def writes_field(self, name: str, update_fields: Collection[str] | None) -> bool:
        """Return whether saving a stored row changes the value of a field."""
        is_written = update_fields is None or name in update_fields
        return is_written and not self._state.adding and self.get_field_diff(name) is not None
