"""How much may be stored for one user, or for one object."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from weakref import ref

from django.contrib.auth import get_user_model
from django.db import router
from django.db.models import Model, QuerySet, Sum
from django.template.defaultfilters import filesizeformat

from ..context import get_context
from ..diff.outcomes import find_outcome
from ..exceptions import UnjudgedUpload
from .codes import RefusalCode
from .verdicts import Refusal

if TYPE_CHECKING:
    from .candidates import Candidate

__all__ = ["Quota", "check_quotas", "note_stored"]

STORED: Final = "files of rows that are still to be inserted"


@dataclass(frozen=True, kw_only=True, slots=True)
class Quota:
    """At most so many bytes in all rows of the model that share a value.

    Two uploads at the very same time may exceed it by one file.
    """

    per: str
    """The field that the rows share: ``created_by`` for a user's quota, ``task`` for a task's. A
    user who is not set yet is the actor of the change context."""

    max_bytes: int


def check_quotas(candidate: "Candidate") -> str:
    """Compare what is stored with the quotas of the policy; one query for each.

    Raises:
        Refusal: There is no room for the file.
        UnjudgedUpload: The field has no ``size_field`` to sum up.
    """
    said = []
    for quota in candidate.policy.quotas:
        used = _sum_stored(candidate, quota)
        if used + len(candidate.content) > quota.max_bytes:
            raise Refusal(
                RefusalCode.QUOTA,
                used=filesizeformat(used),
                limit=filesizeformat(quota.max_bytes),
            )
        said.append(f"{used} of {quota.max_bytes} bytes per {quota.per}")
    return ", ".join(said)


def _sum_stored(candidate: "Candidate", quota: Quota) -> int:
    instance = candidate.instance
    if instance is None:
        return 0
    if candidate.size_field is None:
        raise UnjudgedUpload(
            instance._meta.label,
            "its upload policy has quotas, which need SecureFileField(size_field=...).",
        )
    alias = instance._state.db or router.db_for_write(type(instance), instance=instance)
    rows: QuerySet[Any] = QuerySet(type(instance), using=alias)
    shared = rows.filter(**{quota.per: _read_value(instance, quota.per)}).exclude(pk=instance.pk)
    total: int | None = shared.aggregate(total=Sum(candidate.size_field))["total"]
    return (total or 0) + _sum_unsaved(instance, quota, alias)


def note_stored(instance: Model, size: int, *, using: str) -> None:
    """Note a file whose row is still to be inserted, as those of a ``bulk_create()`` are."""
    outcome = find_outcome(using)
    if outcome is not None:
        outcome.attached.setdefault(STORED, []).append((ref(instance), size))


def _sum_unsaved(instance: Model, quota: Quota, alias: str) -> int:
    outcome = find_outcome(alias)
    noted: list[tuple[ref[Model], int]] = outcome.attached.get(STORED, []) if outcome else []
    value = _read_value(instance, quota.per)
    return sum(
        size
        for reference, size in noted
        if (other := reference()) is not None
        and other is not instance
        and type(other) is type(instance)
        and other._state.adding
        and _read_value(other, quota.per) == value
    )


def _read_value(instance: Model, name: str) -> Any:
    field = instance._meta.get_field(name)
    value = getattr(instance, getattr(field, "attname", name))
    if value is None and field.related_model is get_user_model():
        return get_context().actor_id
    return value
