"""How changes get into the table of events: the triggers that are generated from the models."""

from .provider import AuditTriggers

__all__ = ["AuditTriggers"]
