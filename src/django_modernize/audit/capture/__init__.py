"""The triggers, generated from the models, that record changes in the table of events."""

from .provider import AuditTriggers

__all__ = ["AuditTriggers"]
