"""Authentication: by a token, or by the session of the web pages."""

from typing import Any

from knox.auth import TokenAuthentication as KnoxAuthentication
from rest_framework.exceptions import AuthenticationFailed

__all__ = ["TokenAuthentication"]


class TokenAuthentication(KnoxAuthentication):
    """Knox's check of ``Authorization: Token …``; malformed bytes count as a wrong token."""

    def authenticate_credentials(self, token: bytes) -> Any:
        """Return the user and the token.

        Raises:
            AuthenticationFailed: The token is unknown, has expired or was revoked.
        """
        if not token.isalnum() or not token.isascii():
            raise AuthenticationFailed("Invalid token.")
        return super().authenticate_credentials(token)
