"""API tokens; Knox stores only their digests."""

from typing import Final

from django.utils import timezone
from knox.models import AuthToken
from rest_framework.exceptions import AuthenticationFailed

from api.models import User
from api.services.changes import making_changes

__all__ = ["MOST_TOKENS", "issue_token", "revoke_tokens", "rotate_token"]

MOST_TOKENS: Final = 20
"""How many tokens one person has at most; the oldest goes when there is one more."""


def issue_token(user: User) -> tuple[AuthToken, str]:
    """Create a token for a person who has just authenticated.

    Returns:
        The token as it is stored, and its text, which is stored nowhere.

    Costs three statements, whatever the number of tokens.
    """
    with making_changes():
        kept = AuthToken.objects.filter(user=user, expiry__gt=timezone.now())
        newest = list(kept.order_by("-created").values_list("pk", flat=True)[: MOST_TOKENS - 1])
        AuthToken.objects.filter(user=user).exclude(pk__in=newest).delete()
        issued: tuple[AuthToken, str] = AuthToken.objects.create(user=user)
    return issued


def rotate_token(token: AuthToken) -> tuple[AuthToken, str]:
    """Replace a token with a new one, and revoke it.

    Raises:
        AuthenticationFailed: It has ended meanwhile: of two who rotate it at once one succeeds.
    """
    with making_changes():
        ended, _ = AuthToken.objects.filter(pk=token.pk).delete()
        if not ended:
            raise AuthenticationFailed
        issued: tuple[AuthToken, str] = AuthToken.objects.create(user=token.user)
    return issued


def revoke_tokens(user: User) -> int:
    """Revoke all tokens of a person; return how many there were."""
    ended: int = AuthToken.objects.filter(user=user).delete()[0]
    return ended
