"""The connection to the mail server."""

from typing import Any

from django.core import mail

__all__ = ["open_mail_server"]


def open_mail_server() -> Any:
    """Return a connection for several mails; the caller closes it.

    Django 6.1 knows several servers by name, those before it one.
    """
    mailers = getattr(mail, "mailers", None)
    return mail.get_connection() if mailers is None else mailers.default
