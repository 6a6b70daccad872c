"""What a user may write, and the types that he is to see."""

from datetime import datetime
from typing import assert_type

from django.contrib.auth.models import User
from django.db import models

from django_modernize.audit import AuditEvent, as_of, history, revert
from django_modernize.context import change_context
from django_modernize.diff import track_changes

from .models import Cart, CartQuerySet, Line, Narrow, Order, Plain, Turned


def read_fields(order: Order, turned: Turned) -> None:
    assert_type(order.created_at, datetime)
    assert_type(turned.modified_at, datetime)
    assert_type(order.created_via, str)
    assert_type(order.is_deleted, bool)
    assert_type(order.deleted_at, datetime | None)
    assert_type(order.get_created_via_display(), str)


def ask_for_changes(order: Order) -> None:
    for name, (old, new) in order.diff.items():
        print(name, old, new)
    assert_type(order.has_changed, bool)
    assert_type(order.changed_fields, tuple[str, ...])
    assert_type(order.was_created, bool)
    assert_type(order.save_changed(), bool)
    with track_changes(order, relations=()) as same:
        assert_type(same, Order)


def write_rows(user: User) -> None:
    with change_context(actor=user, source="api", reason="typed"):
        order = Order.objects.create(number="1", created_by=user)
        assert_type(order, Order)
        Plain.objects.create(name="a")
        Line.objects.create(order=order)
        Cart.objects.bulk_create([Cart(size=1)])
        Cart.objects.update(size=2)
        order.soft_delete(user, "no more")
        order.restore()


def ask_managers(order: Order) -> None:
    assert_type(Cart.objects.empty(), CartQuerySet)
    assert_type(Cart.objects.get(), Cart)
    assert_type(Plain.objects.get(), Plain)
    assert_type(Plain.objects.filter(name="a").first(), Plain | None)
    assert_type(Order.objects.unpaid().first(), Order | None)
    assert_type(Order.objects.get(), Order)
    assert_type(Narrow.objects.get(), Narrow)
    assert_type(Turned.objects.get(), Turned)
    assert_type(Turned.all_objects.get(), Turned)
    assert_type(Turned.deleted_objects.get(), Turned)
    assert_type(Turned.objects.filter(number="1").first(), Turned | None)
    assert_type(Turned.objects.alive()[0], Turned)
    assert_type(Turned.all_objects.deleted().get(), Turned)
    Turned.objects.all().restore()
    for line in order.lines.all():
        assert_type(line, Line)
        assert_type(line.order, Order)


async def write_async(order: Order) -> None:
    assert_type(await order.asave_changed(), bool)
    await Plain.objects.acreate(name="a")
    await order.asoft_delete()


def give_querysets() -> models.QuerySet[Line]:
    return Line.objects.filter(amount=1)


def read_trail(order: Order, when: datetime) -> None:
    assert_type(as_of(order, when), Order | None)
    for line in as_of(Line.objects.all(), when):
        assert_type(line, Line)
    for event in history(order):
        assert_type(event, AuditEvent)
        revert(event)


def show_photo(line: Line) -> None:
    assert_type(line.photo.make_thumbnail(256), str)
