"""The abstract model mixins. Import them from here."""

from .context import ChangeSource
from .diff.models import ModelDiffMixin
from .softdelete.models import SoftDeleteMixin
from .stamps.models import SourceStampedMixin, TimeStampedMixin, UserStampedMixin

__all__ = [
    "ChangeSource",
    "ModelDiffMixin",
    "SoftDeleteMixin",
    "SourceStampedMixin",
    "TimeStampedMixin",
    "UserStampedMixin",
]
