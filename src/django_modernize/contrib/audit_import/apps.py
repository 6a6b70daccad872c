"""The application that carries the records of other packages over; it can go when that is done."""

from django.apps import AppConfig


class AuditImportConfig(AppConfig):
    """Brings ``audit_import``, and the table of what was imported."""

    name = "django_modernize.contrib.audit_import"
    label = "modernize_audit_import"
    verbose_name = "Import into the audit trail"
    default_auto_field = "django.db.models.BigAutoField"
