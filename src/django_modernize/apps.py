"""Start-up: connects the pieces, registers the checks; no logic."""

from django.apps import AppConfig


class ModernizeConfig(AppConfig):
    """The library's base application: delivers the change context to the database."""

    name = "django_modernize"
    verbose_name = "Modernize"
