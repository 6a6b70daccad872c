"""What AriStay's tables have in common."""

from django_modernize.models import (
    SoftDeleteMixin,
    SourceStampedMixin,
    TimeStampedMixin,
    UserStampedMixin,
)

__all__ = ["HouseModel", "StampedModel"]


class StampedModel(TimeStampedMixin, UserStampedMixin, SourceStampedMixin):
    """A row that knows when, by whom and from where it was made and last changed."""

    class Meta:
        abstract = True


class HouseModel(SoftDeleteMixin, StampedModel):
    """A stamped row that can be deleted and brought back."""

    class Meta:
        abstract = True
