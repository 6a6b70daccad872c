"""Application configuration of the audit trail."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AuditConfig(AppConfig):
    """The audit application, which owns the table of events."""

    name = "django_modernize.audit"
    label = "modernize_audit"
    verbose_name = _("Audit trail")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Ask for triggers on the tracked models, register the checks, and translate names.

        Tests with ``serialized_rollback`` bring rows back, which leaves events: the trail itself
        is not kept for them.
        """
        from django.conf import settings
        from django.core.checks import register

        from ..naming import translate_names
        from ..triggers.declarations import register_provider
        from ..triggers.setup_checks import check_base
        from .capture import AuditTriggers  # needs the app registry
        from .checks import register_checks
        from .models import AuditEvent

        translate_names([AuditEvent])
        register_provider(AuditTriggers())
        register_checks()
        register(check_base)
        settings.TEST_NON_SERIALIZED_APPS = [*settings.TEST_NON_SERIALIZED_APPS, self.name]
