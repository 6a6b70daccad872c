"""Collects every feature's checks."""

__all__ = ["register_checks"]


def register_checks() -> None:
    """Register the checks of the features that own no application."""
