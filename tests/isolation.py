"""Models of a test, apart from those of the project."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.apps import apps
from django.apps.registry import Apps
from django.test.utils import isolate_apps

from tests.testapp.models import Person

__all__ = ["isolate_beside_people"]


@contextmanager
def isolate_beside_people(package: str) -> Iterator[Apps]:
    """Give a registry in which the user model stands alone, for models that have stamps.

    A registry tells each of its models who leads to it. What it told the user model is forgotten
    at the end, or the deletion of a user would look for rows of the test's models.
    """
    with isolate_apps(package) as registry:
        registry.register_model("testapp", Person)
        try:
            yield registry
        finally:
            apps.clear_cache()
