"""Tells Django about the app."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """AriStay's one app."""

    name = "api"
    label = "api"
    verbose_name = "AriStay"
