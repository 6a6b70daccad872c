"""The doors to accounts, roles and what people are told."""

from datetime import datetime, timedelta

from django.utils import timezone

from api import models
from api.models.auth import Role
from api.services import (
    acting,
)
from api.services.accounts import invites, people
from api.services.notification import devices, inbox
from api.services.permission import roles
from tests.example.rows import NOW
from tests.example.service_doors.door import Door, about_own, about_people, about_task, holds


def tomorrow() -> datetime:
    """Return a moment that is still to come."""
    return timezone.now() + timedelta(days=1)


DOORS: dict[str, Door] = {
    "acting.find_seen_task": about_task(
        "api.view_task", lambda actor, row, corner: acting.find_seen_task(actor, row)
    ),
    "acting.lock_task": about_task(
        "api.change_task", lambda actor, row, corner: acting.lock_task(actor, row)
    ),
    "acting.lock_tasks": about_task(
        "api.change_task", lambda actor, row, corner: acting.lock_tasks(actor, [row.pk])
    ),
    "accounts.invites.may_invite": Door(
        go=lambda actor, row, corner: invites.may_invite(actor, Role.VIEWER),
        asks=("api.add_invitecode",),
        did=lambda result, row: result,
    ),
    "accounts.invites.create_invite": Door(
        go=lambda actor, row, corner: invites.create_invite(
            actor=actor, role=Role.VIEWER, expires_at=tomorrow()
        ),
        asks=("api.add_invitecode",),
    ),
    "accounts.invites.withdraw_invite": Door(
        go=lambda actor, row, corner: invites.withdraw_invite(actor=actor, invite=row),
        asks=("api.change_invitecode", "api.add_invitecode"),
        model=models.InviteCode,
        make=lambda corner: corner.make(models.InviteCode, role=Role.VIEWER),
    ),
    "accounts.people.change_person": about_people(
        "api.change_user",
        lambda actor, row, corner: people.change_person(actor=actor, user=row, first_name="Ada"),
    ),
    "accounts.people.deactivate_person": about_people(
        "api.change_user",
        lambda actor, row, corner: people.deactivate_person(actor=actor, user=row),
    ),
    "accounts.people.reactivate_person": about_people(
        "api.change_user",
        lambda actor, row, corner: people.reactivate_person(actor=actor, user=row),
    ),
    "notification.devices.register_device": about_own(
        lambda actor, row, corner: devices.register_device(
            actor=actor, token="phone", platform="web"
        ),
        did=lambda result, row: result.user_id is not None,
    ),
    "notification.devices.forget_device": about_own(
        lambda actor, row, corner: devices.forget_device(actor=actor, token=row.token),
        model=models.DeviceToken,
        did=lambda result, row: result,
    ),
    "notification.inbox.list_notices": about_own(
        lambda actor, row, corner: inbox.list_notices(actor=actor),
        model=models.Notification,
        did=holds,
    ),
    "notification.inbox.count_unread": about_own(
        lambda actor, row, corner: inbox.count_unread(actor=actor),
        model=models.Notification,
        did=lambda result, row: result == 1,
    ),
    "notification.inbox.mark_read": about_own(
        lambda actor, row, corner: inbox.mark_read(actor=actor, keys=[row.pk]),
        model=models.Notification,
        did=lambda result, row: result == 1,
    ),
    "notification.inbox.mark_all_read": about_own(
        lambda actor, row, corner: inbox.mark_all_read(actor=actor),
        model=models.Notification,
        did=lambda result, row: result == 1,
    ),
    "notification.inbox.mark_unread": about_own(
        lambda actor, row, corner: inbox.mark_unread(actor=actor, keys=[row.pk]),
        make=lambda corner: corner.make(models.Notification, read_at=NOW),
        did=lambda result, row: result == 1,
        model=models.Notification,
    ),
    "permission.roles.set_role": about_people(
        "api.change_profile",
        lambda actor, row, corner: roles.set_role(actor=actor, user=row, role=Role.VIEWER),
    ),
    "permission.roles.grant_override": Door(
        go=lambda actor, row, corner: roles.grant_override(
            actor=actor,
            user=row,
            permission="api.add_booking",
            is_granted=True,
            reason="summer",
        ),
        asks=("api.add_permissionoverride", "api.add_booking"),
        is_of_people=True,
    ),
    "permission.roles.withdraw_override": Door(
        go=lambda actor, row, corner: roles.withdraw_override(actor=actor, override=row),
        asks=("api.add_permissionoverride", "api.add_booking"),
        is_of_people=True,
        make=lambda corner: corner.make(models.PermissionOverride, user=corner.get(models.User)),
    ),
}
"""Each by the module and the name of the service."""
