"""Application configuration: connect the signals and register the checks at startup."""

import sys

from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate


class ModernizeConfig(AppConfig):
    """The base application of the library, which passes the change context to the database."""

    name = "django_modernize"
    verbose_name = "Modernize"

    def ready(self) -> None:
        """Connect the signals, register the checks and set the context of management commands."""
        from .checks import register_checks  # needs the app registry
        from .command_context import describe_command
        from .context import hold_context
        from .stamps.triggers import StampTriggers
        from .triggers.connection import watch_connection
        from .triggers.declarations import register_provider
        from .triggers.receivers import synchronize_after_migrate

        connection_created.connect(watch_connection, dispatch_uid="django_modernize.watch")
        post_migrate.connect(
            synchronize_after_migrate, sender=self, dispatch_uid="django_modernize.triggers"
        )
        register_provider(StampTriggers())
        register_checks()
        if context := describe_command(sys.argv):
            hold_context(context)
