"""The application that holds the peers' models."""

from django.apps import AppConfig

__all__ = ["PeersConfig"]


class PeersConfig(AppConfig):
    """The same booking once for each peer."""

    name = "benchmarks.peers"
    label = "peers"
