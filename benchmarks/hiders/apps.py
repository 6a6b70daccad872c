"""The application that holds the models of the peers that hide rows."""

from django.apps import AppConfig

__all__ = ["HidersConfig"]


class HidersConfig(AppConfig):
    """The same parent with its children once for each of them."""

    name = "benchmarks.hiders"
    label = "hiders"
