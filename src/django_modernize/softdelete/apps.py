"""Application configuration of soft delete."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SoftDeleteConfig(AppConfig):
    """The soft delete application: its journal table, checks and triggers."""

    name = "django_modernize.softdelete"
    label = "modernize_softdelete"
    verbose_name = _("Soft delete")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the triggers and checks, and make relations hide deleted rows."""
        from django.core.checks import register
        from django.db.models.signals import pre_migrate

        from ..triggers.declarations import register_provider
        from ..triggers.setup_checks import check_base
        from .checks import register_checks  # needs the app registry
        from .guards import DeletionGuards, ParentGuards
        from .links import narrow_links
        from .partners import hide_partners
        from .renaming import follow_renames

        register_provider(ParentGuards())
        register_provider(DeletionGuards())
        narrow_links()
        hide_partners()
        pre_migrate.connect(follow_renames, sender=self)
        register_checks()
        register(check_base)
