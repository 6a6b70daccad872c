"""Validation of the values of a change context, so that errors appear where a value is set."""

from ipaddress import ip_address as parse_ip_address
from typing import Any, Final
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db.models import Model, TextChoices
from django.utils.functional import LazyObject
from django.utils.translation import gettext_lazy as _

from .conf import get_settings
from .exceptions import InvalidContext

__all__ = [
    "LABEL_MAX_LENGTH",
    "SOURCE_MAX_LENGTH",
    "USER_AGENT_MAX_LENGTH",
    "ChangeSource",
    "check_actor",
    "check_ip_address",
    "check_principal",
    "check_request_id",
    "check_source",
    "check_text",
    "name_user",
    "render_key",
]

SOURCE_MAX_LENGTH: Final = 50
LABEL_MAX_LENGTH: Final = 150
USER_AGENT_MAX_LENGTH: Final = 500


class ChangeSource(TextChoices):
    """Where a change comes from. Add your own sources with ``MODERNIZE["SOURCES"]``."""

    MANUAL = "manual", _("by hand")
    EXCEL_IMPORT = "excel_import", _("Excel import")
    API = "api", _("API")
    SYSTEM = "system", _("system")
    MIGRATION = "migration", _("migration")


def check_actor(name: str, value: Any) -> Any:
    """Return a valid actor: a user or a callable. Does not look up the user."""
    # Do not load a lazy user only to check its type.
    if value is None or isinstance(value, LazyObject) or callable(value):
        return value
    if isinstance(value, Model) and not isinstance(value, get_user_model()):
        raise InvalidContext(
            f"{name} is a {type(value).__name__}, and its primary key would be mistaken for that "
            "of a "
            f"{get_user_model().__name__}. Pass its name as actor_label= instead."
        )
    if not hasattr(value, "is_authenticated"):
        raise InvalidContext(
            f"{name} must be a user, a callable or None, not {type(value).__name__}. "
            "Pass a name as actor_label=."
        )
    return value


def check_principal(value: Any) -> Any:
    """Return a valid principal to act on behalf of: a user, a callable or a name."""
    if isinstance(value, str):
        return check_text("on_behalf_of", value, LABEL_MAX_LENGTH)
    return check_actor("on_behalf_of", value)


def name_user(user: Any) -> str:
    """Return the name of a user, or an empty string if there is none or it is anonymous."""
    if isinstance(user, str):
        return user
    user = user() if callable(user) else user
    return str(user.get_username()) if getattr(user, "is_authenticated", False) else ""


def check_text(name: str, value: object, max_length: int | None = None) -> str:
    """Return a text that is short enough and that the database can store."""
    if not isinstance(value, str):
        raise InvalidContext(f"{name} must be text, not {type(value).__name__}.")
    # PostgreSQL cannot store a NUL character in text or JSON.
    if "\x00" in value:
        raise InvalidContext(f"{name} must not contain NUL characters.")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise InvalidContext(f"{name} has half a surrogate pair: not a character.") from error
    if max_length is not None and len(value) > max_length:
        raise InvalidContext(f"{name} has {len(value)} characters; at most {max_length} fit.")
    return value


def check_source(value: object) -> str:
    """Return a known source, or the default source for ``None``."""
    source = check_text(
        "source", get_settings().default_source if value is None else value, SOURCE_MAX_LENGTH
    )
    known = {*ChangeSource.values, *get_settings().sources}
    if source not in known:
        raise InvalidContext(
            f"The source {source!r} is not known. Use one of {sorted(known)}, or add it to the "
            "settings: "
            f'MODERNIZE = {{"SOURCES": {{{source!r}: "its label"}}}}.'
        )
    return str(source)


def check_request_id(value: object) -> UUID | None:
    """Return the id of a request as a UUID."""
    if value is None or isinstance(value, UUID):
        return value
    try:
        return UUID(str(value))
    except ValueError as error:
        raise InvalidContext(f"request_id must be a UUID, not {value!r}.") from error


def check_ip_address(value: object) -> str | None:
    """Return an IP address in its canonical form."""
    if value is None:
        return None
    try:
        return str(parse_ip_address(str(value)))
    except ValueError as error:
        raise InvalidContext(f"ip_address must be an IP address, not {value!r}.") from error


def render_key(value: Any) -> Any:
    """Return a primary key as a JSON value."""
    return value if value is None or isinstance(value, int | str) else str(value)
