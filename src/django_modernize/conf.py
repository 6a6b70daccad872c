"""The ``MODERNIZE`` setting as one typed object, read when it is first asked for."""

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
    """What a project may choose; every entry of the ``MODERNIZE`` dictionary in lower case."""

    sources: Mapping[str, str] = field(default_factory=dict)
    """The project's own change sources, value to label, beside those of ``ChangeSource``."""

    default_source: str = "system"
    """The source of a change that Django makes while no context is active."""

    request_source: str = "manual"
    """The source of a change that is made in a request."""

    request_sources_by_prefix: Mapping[str, str] = field(default_factory=dict)
    """Path prefix to source, the longest prefix wins: ``{"/api/": "api"}``."""

    stamp_clock: Literal["python", "database"] = "python"
    """Whose time the stamps carry. The database's is one for all servers; Django 5.2 reads it back
    when it is first asked for."""

    trusted_proxy_count: int = 0
    """How many proxies in front append to ``X-Forwarded-For``; 0 trusts ``REMOTE_ADDR`` alone."""

    audit_signing_key: str = ""
    """Signs the seals of the audit trail (HMAC-SHA-256), so that whoever owns the tables cannot
    make seals of his own. Keep it where the database's owner cannot read it."""

    conflict_visibility: str = ""
    """The dotted path of a function that is given the row in the way and says whether a message
    may name it, ``get_context().actor`` being who will read it; empty where every row may be."""

    upload_libmagic: Literal["required", "optional"] = "required"
    """Whether uploads are refused where libmagic, the second opinion, is not installed."""

    upload_max_bytes: int = 32 * 1024 * 1024
    """At how many bytes of one file the upload handler stops; policies may allow less."""

    upload_handover: Literal["", "x-accel-redirect", "x-sendfile", "signed-url"] = ""
    """Who sends a private file once it may be seen: Django itself, nginx, Apache, or the object
    store by the address that the storage signs."""

    upload_internal_url: str = "/protected/"
    """The internal location of nginx under which the storage's files stand."""


@cache
def get_settings() -> ModernizeSettings:
    """Return the project's settings; the object is made once and again after a change.

    Raises:
        SettingsError: An entry has a name that the library does not know.
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
