"""The change context: who changes something, from where and why.

The context is stored in a :class:`contextvars.ContextVar`, so it follows ``await``,
``sync_to_async`` and ``asyncio`` tasks. A thread or a background task starts without one; pass it
on with :meth:`ChangeContext.to_dict` and :meth:`ChangeContext.from_dict`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from contextvars import ContextVar, Token
from functools import lru_cache, wraps
from typing import Any, Final, ParamSpec, TypeVar, cast
from uuid import UUID

from django.contrib.auth import get_user_model

from .conf import get_settings
from .context_values import (
    LABEL_MAX_LENGTH,
    USER_AGENT_MAX_LENGTH,
    ChangeSource,
    check_actor,
    check_ip_address,
    check_principal,
    check_request_id,
    check_source,
    check_text,
    name_user,
    render_key,
)

__all__ = ["ChangeContext", "ChangeSource", "change_context", "get_context", "hold_context"]

P = ParamSpec("P")
R = TypeVar("R")

Actor = Any
"""A user instance. The type depends on ``AUTH_USER_MODEL``."""


class _Unset:
    """The type of :data:`UNSET`, which distinguishes "not given" from ``None``."""

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = _Unset()


class ChangeContext:
    """Who makes a change, from where and why. Immutable; activated by :func:`change_context`.

    Args:
        actor: The user, ``None``, or a callable without arguments that returns either. A callable
            is evaluated each time a write needs the actor, so a user authenticated late in a
            request is recorded, and a request that writes nothing does not look up the user.
        source: A member of :class:`ChangeSource`, or one of the project's own sources.
        reason: Why the change is made, in the words of whoever makes it.
        request_id: An id shared by all changes of one request.
        ip_address: The client's IPv4 or IPv6 address.
        user_agent: The program that sent the request, truncated to 500 characters.
        actor_label: A name for an actor without a user row ("nightly import"). Defaults to the
            user's natural key, usually the username.
        on_behalf_of: Who the actor acts for, for example a customer whose view of the site a
            member of staff uses: a user, a callable that returns one, or a name. The change is
            credited to the actor, and the label names both: "ann as bob".

    Raises:
        InvalidContext: A value has the wrong type or is too long for the audit trail.
    """

    __slots__ = (
        "_actor",
        "_actor_id",
        "_actor_label",
        "_on_behalf_of",
        "ip_address",
        "reason",
        "request_id",
        "source",
        "user_agent",
    )

    _actor: Actor | Callable[[], Actor | None] | None
    _actor_id: Any
    _actor_label: str
    _on_behalf_of: Actor | Callable[[], Actor | None] | str | None
    source: str
    reason: str
    request_id: UUID | None
    ip_address: str | None
    user_agent: str

    def __init__(
        self,
        *,
        actor: Actor | Callable[[], Actor | None] | None = None,
        source: str | None = None,
        reason: str = "",
        request_id: UUID | str | None = None,
        ip_address: str | None = None,
        user_agent: str = "",
        actor_label: str = "",
        on_behalf_of: Actor | Callable[[], Actor | None] | str | None = None,
    ) -> None:
        set_once = object.__setattr__
        set_once(self, "_actor", check_actor("actor", actor))
        set_once(self, "_actor_id", None)
        set_once(self, "_actor_label", check_text("actor_label", actor_label, LABEL_MAX_LENGTH))
        set_once(self, "_on_behalf_of", check_principal(on_behalf_of))
        set_once(self, "source", check_source(source))
        set_once(self, "reason", check_text("reason", reason))
        set_once(self, "request_id", check_request_id(request_id))
        set_once(self, "ip_address", check_ip_address(ip_address))
        set_once(self, "user_agent", check_text("user_agent", user_agent)[:USER_AGENT_MAX_LENGTH])

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(
            f"A ChangeContext is immutable: cannot set {name!r}. Open a nested one with "
            f"change_context({name}=...)."
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ChangeContext):
            return NotImplemented
        return self.to_dict() == other.to_dict()

    def __hash__(self) -> int:
        return hash((self.source, self.reason, self.request_id, self.ip_address, self.user_agent))

    def __repr__(self) -> str:
        return (
            f"ChangeContext(source={self.source!r}, reason={self.reason!r}, "
            f"request_id={self.request_id!r})"
        )

    @property
    def actor(self) -> Actor | None:
        """The user who makes the change, or ``None`` if there is none or it is anonymous.

        Costs one query if only the actor's id is known, as after :meth:`from_dict`.
        """
        actor = self._actor() if callable(self._actor) else self._actor
        if actor is None and self._actor_id is not None:
            return get_user_model()._base_manager.filter(pk=self._actor_id).first()
        return actor if getattr(actor, "is_authenticated", False) else None

    @property
    def actor_id(self) -> Any:
        """The primary key of the actor. Costs no query if only the key is known."""
        if self._actor_id is not None:
            return self._actor_id
        actor = self.actor
        return None if actor is None else actor.pk

    @property
    def actor_label(self) -> str:
        """A name for the actor that remains readable after the user is deleted."""
        label = self._actor_label or name_user(self.actor)
        if self._on_behalf_of is None:
            return label[:LABEL_MAX_LENGTH]
        principal = name_user(self._on_behalf_of)
        # Without another principal, the label names only the actor.
        if principal in ("", label):
            return label[:LABEL_MAX_LENGTH]
        return f"{label} as {principal}"[:LABEL_MAX_LENGTH]

    def identify_actor(self) -> tuple[Any, str]:
        """Return the actor's primary key and label, evaluating the actor only once."""
        if self._actor_id is not None or self._actor_label or self._on_behalf_of is not None:
            return self.actor_id, self.actor_label
        actor = self.actor
        return (None, "") if actor is None else (actor.pk, name_user(actor)[:LABEL_MAX_LENGTH])

    def replace(self, **changes: Any) -> ChangeContext:
        """Return a copy with some values replaced.

        Args:
            **changes: The arguments of :class:`ChangeContext` to replace.
        """
        names_actor = "actor" in changes or "actor_label" in changes
        kept = {
            "actor": self._actor,
            "actor_label": "" if names_actor else self._actor_label,
            "on_behalf_of": None if names_actor else self._on_behalf_of,
            "source": self.source,
            "reason": self.reason,
            "request_id": self.request_id,
            "ip_address": self.ip_address,
            "user_agent": self.user_agent,
        }
        copy = ChangeContext(**{**kept, **changes})
        if not names_actor:
            object.__setattr__(copy, "_actor_id", self._actor_id)
        return copy

    def to_dict(self) -> dict[str, Any]:
        """Return the context as JSON-serializable values, to pass to a background task."""
        return {
            "actor_id": render_key(self.actor_id),
            "actor_label": self.actor_label,
            "source": self.source,
            "reason": self.reason,
            "request_id": None if self.request_id is None else str(self.request_id),
            "ip_address": self.ip_address,
            "user_agent": self.user_agent,
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> ChangeContext:
        """Return the context that :meth:`to_dict` serialized. Does not look up the user."""
        arguments = dict(values)
        actor_id = arguments.pop("actor_id", None)
        context = cls(**arguments)
        if actor_id is not None:
            actor_id = get_user_model()._meta.pk.to_python(actor_id)
        object.__setattr__(context, "_actor_id", actor_id)
        return context

    def __reduce__(self) -> tuple[Callable[[Mapping[str, Any]], ChangeContext], tuple[Any]]:
        return ChangeContext.from_dict, (self.to_dict(),)


_active: ContextVar[ChangeContext | None] = ContextVar("django_modernize_context", default=None)


def get_context() -> ChangeContext:
    """Return the active context, or one with the default source and no actor."""
    return _active.get() or _default_context(get_settings().default_source)


@lru_cache(maxsize=8)
def _default_context(source: str) -> ChangeContext:
    # Return the same object each time, so that values cached for it are reused.
    return ChangeContext(source=source)


def hold_context(context: ChangeContext) -> None:
    """Make a context the active one until another is activated.

    Use this at the start of a program. For a block of code, use :func:`change_context`.
    """
    _active.set(context)


class change_context:  # noqa: N801 - a context manager that reads as a verb
    """Activate a context for a block or a function, inheriting whatever is not given.

    Use it in a ``with`` statement, in async code too, or as a decorator of functions, coroutine
    functions and methods. A decorated function gets a new context for each call.

    >>> with change_context(source="system", reason="nightly cleaning"):
    ...     get_context().reason
    'nightly cleaning'

    Args:
        context: A context to start from instead of the active one, for example one passed on
            from another thread or task.
        actor: See :class:`ChangeContext`. ``None`` means no actor; omit it to inherit.
        source: See :class:`ChangeContext`.
        reason: See :class:`ChangeContext`.
        request_id: See :class:`ChangeContext`.
        ip_address: See :class:`ChangeContext`.
        user_agent: See :class:`ChangeContext`.
        actor_label: See :class:`ChangeContext`.
        on_behalf_of: See :class:`ChangeContext`.

    Raises:
        InvalidContext: A value cannot be passed to the database.
    """

    def __init__(
        self,
        context: ChangeContext | None = None,
        /,
        *,
        actor: Actor | Callable[[], Actor | None] | None = UNSET,
        source: str | _Unset = UNSET,
        reason: str | _Unset = UNSET,
        request_id: UUID | str | _Unset | None = UNSET,
        ip_address: str | _Unset | None = UNSET,
        user_agent: str | _Unset = UNSET,
        actor_label: str | _Unset = UNSET,
        on_behalf_of: Actor | Callable[[], Actor | None] | str | None = UNSET,
    ) -> None:
        given: dict[str, Any] = {
            "actor": actor,
            "source": source,
            "reason": reason,
            "request_id": request_id,
            "ip_address": ip_address,
            "user_agent": user_agent,
            "actor_label": actor_label,
            "on_behalf_of": on_behalf_of,
        }
        self._base = context
        self._changes = {name: value for name, value in given.items() if value is not UNSET}
        self._tokens: list[Token[ChangeContext | None]] = []
        ChangeContext(**self._changes)

    def __enter__(self) -> ChangeContext:
        base = self._base or get_context()
        context = base.replace(**self._changes)
        self._tokens.append(_active.set(context))
        return context

    def __exit__(self, *exc_info: object) -> None:
        _active.reset(self._tokens.pop())

    def __call__(self, function: Callable[P, R]) -> Callable[P, R]:
        """Decorate a function or a coroutine function."""
        if inspect.iscoroutinefunction(function):

            @wraps(function)
            async def run_async(*args: P.args, **kwargs: P.kwargs) -> Any:
                with change_context(self._base, **self._changes):
                    return await function(*args, **kwargs)

            return cast("Callable[P, R]", run_async)

        @wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            with change_context(self._base, **self._changes):
                return function(*args, **kwargs)

        return run
