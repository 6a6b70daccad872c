"""The audit trail: what changed, written by the database itself.

``track`` can be imported before the applications are ready; what touches the table of events is
loaded when it is first asked for.
"""

from typing import TYPE_CHECKING, Any

from .tracking import track

if TYPE_CHECKING:
    from .models import AuditEvent
    from .reading import history

__all__ = ["AuditEvent", "history", "track"]


def __getattr__(name: str) -> Any:
    # A model cannot be imported while Django still loads the applications, and `track` is
    # imported by the very modules that it loads.
    if name == "AuditEvent":
        from .models import AuditEvent

        return AuditEvent
    if name == "history":
        from .reading import history

        return history
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
