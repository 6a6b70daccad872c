"""Tells Django about the app."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ApiConfig(AppConfig):
    """AriStay's one app."""

    name = "api"
    label = "api"
    verbose_name = "AriStay"

    def ready(self) -> None:
        """Set up what models are called, the triggers of the stock's book, and the first rules."""
        from api.services.task_template.defaults import provide_templates
        from api.services.task_template.registration import register_rules
        from django_modernize.triggers.declarations import register_provider

        from .append_only import AppendOnlyGuards  # needs the app registry
        from .names import translate_names

        translate_names(self.get_models())
        register_provider(AppendOnlyGuards())
        register_rules()
        post_migrate.connect(provide_templates, sender=self)
