"""Invites: codes for creating accounts."""

from base64 import urlsafe_b64encode
from datetime import datetime
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any, Final

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from api.models import InviteCode, InviteUse, Profile, User
from api.models.auth import Role, TaskGroup
from api.models.base import refuse_past
from api.services.changes import making_changes
from api.services.idempotency import hold_key
from api.services.permission import RANK, get_access
from django_modernize.context import change_context

from .passwords import judge_password

__all__ = ["accept_invite", "create_invite", "find_code", "may_invite", "withdraw_invite"]

CODE_BYTES: Final = 24


def may_invite(actor: User, role: str) -> bool:
    """Return whether a person may invite to a role: one that is not above their own."""
    access = get_access(actor)
    is_low_enough = access.is_unlimited or RANK[role] <= access.rank
    return access.may("api.add_invitecode") and is_low_enough


def create_invite(
    *,
    actor: User,
    role: str,
    expires_at: datetime,
    task_group: str = TaskGroup.NONE,
    note: str = "",
    max_uses: int = 1,
    sending: str = "",
) -> tuple[InviteCode, str]:
    """Create an invite.

    Args:
        actor: Who invites.
        role: The role of those who accept.
        expires_at: Until when it can be accepted.
        task_group: Their team.
        note: Who it is for.
        max_uses: How many people can accept.
        sending: What tells this order from others, if it may come twice: it is one invite then,
            with the code that it had.

    Returns:
        The invite, and its code. The code is stored nowhere: it is here or lost.

    Raises:
        PermissionDenied: The actor may not invite, or not to this role.
        ValidationError: The invite would have expired already, nobody could use it, or it was
            made before and is over.

    Costs one statement and those of the trail, and four more for an order that has a name: of two
    that come at once the second waits for the first.
    """
    if not may_invite(actor, role):
        raise PermissionDenied(
            _("%(actor)s may not invite a %(role)s.") % {"actor": actor, "role": Role(role).label}
        )
    invite = InviteCode(
        role=role, task_group=task_group, note=note, max_uses=max_uses, expires_at=expires_at
    )
    with making_changes():
        if sending:
            hold_key(actor, f"form {sending}")
        code = _derive_code(actor, sending) if sending else token_urlsafe(CODE_BYTES)
        if sending and (made := _find_made(code)):
            return made, code
        invite.digest = hash_code(code)
        try:
            refuse_past(expires_at)
        except ValidationError as error:
            raise ValidationError({"expires_at": error}) from error
        invite.full_clean(exclude=["digest"])
        invite.save()
    return invite, code


def find_code(actor: User, sending: str) -> str:
    """Return the code of the invite that a request created, or an empty string if it created none.

    Args:
        actor: Who invited.
        sending: What identifies the request.

    Raises:
        ValidationError: The invite has expired.

    Costs one statement.
    """
    code = _derive_code(actor, sending)
    return code if _find_made(code) else ""


def withdraw_invite(*, actor: User, invite: InviteCode) -> InviteCode:
    """Let an invite expire now; people who have accepted it stay.

    Raises:
        PermissionDenied: The actor could not have created it.
    """
    if not (actor.has_perm("api.change_invitecode", invite) and may_invite(actor, invite.role)):
        raise PermissionDenied(_("%(actor)s may not withdraw this invite.") % {"actor": actor})
    with making_changes():
        invite.expires_at = min(invite.expires_at, timezone.now())
        invite.save(update_fields=["expires_at"])
    return invite


def accept_invite(
    *,
    code: str,
    username: str,
    password: str,
    email: str = "",
    first_name: str = "",
    last_name: str = "",
) -> User:
    """Create an account from an invite.

    Args:
        code: The invite's code.
        username: The name to log in with.
        password: The password.
        email: Where mail goes.
        first_name: The given name.
        last_name: The family name.

    Returns:
        The new person, with the invite's role and team.

    Raises:
        ValidationError: The code is not valid or no longer; the name is taken; or the password
            is too easy.

    Costs about twelve statements. The database counts the uses, so that of two who come at once by
    the last use of an invite one is refused.
    """
    user = User(username=username, email=email, first_name=first_name, last_name=last_name)
    judge_password("password", password, user)
    user.set_password(password)
    with making_changes():
        invite = _use_invite(code)
        user.is_superuser = invite.role == Role.SUPERUSER
        user.is_staff = RANK[invite.role] >= RANK[Role.MANAGER]
        user.full_clean(exclude=["password"])
        user.save()
        with change_context(actor=user):
            profile = Profile.objects.get(user=user)
            profile.role, profile.task_group = invite.role, invite.task_group
            profile.save(update_fields=["role", "task_group"])
            InviteUse.objects.create(invite=invite, user=user)
    # A new object, since this one has cached its permissions from before it had a role.
    return User.objects.get(pk=user.pk)


def hash_code(code: str) -> str:
    """Return the stored digest of a code, which is too random to be guessed."""
    return sha256(code.encode()).hexdigest()


def _derive_code(actor: User, sending: str) -> str:
    """Return the code of a request, which nobody can compute without the secret key."""
    salted = salted_hmac("api.invite", f"{actor.pk} {sending}", algorithm="sha256")
    return urlsafe_b64encode(salted.digest()[:CODE_BYTES]).decode()


def _find_made(code: str) -> InviteCode | None:
    """Return the invite with a code, if one was created.

    Raises:
        ValidationError: It has expired.
    """
    made: InviteCode | None = InviteCode.all_objects.filter(digest=hash_code(code)).first()
    if made is not None and (made.is_deleted or made.expires_at <= timezone.now()):
        raise ValidationError(_("This invite is over. Reload the page to make another."))
    return made


def _use_invite(code: str) -> InviteCode:
    invites: Any = InviteCode.objects.filter(
        digest=hash_code(code), expires_at__gt=timezone.now(), use_count__lt=F("max_uses")
    )
    if not invites.update(use_count=F("use_count") + 1):
        raise _refuse_code()
    invite: InviteCode = InviteCode.objects.select_related("created_by").get(digest=hash_code(code))
    # An inviter who was demoted or has left since cannot let anybody in.
    inviter = invite.created_by
    if inviter is not None and not (inviter.is_active and may_invite(inviter, invite.role)):
        raise _refuse_code()
    return invite


def _refuse_code() -> ValidationError:
    message = _("This code is invalid or has expired. Ask for a new one.")
    return ValidationError({"code": ValidationError(message, code="invite_invalid")})
