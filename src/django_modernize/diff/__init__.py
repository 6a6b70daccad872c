"""Changes of an instance since it was loaded or saved."""

from typing import TYPE_CHECKING, Any

from .baseline import NOT_LOADED
from .blocks import track_changes

if TYPE_CHECKING:
    from .models import ModelDiffMixin

__all__ = ["NOT_LOADED", "ModelDiffMixin", "track_changes"]


def __getattr__(name: str) -> Any:
    # Models cannot be imported while Django is still loading the applications.
    if name == "ModelDiffMixin":
        from .models import ModelDiffMixin

        return ModelDiffMixin
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
