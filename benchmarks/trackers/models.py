"""The booking of twenty columns, for each peer as its documentation says."""

from dirtyfields import DirtyFieldsMixin
from django_lifecycle import LifecycleModelMixin
from model_utils import FieldTracker

from benchmarks.models import StayFields

__all__ = ["DirtyStay", "LifecycleStay", "TrackerStay"]


class TrackerStay(StayFields):
    """With the FieldTracker of django-model-utils."""

    tracker = FieldTracker()


class DirtyStay(DirtyFieldsMixin, StayFields):
    """With django-dirtyfields."""


class LifecycleStay(LifecycleModelMixin, StayFields):
    """With django-lifecycle."""
