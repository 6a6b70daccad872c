"""The legacy application; its tables are those that the first migrations of ``api`` make."""

from django.apps import AppConfig


class LegacyConfig(AppConfig):
    """The back office as it grew by hand."""

    name = "legacy"
    label = "api"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        """Connect the receivers."""
        from . import signals  # noqa: F401  connects on import
