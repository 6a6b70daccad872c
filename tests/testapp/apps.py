"""The tests' application."""

from django.apps import AppConfig


class TestAppConfig(AppConfig):
    """Models of all the library's tests."""

    name = "tests.testapp"

    def ready(self) -> None:
        """Register the subjects of automatic tasks."""
        from .autotasks import register_subjects  # needs the models

        register_subjects()
