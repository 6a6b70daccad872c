"""Every service that takes an actor: how it is called, and what the matrix has to say to it.

A new service needs an entry here, or ``test_services_walk.py`` fails.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from importlib import import_module
from inspect import isfunction, signature
from pkgutil import walk_packages
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone

from api import models, services
from api.models.auth import Role
from api.models.checklist import ItemType
from api.models.imports import RowOutcome
from api.services import (
    acting,
    booking,
    calendar,
    checklist,
    documents,
    lost_found,
    recycle,
    reports,
)
from api.services import property as houses
from api.services import task as tasks
from api.services import task_image as photos
from api.services.accounts import invites, people
from api.services.calendars import publishing, syncing
from api.services.calendars.fetching import FetchedCalendar
from api.services.excel_import import import_bookings
from api.services.import_plan import applying, creating, decisions, guards, undoing, working
from api.services.inventory import movements, shopping, stocks
from api.services.notification import devices, inbox
from api.services.permission import roles
from api.services.task_template import changing
from tests.example.factories import make_file
from tests.example.rows import NOW, Corner, bring_paper, take_photo


@dataclass(frozen=True, kw_only=True)
class Door:
    """One service, and who may go through it."""

    go: Callable[..., Any]
    """Calls it: for an actor, about a row, with the corner that the row is of."""

    asks: tuple[str, ...] = ()
    """The permissions, all of which it takes."""

    model: Any = None
    """Whose row it is about; somebody who does not see that may not go through."""

    make: Callable[[Corner], Any] | None = None
    """Makes the row; without it the corner does."""

    needs: tuple[Any, ...] = ()
    """The tables of which the corner has to have a row too."""

    did: Callable[[Any, Any], bool] = lambda result, row: True
    """Tells by the result, and the row, whether it did what it is for."""

    is_of_people: bool = False
    """Whether the row is a person: ``own`` is one of a low rank, ``foreign`` one of the highest."""

    is_personal: bool = False
    """Whether it is about what is the actor's own, whatever the role."""

    def make_row(self, corner: Corner) -> Any:
        """Make the row that it is about, in a corner."""
        for model in self.needs:
            corner.get(model)
        if self.make is not None:
            return self.make(corner)
        if self.is_of_people:
            return corner.get(models.User)
        if self.model is None:
            return None
        return corner.house if self.model is models.Property else corner.make(self.model)


def about_people(name: str, go: Callable[..., Any], **options: Any) -> Door:
    """Return a door to what people are."""
    return Door(go=go, asks=(name,), is_of_people=True, **options)


def about_task(name: str, go: Callable[..., Any], **options: Any) -> Door:
    """Return a door to tasks."""
    return Door(go=go, asks=(name,), model=models.Task, **options)


def about_own(go: Callable[..., Any], **options: Any) -> Door:
    """Return a door to what is the actor's own."""
    return Door(go=go, is_personal=True, **options)


def holds(result: Any, row: Any) -> bool:
    """Tell whether a row is in a list."""
    return row in result


def delete(corner: Corner, model: Any = models.Booking) -> Any:
    """Make a deleted row."""
    row = corner.make(model)
    row.delete()
    return model.all_objects.get(pk=row.pk)


def start_plan(corner: Corner, status: str = "planned") -> Any:
    """Make a plan that stands, with no row."""
    template = corner.make(models.BookingImportTemplate)
    values = {"status": status, "file_type": "csv", "text": "Status\nBooked\n"}
    return corner.make(models.BookingImportPlan, template=template, **values)


def open_label(corner: Corner) -> Any:
    """Make an unknown label of a plan that stands."""
    return corner.make(models.BookingImportLabel, plan=start_plan(corner))


def open_row(corner: Corner) -> Any:
    """Make a row in conflict, with the booking that it is about."""
    values = {"outcome": RowOutcome.CONFLICT, "values": {"problems": []}}
    booking = corner.make(models.Booking)
    return corner.make(
        models.BookingImportPlanRow, plan=start_plan(corner), booking=booking, **values
    )


def make_checklist(corner: Corner) -> Any:
    """Make a task's checklist of one item to check."""
    item = corner.make(models.ChecklistItem, item_type=ItemType.CHECK)
    return corner.make(models.TaskChecklist, template=item.template)


def answer_item(actor: Any, row: Any, corner: Corner) -> Any:
    """Check the item of a task's checklist."""
    item = row.template.items.get()
    return checklist.answer_item(actor=actor, task=row.task, item=item, is_done=True)


def move_booking(actor: Any, row: Any, corner: Corner) -> Any:
    """Move a booking by some months."""
    return booking.move_booking(
        actor=actor,
        booking=row,
        house=row.property,
        first_day=date(2031, 5, 1),
        last_day=date(2031, 5, 4),
    )


def make_booking(actor: Any, house: Any, corner: Corner) -> Any:
    """Make a booking in a house."""
    values = {
        "property": house,
        "check_in": NOW,
        "check_out": NOW + timedelta(days=2),
        "guest_name": "Ada",
    }
    return booking.create_booking(actor=actor, values=values)


def make_stocks(corner: Corner) -> Any:
    """Make a stock, and one of the same item in another house; return the first."""
    item = corner.get(models.InventoryItem)
    other = corner.make(models.Property)
    corner.made["other"] = corner.make(models.PropertyInventory, property=other, item=item)
    return corner.make(models.PropertyInventory, item=item)


def transfer_stock(actor: Any, stock: Any, corner: Corner) -> Any:
    """Move a little of a stock to another house, which everybody sees who sees stocks."""
    other, amount = corner.made["other"], Decimal(1)
    return movements.transfer_stock(actor=actor, source=stock, target=other, amount=amount)


def read_days(actor: Any, house: Any, corner: Corner) -> Any:
    """Return the houses of the calendar."""
    shown = calendar.read_calendar(actor=actor, first=date(2027, 1, 1), last=date(2027, 1, 9))
    return [one.house for one in shown]


def report_houses(actor: Any, house: Any, corner: Corner) -> Any:
    """Return the names of the houses in a report."""
    report = reports.make_report(
        actor=actor, name="occupancy", first=date(2027, 1, 1), last=date(2027, 1, 9)
    )
    return [row[0] for row in report.rows]


class EmptyCalendar:
    """Stands in for the fetcher, which asks other people's servers."""

    def fetch(self, url: str, *, etag: str = "") -> FetchedCalendar:
        """Return a calendar without an event."""
        return FetchedCalendar(content=b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n")


def tomorrow() -> datetime:
    """Return a moment that is still to come."""
    return timezone.now() + timedelta(days=1)


IMPORT, APPROVE, UNDO = "api.import_bookings", "api.approve_property", "api.undo_import"
STOCK = "api.add_inventorytransaction"
LEVELS = "api.change_propertyinventory"

DOORS: Mapping[str, Door] = {
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
    "booking.create_booking": Door(
        go=make_booking, asks=("api.add_booking",), model=models.Property
    ),
    "booking.change_booking": Door(
        go=lambda actor, row, corner: booking.change_booking(
            actor=actor, booking=row, values={"guest_name": "Zeno"}
        ),
        asks=("api.change_booking",),
        model=models.Booking,
    ),
    "booking.move_booking": Door(
        go=move_booking, asks=("api.change_booking",), model=models.Booking
    ),
    "booking.cancel_booking": Door(
        go=lambda actor, row, corner: booking.cancel_booking(actor=actor, booking=row),
        asks=("api.change_booking",),
        model=models.Booking,
    ),
    "calendar.read_calendar": Door(
        go=read_days, asks=("api.view_property",), model=models.Property, did=holds
    ),
    "calendars.publishing.share_calendar": Door(
        go=lambda actor, row, corner: publishing.share_calendar(row, "Reader", actor=actor),
        asks=("api.add_calendarshare",),
        model=models.Property,
    ),
    "calendars.syncing.sync_feed": Door(
        go=lambda actor, row, corner: syncing.sync_feed(row, actor=actor, fetcher=EmptyCalendar()),
        asks=("api.change_calendarfeed",),
        model=models.CalendarFeed,
    ),
    "checklist.answer_item": Door(
        go=answer_item,
        asks=("api.change_task", "api.change_checklistresponse"),
        model=models.TaskChecklist,
        make=make_checklist,
    ),
    "documents.add_document": Door(
        go=lambda actor, row, corner: documents.add_document(
            actor=actor, house=row, file=bring_paper(), title="Manual"
        ),
        asks=("api.add_document",),
        model=models.Property,
    ),
    "documents.change_document": Door(
        go=lambda actor, row, corner: documents.change_document(
            actor=actor, document=row, values={"title": "Manual"}
        ),
        asks=("api.change_document",),
        model=models.Document,
    ),
    "excel_import.service.import_bookings": Door(
        go=lambda actor, row, corner: import_bookings(
            make_file(), file_name="bookings.xlsx", create_properties=True, actor=actor
        ),
        asks=(IMPORT, APPROVE),
    ),
    "import_plan.applying.apply_plan": Door(
        go=lambda actor, row, corner: applying.apply_plan(row, actor=actor),
        asks=(IMPORT,),
        make=start_plan,
    ),
    "import_plan.creating.create_plan": Door(
        go=lambda actor, row, corner: creating.create_plan(
            ContentFile(b"Status\nBooked\n", name="bookings.csv"), actor=actor
        ),
        asks=(IMPORT,),
    ),
    "import_plan.decisions.approve_label": Door(
        go=lambda actor, row, corner: decisions.approve_label(row, actor=actor),
        asks=(IMPORT, APPROVE),
        make=open_label,
    ),
    "import_plan.decisions.approve_labels": Door(
        go=lambda actor, row, corner: decisions.approve_labels(row.plan, [row], actor=actor),
        asks=(IMPORT, APPROVE),
        make=open_label,
    ),
    "import_plan.decisions.map_label": Door(
        go=lambda actor, row, corner: decisions.map_label(row, corner.house, actor=actor),
        asks=(IMPORT, APPROVE),
        make=open_label,
    ),
    "import_plan.decisions.reopen_label": Door(
        go=lambda actor, row, corner: decisions.reopen_label(row, actor=actor),
        asks=(IMPORT, APPROVE),
        make=open_label,
    ),
    "import_plan.decisions.decide_row": Door(
        go=lambda actor, row, corner: decisions.decide_row(row, "take_file", actor=actor),
        asks=(IMPORT, "api.change_booking"),
        make=open_row,
    ),
    "import_plan.guards.require_permission": Door(
        go=lambda actor, row, corner: guards.require_permission(actor, UNDO), asks=(UNDO,)
    ),
    "import_plan.undoing.preview_undo": Door(
        go=lambda actor, row, corner: undoing.preview_undo(row, actor=actor),
        asks=(UNDO,),
        make=lambda corner: corner.make(models.BookingImportLog),
    ),
    "import_plan.undoing.undo_import": Door(
        go=lambda actor, row, corner: undoing.undo_import(row, actor=actor),
        asks=(UNDO,),
        make=lambda corner: corner.make(models.BookingImportLog),
    ),
    "import_plan.working.resume_plan": Door(
        go=lambda actor, row, corner: working.resume_plan(row, actor=actor),
        asks=(IMPORT,),
        make=lambda corner: start_plan(corner, "failed"),
    ),
    "import_plan.working.discard_plan": Door(
        go=lambda actor, row, corner: working.discard_plan(row, actor=actor),
        asks=(IMPORT,),
        make=start_plan,
    ),
    "inventory.movements.change_stock": Door(
        go=lambda actor, row, corner: movements.change_stock(
            actor=actor, inventory=row, transaction_type="stock_in", amount=Decimal(1)
        ),
        asks=(STOCK,),
        model=models.PropertyInventory,
    ),
    "inventory.movements.transfer_stock": Door(
        go=transfer_stock, asks=(STOCK,), model=models.PropertyInventory, make=make_stocks
    ),
    "inventory.movements.lock_stocks": Door(
        go=lambda actor, row, corner: movements.lock_stocks(actor, [row.pk]),
        asks=(STOCK,),
        model=models.PropertyInventory,
    ),
    "inventory.shopping.list_shopping": Door(
        go=lambda actor, row, corner: [
            one.property_id for one in shopping.list_shopping(actor=actor).houses
        ],
        asks=("api.view_propertyinventory",),
        model=models.PropertyInventory,
        make=lambda corner: corner.make(models.PropertyInventory, stock=0, par=3),
        did=lambda result, row: row.property_id in result,
    ),
    "inventory.stocks.list_stocks": Door(
        go=lambda actor, row, corner: stocks.list_stocks(actor=actor),
        asks=("api.view_propertyinventory",),
        model=models.PropertyInventory,
        did=holds,
    ),
    "inventory.stocks.start_stock": Door(
        go=lambda actor, row, corner: stocks.start_stock(
            actor=actor, house=row, item=corner.get(models.InventoryItem), par=Decimal(1)
        ),
        asks=("api.add_propertyinventory",),
        model=models.Property,
        needs=(models.InventoryItem,),
    ),
    "inventory.stocks.set_levels": Door(
        go=lambda actor, row, corner: stocks.set_levels(actor=actor, inventory=row, par=Decimal(1)),
        asks=(LEVELS,),
        model=models.PropertyInventory,
    ),
    "inventory.stocks.review_levels": Door(
        go=lambda actor, row, corner: stocks.review_levels(actor=actor, inventory=row),
        asks=(LEVELS,),
        model=models.PropertyInventory,
    ),
    "lost_found.report_item": Door(
        go=lambda actor, row, corner: lost_found.report_item(actor=actor, house=row, title="glove"),
        asks=("api.add_lostfounditem",),
        model=models.Property,
    ),
    "lost_found.set_status": Door(
        go=lambda actor, row, corner: lost_found.set_status(
            actor=actor, item=row, status="claimed", claimed_by="Ada"
        ),
        asks=("api.change_lostfounditem",),
        model=models.LostFoundItem,
    ),
    "lost_found.add_photo": Door(
        go=lambda actor, row, corner: lost_found.add_photo(
            actor=actor, item=row, image=take_photo()
        ),
        asks=("api.add_lostfoundphoto",),
        model=models.LostFoundItem,
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
    "property.create_property": Door(
        go=lambda actor, row, corner: houses.create_property(actor=actor, values={"name": "Heron"}),
        asks=("api.add_property",),
    ),
    "property.change_property": Door(
        go=lambda actor, row, corner: houses.change_property(
            actor=actor, house=row, values={"address": "1 Pond Lane"}
        ),
        asks=("api.change_property",),
        model=models.Property,
    ),
    "recycle.list_deleted": Door(
        go=lambda actor, row, corner: [one.row for one in recycle.list_deleted(actor=actor)],
        asks=("api.restore_deleted",),
        model=models.Booking,
        make=delete,
        did=holds,
    ),
    "recycle.preview_restore": Door(
        go=lambda actor, row, corner: recycle.preview_restore(actor=actor, row=row),
        asks=("api.restore_deleted",),
        model=models.Booking,
        make=delete,
    ),
    "recycle.restore_row": Door(
        go=lambda actor, row, corner: recycle.restore_row(actor=actor, row=row),
        asks=("api.restore_deleted",),
        model=models.Booking,
        make=delete,
    ),
    "recycle.preview_delete": Door(
        go=lambda actor, row, corner: recycle.preview_delete(actor=actor, row=row),
        asks=("api.delete_booking",),
        model=models.Booking,
    ),
    "recycle.delete_row": Door(
        go=lambda actor, row, corner: recycle.delete_row(actor=actor, row=row),
        asks=("api.delete_booking",),
        model=models.Booking,
    ),
    "reports.make_report": Door(
        go=report_houses,
        asks=("api.view_reports",),
        model=models.Property,
        did=lambda result, row: row.name in result,
    ),
    "task.assigning.assign_task": about_task(
        "api.assign_task",
        lambda actor, row, corner: tasks.assign_task(
            actor=actor, task=row, assignee=corner.get(models.User)
        ),
        needs=(models.User,),
    ),
    "task.assigning.assign_to_me": about_task(
        "api.change_task", lambda actor, row, corner: tasks.assign_to_me(actor=actor, task=row)
    ),
    "task.assigning.mute_task": about_task(
        "api.view_task", lambda actor, row, corner: tasks.mute_task(actor=actor, task=row)
    ),
    "task.assigning.unmute_task": about_task(
        "api.view_task", lambda actor, row, corner: tasks.unmute_task(actor=actor, task=row)
    ),
    "task.attention.notify_manager": about_task(
        "api.view_task",
        lambda actor, row, corner: tasks.notify_manager(actor=actor, task=row, message="Come"),
    ),
    "task.dependencies.add_dependency": Door(
        go=lambda actor, row, corner: tasks.add_dependency(
            actor=actor, task=row, needed=corner.get(models.Task)
        ),
        asks=("api.add_taskdependency", "api.change_task"),
        model=models.Task,
        needs=(models.Task,),
    ),
    "task.dependencies.remove_dependency": Door(
        go=lambda actor, row, corner: tasks.remove_dependency(
            actor=actor, task=row.task, needed=row.needed
        ),
        asks=("api.change_taskdependency", "api.change_task"),
        model=models.TaskDependency,
    ),
    "task.editing.create_task": Door(
        go=lambda actor, row, corner: tasks.create_task(actor=actor, title="Sweep", property=row),
        asks=("api.add_task",),
        model=models.Property,
    ),
    "task.editing.change_task": about_task(
        "api.change_task",
        lambda actor, row, corner: tasks.change_task(actor=actor, task=row, title="Mop"),
    ),
    "task.editing.duplicate_task": about_task(
        "api.add_task", lambda actor, row, corner: tasks.duplicate_task(actor=actor, task=row)
    ),
    "task.editing.attach_fields": about_task(
        "api.change_task", lambda actor, row, corner: tasks.attach_fields(actor=actor, task=row)
    ),
    "task.statuses.set_status": about_task(
        "api.change_task",
        lambda actor, row, corner: tasks.set_status(actor=actor, task=row, status="in_progress"),
    ),
    "task.statuses.set_statuses": about_task(
        "api.change_task",
        lambda actor, row, corner: tasks.set_statuses(
            actor=actor, tasks=[row], status="in_progress"
        ),
    ),
    "task.statuses.count_by_status": about_task(
        "api.view_task",
        lambda actor, row, corner: tasks.count_by_status(
            actor=actor, tasks=models.Task.objects.filter(pk=row.pk)
        ),
        did=lambda result, row: sum(result.values()) == 1,
    ),
    "task.timer.start_timer": about_task(
        "api.change_task", lambda actor, row, corner: tasks.start_timer(actor=actor, task=row)
    ),
    "task.timer.stop_timer": about_own(
        lambda actor, row, corner: tasks.stop_timer(actor=actor),
        model=models.TaskWork,
        make=lambda corner: corner.make(models.TaskWork, ended_at=None),
        did=lambda result, row: result == row,
    ),
    "task_template.changing.list_rules": Door(
        go=lambda actor, row, corner: changing.list_rules(actor=actor),
        asks=("api.view_autotasktemplate",),
        model=models.AutoTaskTemplate,
        did=holds,
    ),
    "task_template.changing.save_rule": Door(
        go=lambda actor, row, corner: changing.save_rule(actor=actor, rule=row),
        asks=("api.change_autotasktemplate",),
        model=models.AutoTaskTemplate,
    ),
    "task_template.changing.switch_rule": Door(
        go=lambda actor, row, corner: changing.switch_rule(actor=actor, rule=row, is_active=False),
        asks=("api.change_autotasktemplate",),
        model=models.AutoTaskTemplate,
    ),
    "task_template.changing.run_rule": Door(
        go=lambda actor, row, corner: changing.run_rule(actor=actor, rule=row),
        asks=("api.change_autotasktemplate",),
        model=models.AutoTaskTemplate,
    ),
    "task_image.add_image": about_task(
        "api.add_taskimage",
        lambda actor, row, corner: photos.add_image(actor=actor, task=row, image=take_photo()),
    ),
    "task_image.review_images": Door(
        go=lambda actor, row, corner: photos.review_images(
            actor=actor, images=[row], status="approved"
        ),
        asks=("api.approve_taskimage",),
        model=models.TaskImage,
    ),
    "task_image.set_primary": Door(
        go=lambda actor, row, corner: photos.set_primary(actor=actor, image=row),
        asks=("api.add_taskimage",),
        model=models.TaskImage,
    ),
    "task_image.delete_image": Door(
        go=lambda actor, row, corner: photos.delete_image(actor=actor, image=row),
        asks=("api.delete_taskimage",),
        model=models.TaskImage,
    ),
    "task_image.restore_image": Door(
        go=lambda actor, row, corner: photos.restore_image(actor=actor, image=row),
        asks=("api.restore_deleted",),
        model=models.TaskImage,
        make=lambda corner: delete(corner, models.TaskImage),
    ),
}
"""Each by the module and the name of the service."""

FRAMES = {
    "acting.acting_as": "says in whose name something is done, and asks nothing",
    "excel_import.log.open_log": "writes down an import that is running",
}
"""What takes an actor and is no door, and why."""


def list_services() -> list[str]:
    """Return each public function of the services that takes an actor."""
    found = []
    for module in walk_packages(services.__path__, "api.services."):
        if "demo_" in module.name:
            continue
        for name, one in vars(import_module(module.name)).items():
            if not isfunction(one) or one.__module__ != module.name or name.startswith("_"):
                continue
            if "actor" in signature(one).parameters:
                found.append(f"{module.name.removeprefix('api.services.')}.{name}")
    return found
