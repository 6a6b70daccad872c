"""The ``MODERNIZE`` setting as a typed object, read on first use."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any, Literal

from django.conf import settings
from django.core.signals import setting_changed

from .exceptions import SettingsError

__all__ = ["ModernizeSettings", "get_settings"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ModernizeSettings:
    """The library's settings: each key of the ``MODERNIZE`` dictionary, in lower case."""

    sources: Mapping[str, str] = field(default_factory=dict)
    """The project's own change sources, as value to label, in addition to ``ChangeSource``."""

    default_source: str = "system"
    """The source of changes made through Django while no context is active."""

    request_source: str = "manual"
    """The source of changes made in a request."""

    request_sources_by_prefix: Mapping[str, str] = field(default_factory=dict)
    """The source for each path prefix, such as ``{"/api/": "api"}``. The longest prefix wins."""

    stamp_clock: Literal["python", "database"] = "python"
    """Which clock the time stamps use. The database's clock is the same for all servers; Django
    5.2 reads the value back on first access."""

    trusted_proxy_count: int = 0
    """How many trusted proxies append to ``X-Forwarded-For``; 0 uses only ``REMOTE_ADDR``."""

    audit_signing_key: str = ""
    """The key that signs the seals of the audit trail (HMAC-SHA-256), so that the owner of the
    tables cannot forge seals. Keep it where the owner of the database cannot read it."""

    conflict_visibility: str = ""
    """The dotted path to a function that takes the conflicting row and returns whether an error
    message may name it to ``get_context().actor``. If empty, messages may name every row."""

    upload_libmagic: Literal["required", "optional"] = "required"
    """Whether to refuse uploads if libmagic, the second opinion, is not installed."""

    upload_max_bytes: int = 32 * 1024 * 1024
    """The size of a file, in bytes, at which the upload handler stops. Policies may allow less."""

    upload_handover: Literal["", "x-accel-redirect", "x-sendfile", "signed-url"] = ""
    """What sends a private file after access is granted: Django itself, nginx, Apache, or the
    object store through a URL signed by the storage."""

    upload_internal_url: str = "/protected/"
    """The internal nginx location that serves the files of the storage."""


@cache
def get_settings() -> ModernizeSettings:
    """Return the project's settings. The object is cached until the setting changes.

    Raises:
        SettingsError: The setting has an unknown key.
    """
    declared: dict[str, Any] = getattr(settings, "MODERNIZE", {})
    known = {entry.name.upper(): entry.name for entry in fields(ModernizeSettings)}
    unknown = sorted(set(declared) - set(known))
    if unknown:
        raise SettingsError(
            f"MODERNIZE has unknown entries {unknown}. Known are {sorted(known)}; "
            "remove or correct the others."
        )
    return ModernizeSettings(**{known[name]: value for name, value in declared.items()})


def _forget_settings(*, setting: str, **kwargs: object) -> None:
    if setting == "MODERNIZE":
        get_settings.cache_clear()


setting_changed.connect(_forget_settings, dispatch_uid="django_modernize.conf")
