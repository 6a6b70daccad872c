"""How people join, log in, recover their passwords, and leave."""

from .invites import accept_invite, create_invite, find_code, may_invite, withdraw_invite
from .passwords import (
    PasswordRequestForm,
    change_own_password,
    note_new_password,
    request_password,
    set_new_password,
)
from .people import change_person, deactivate_person, reactivate_person
from .sign_in import (
    OwnPasswordFormMixin,
    SignInFormMixin,
    TooManyAttempts,
    limiting_attempts,
    spend_attempt,
)
from .tokens import issue_token, revoke_tokens, rotate_token

__all__ = [
    "OwnPasswordFormMixin",
    "PasswordRequestForm",
    "SignInFormMixin",
    "TooManyAttempts",
    "accept_invite",
    "change_own_password",
    "change_person",
    "create_invite",
    "deactivate_person",
    "find_code",
    "issue_token",
    "limiting_attempts",
    "may_invite",
    "note_new_password",
    "reactivate_person",
    "request_password",
    "revoke_tokens",
    "rotate_token",
    "set_new_password",
    "spend_attempt",
    "withdraw_invite",
]
