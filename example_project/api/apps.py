"""Tells Django about the app."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ApiConfig(AppConfig):
    """AriStay's one app."""

    name = "api"
    label = "api"
    verbose_name = "AriStay"

    def ready(self) -> None:
        """Set up the triggers of the book of the stock, and the rules with the first of them."""
        from api.services.task_template.defaults import provide_templates
        from api.services.task_template.registration import register_rules
        from django_modernize.triggers.declarations import register_provider

        from .append_only import AppendOnlyGuards  # needs the app registry

        register_provider(AppendOnlyGuards())
        register_rules()
        post_migrate.connect(provide_templates, sender=self)
