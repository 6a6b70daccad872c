"""Quotas for what may be stored for one user or one object."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from weakref import ref

from django.contrib.auth import get_user_model
from django.db import router
from django.db.models import Count, Model, Q, QuerySet, Sum
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
    """Limits the bytes and the number of files of all rows of the model that share a value.

    Two simultaneous uploads may exceed it by one file.
    """

    per: str
    """The field that the rows share: ``created_by`` for a quota per user, ``task`` for one per
    task. If the user is not set yet, the actor of the change context is used."""

    max_bytes: int

    max_files: int | None = None
    """The maximum number of files, or ``None`` for no limit."""


@dataclass(frozen=True, slots=True)
class _Stored:
    """What is already stored."""

    size: int = 0
    files: int = 0

    def __add__(self, other: "_Stored") -> "_Stored":
        return _Stored(self.size + other.size, self.files + other.files)


def check_quotas(candidate: "Candidate") -> str:
    """Compare what is stored with the quotas of the policy. Costs one query per quota.

    Raises:
        Refusal: There is no room for the file.
        UnjudgedUpload: The field has no ``size_field`` to sum up.
    """
    said = []
    for quota in candidate.policy.quotas:
        used = _sum_stored(candidate, quota)
        if used.size + len(candidate.content) > quota.max_bytes:
            raise Refusal(
                RefusalCode.QUOTA,
                used=filesizeformat(used.size),
                limit=filesizeformat(quota.max_bytes),
            )
        if quota.max_files is not None and used.files >= quota.max_files:
            raise Refusal(RefusalCode.QUOTA, used=used.files, limit=quota.max_files)
        said.append(f"{used.size} of {quota.max_bytes} bytes per {quota.per}")
    return ", ".join(said)


def _sum_stored(candidate: "Candidate", quota: Quota) -> _Stored:
    instance = candidate.instance
    if instance is None:
        return _Stored()
    if candidate.size_field is None:
        raise UnjudgedUpload(
            instance._meta.label,
            "its upload policy has quotas, which require SecureFileField(size_field=...).",
        )
    alias = instance._state.db or router.db_for_write(type(instance), instance=instance)
    rows: QuerySet[Any] = QuerySet(type(instance), using=alias)
    shared = rows.filter(**{quota.per: _read_value(instance, quota.per)}).exclude(pk=instance.pk)
    has_file = Q(**{f"{candidate.size_field}__gt": 0})
    found = shared.aggregate(
        # Use names that no model field has.
        _quota_size=Sum(candidate.size_field),
        _quota_files=Count("pk", filter=has_file),
    )
    return _Stored(found["_quota_size"] or 0, found["_quota_files"]) + _sum_unsaved(
        instance, quota, alias
    )


def note_stored(instance: Model, size: int, *, using: str) -> None:
    """Record a file whose row is not inserted yet, as in ``bulk_create()``."""
    outcome = find_outcome(using)
    if outcome is not None:
        outcome.attached.setdefault(STORED, []).append((ref(instance), size))


def _sum_unsaved(instance: Model, quota: Quota, alias: str) -> _Stored:
    outcome = find_outcome(alias)
    noted: list[tuple[ref[Model], int]] = outcome.attached.get(STORED, []) if outcome else []
    value = _read_value(instance, quota.per)
    sizes = [
        size
        for reference, size in noted
        if (other := reference()) is not None
        and other is not instance
        and type(other) is type(instance)
        and other._state.adding
        and _read_value(other, quota.per) == value
    ]
    return _Stored(sum(sizes), len(sizes))


def _read_value(instance: Model, name: str) -> Any:
    field = instance._meta.get_field(name)
    value = getattr(instance, getattr(field, "attname", name))
    if value is None and field.related_model is get_user_model():
        return get_context().actor_id
    return value
