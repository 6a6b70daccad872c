"""Questions that each peer is asked; a speed without right answers is worth nothing."""

import copy
import pickle
from collections.abc import Callable
from typing import Any, Final

from django.db import transaction
from django.db.models import F

from benchmarks.models import House

from .kinds import TrackerKind

__all__ = ["QUESTIONS"]


def knows_nothing(kind: TrackerKind, stay: Any) -> bool:
    return not list_names(kind, stay)


def knows(kind: TrackerKind, stay: Any, *names: str) -> bool:
    return list_names(kind, stay) == set(names)


def list_names(kind: TrackerKind, stay: Any) -> set[str]:
    answer: Any = kind.ask(stay)
    return {name.removesuffix("_id") for name in answer}


def see_change(kind: TrackerKind, stay: Any) -> bool:
    stay.status = "confirmed"
    return knows(kind, stay, "status")


def see_change_in_place(kind: TrackerKind, stay: Any) -> bool:
    stay.raw_row["row"] = -1
    return knows(kind, stay, "raw_row")


def see_other_parent(kind: TrackerKind, stay: Any) -> bool:
    stay.house = House.objects.create(name="another")
    return knows(kind, stay, "house")


def forgive_equal_text(kind: TrackerKind, stay: Any) -> bool:
    stay.adults = str(stay.adults)
    return knows_nothing(kind, stay)


def tell_true_from_one(kind: TrackerKind, stay: Any) -> bool:
    stay.raw_row = {"flag": 1}
    stay.save()
    stay.raw_row = {"flag": True}
    return knows(kind, stay, "raw_row")


def follow_save_of_some(kind: TrackerKind, stay: Any) -> bool:
    stay.status, stay.adults = "confirmed", 9
    stay.save(update_fields=["status"])
    return knows(kind, stay, "adults")


def follow_refresh(kind: TrackerKind, stay: Any) -> bool:
    stay.status = "confirmed"
    stay.refresh_from_db()
    return knows_nothing(kind, stay)


def follow_refresh_of_some(kind: TrackerKind, stay: Any) -> bool:
    stay.status, stay.adults = "confirmed", 9
    stay.refresh_from_db(fields=["status"])
    return knows(kind, stay, "adults")


def follow_bulk_update(kind: TrackerKind, stay: Any) -> bool:
    stay.status = "confirmed"
    kind.model.objects.bulk_update([stay], ["status"])
    return knows_nothing(kind, stay)


def leave_deferred_alone(kind: TrackerKind, stay: Any) -> bool:
    part = kind.model.objects.only("status").get(pk=stay.pk)
    deferred = part.get_deferred_fields()
    part.status = "confirmed"
    return knows(kind, part, "status") and part.get_deferred_fields() == deferred


def keep_change_beside_deferred(kind: TrackerKind, stay: Any) -> bool:
    part = kind.model.objects.only("status").get(pk=stay.pk)
    part.status = "confirmed"
    return part.adults == 2 and knows(kind, part, "status")


def write_expression_once(kind: TrackerKind, stay: Any) -> bool:
    stay.adults = F("adults") + 1
    seen = knows(kind, stay, "adults")
    stay.save()
    return seen and knows_nothing(kind, stay)


def survive_failure(kind: TrackerKind, stay: Any) -> bool:
    stay.status, stay.guest_name = "confirmed", None
    try:
        with transaction.atomic():
            stay.save()
    except Exception:  # noqa: BLE001 - each database refuses in its own way
        stay.guest_name = kind.model.objects.get(pk=stay.pk).guest_name
    return knows(kind, stay, "status")


def survive_rollback(kind: TrackerKind, stay: Any) -> bool:
    stay.status = "confirmed"
    try:
        with transaction.atomic():
            stay.save()
            raise LookupError
    except LookupError:
        return knows(kind, stay, "status")


def part_copies(kind: TrackerKind, stay: Any) -> bool:
    twin = copy.deepcopy(stay)
    twin.status = "confirmed"
    return knows(kind, twin, "status") and knows_nothing(kind, stay)


def survive_pickle(kind: TrackerKind, stay: Any) -> bool:
    stay.status = "confirmed"
    return knows(kind, pickle.loads(pickle.dumps(stay)), "status")


QUESTIONS: Final[dict[str, Callable[[TrackerKind, Any], bool]]] = {
    "a change": see_change,
    "a change in place, of JSON": see_change_in_place,
    "another parent": see_other_parent,
    '"2" for 2 is no change': forgive_equal_text,
    "JSON's true for 1 is one": tell_true_from_one,
    "save(update_fields=)": follow_save_of_some,
    "refresh_from_db()": follow_refresh,
    "refresh_from_db(fields=)": follow_refresh_of_some,
    "bulk_update()": follow_bulk_update,
    "deferred fields stay deferred": leave_deferred_alone,
    "a change outlives the reading of a deferred field": keep_change_beside_deferred,
    "an expression": write_expression_once,
    "a save that fails": survive_failure,
    "a savepoint that is rolled back": survive_rollback,
    "deepcopy()": part_copies,
    "pickle": survive_pickle,
}
