"""The application that imports records of other packages. Remove it when that is done."""

from django.apps import AppConfig


class AuditImportConfig(AppConfig):
    """The application with the ``audit_import`` command and the table of imported records."""

    name = "django_modernize.contrib.audit_import"
    label = "modernize_audit_import"
    verbose_name = "Import into the audit trail"
    default_auto_field = "django.db.models.BigAutoField"
