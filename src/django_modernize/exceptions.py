"""The errors that the library raises: one base, and children that Django callers expect."""

from django.core.exceptions import ImproperlyConfigured

__all__ = ["InvalidContext", "ModernizeError", "SettingsError"]


class ModernizeError(Exception):
    """Anything that the library refuses to do."""


class SettingsError(ModernizeError, ImproperlyConfigured):
    """The ``MODERNIZE`` setting holds something that the library does not understand."""


class InvalidContext(ModernizeError, ValueError):
    """A change context holds a value that could not travel to the database."""
