"""The change context of management commands: the operating system's user and the command."""

import getpass
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from .context import ChangeContext
from .context_values import LABEL_MAX_LENGTH, ChangeSource

__all__ = ["describe_command"]

PROGRAMS: Final = ("manage.py", "django-admin")

SERVERS: Final = ("runserver", "testserver", "test")
"""Commands whose changes are made by somebody else: visitors or tests."""


def describe_command(arguments: Sequence[str]) -> ChangeContext | None:
    """Return the context of a management command, or ``None`` for any other program.

    Args:
        arguments: The command line, as in ``sys.argv``.
    """
    program = _name_program(arguments)
    if not program or len(arguments) < 2 or arguments[1] in SERVERS:
        return None
    command = arguments[1]
    return ChangeContext(
        actor_label=_read_login()[:LABEL_MAX_LENGTH],
        source=ChangeSource.MIGRATION if command == "migrate" else None,
        user_agent=f"{program} {command}".encode(errors="replace").decode(),
    )


def _name_program(arguments: Sequence[str]) -> str:
    path = Path(arguments[0]) if arguments else Path()
    if path.name in PROGRAMS:
        return path.name
    return "django-admin" if path.parts[-2:] == ("django", "__main__.py") else ""


def _read_login() -> str:
    try:
        return getpass.getuser()
    # A container may run under a user id without a name: a KeyError before Python 3.13.
    except (ImportError, KeyError, OSError):
        return ""
