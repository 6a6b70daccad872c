"""The application that adds the doctor's findings to Django's system checks."""

from django.apps import AppConfig


class DoctorConfig(AppConfig):
    """The doctor application. The command works without it."""

    name = "django_modernize.doctor"
    label = "modernize_doctor"
    verbose_name = "Doctor"

    def ready(self) -> None:
        """Register the checks."""
        from .checks import register_checks  # needs the app registry

        register_checks()
