"""The application that holds the models of the peers that tell what changed."""

from django.apps import AppConfig

__all__ = ["TrackersConfig"]


class TrackersConfig(AppConfig):
    """The same booking once for each of them."""

    name = "benchmarks.trackers"
    label = "trackers"
