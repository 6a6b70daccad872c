"""Tells Django about the app."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """AriStay's one app."""

    name = "api"
    label = "api"
    verbose_name = "AriStay"

    def ready(self) -> None:
        """Ask for the triggers that keep the book of the stock."""
        from django_modernize.triggers.declarations import register_provider

        from .append_only import AppendOnlyGuards  # needs the app registry

        register_provider(AppendOnlyGuards())
