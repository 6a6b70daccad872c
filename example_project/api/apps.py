"""Configures the app."""

import gc
from typing import Final

from django.apps import AppConfig
from django.db.models.signals import post_migrate

NEW_OBJECTS: Final = 50_000
"""How many lists, dictionaries and the like are made before Python looks for cycles among them."""


class ApiConfig(AppConfig):
    """AriStay's only app."""

    name = "api"
    label = "api"
    verbose_name = "AriStay"

    def ready(self) -> None:
        """Set up what the process needs: names, triggers of the ledger, the first rules."""
        from api.services.task_template.defaults import provide_templates
        from api.services.task_template.registration import register_rules
        from django_modernize.triggers.declarations import register_provider

        from .append_only import AppendOnlyGuards  # needs the app registry
        from .names import translate_names

        # With Python's default of 700, an import scans all live objects again and again while it
        # creates its rows, which contain no cycles: that took up to half of its time.
        gc.set_threshold(NEW_OBJECTS, *gc.get_threshold()[1:])
        translate_names(self.get_models())
        register_provider(AppendOnlyGuards())
        register_rules()
        post_migrate.connect(provide_templates, sender=self)
