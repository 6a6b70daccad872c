"""The audit trail: a record of changes, written by the database itself.

``track`` can be imported before the applications are ready. Everything that needs the tables of
the trail is imported lazily.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from .tracking import track

if TYPE_CHECKING:
    from .ledger.erasure import erase, erase_actor
    from .ledger.exports import export_seals, load_seals
    from .ledger.proofs import check_proof, prove
    from .ledger.pruning import prune
    from .ledger.sealing import seal
    from .ledger.verification import verify
    from .models import AuditEvent
    from .partitions.months import begin_month
    from .pausing import untracked
    from .reading import RevertConflict, as_of, describe_events, history, revert

__all__ = [
    "AuditEvent",
    "RevertConflict",
    "as_of",
    "begin_month",
    "check_proof",
    "describe_events",
    "erase",
    "erase_actor",
    "export_seals",
    "history",
    "load_seals",
    "prove",
    "prune",
    "revert",
    "seal",
    "track",
    "untracked",
    "verify",
]

MODULES: Final = {
    "AuditEvent": "models",
    "RevertConflict": "reading",
    "as_of": "reading",
    "begin_month": "partitions.months",
    "check_proof": "ledger.proofs",
    "describe_events": "reading",
    "erase": "ledger.erasure",
    "erase_actor": "ledger.erasure",
    "export_seals": "ledger.exports",
    "history": "reading",
    "load_seals": "ledger.exports",
    "prove": "ledger.proofs",
    "prune": "ledger.pruning",
    "revert": "reading",
    "seal": "ledger.sealing",
    "untracked": "pausing",
    "verify": "ledger.verification",
}
"""Maps each lazily imported name to its module."""


def __getattr__(name: str) -> Any:
    # Models cannot be imported while Django is loading the applications, and `track` is imported
    # by the very modules that it loads.
    if name in MODULES:
        return getattr(import_module(f".{MODULES[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
