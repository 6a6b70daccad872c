"""Two people have the same form open: neither undoes what the other one saved."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from api.models import (
    Booking,
    InventoryCategory,
    InventoryItem,
    Property,
    PropertyInventory,
    Task,
)
from django_modernize.audit import history


@pytest.fixture
def stay(owl):
    return Booking.objects.create(
        property=owl,
        guest_name="Ann",
        guest_contact="old",
        check_in=datetime(2027, 2, 1, 21, tzinfo=UTC),
        check_out=datetime(2027, 2, 4, 15, tzinfo=UTC),
    )


@pytest.fixture
def task(owl):
    return Task.objects.create(
        property=owl,
        title="Rake the leaves",
        description="front\nback",
        due_date=timezone.now().replace(second=37, microsecond=5) + timedelta(days=1),
    )


class Tab:
    """A form as a browser holds it: what each field shows, and what was seen when it came."""

    def __init__(self, client, route, row):
        self.client, self.address = client, reverse(f"portal:{route}", args=[row.pk])
        self._read(client.get(self.address))

    def _read(self, answer):
        page = answer.content.decode()
        self.form = answer.context["form"]
        self.data = {}
        for field in self.form:
            self.data[field.html_name] = write(field.value())
            if f'name="{field.html_initial_name}"' in page:
                hidden = self.form.data.get(field.html_initial_name, field.initial)
                self.data[field.html_initial_name] = write(hidden)

    def save(self, **values):
        answer = self.client.post(self.address, {**self.data, **values})
        if answer.status_code == 200:
            self._read(answer)
        return answer


def write(value):
    """Return a value as a browser sends it, with its line ends and times without seconds."""
    if value is None:
        return ""
    if hasattr(value, "minute"):
        return value.strftime("%H:%M:%S")
    return str(value).replace("\n", "\r\n")


def test_what_another_one_saved_meanwhile_stays(client, boss, stay):
    first, second = Tab(client, "edit_booking", stay), Tab(client, "edit_booking", stay)
    assert first.save(guest_contact="new", arrival="18:00").status_code == 302
    assert second.save(same_day_note="cot").status_code == 302
    stay.refresh_from_db()
    assert (stay.guest_contact, stay.same_day_note) == ("new", "cot")
    assert stay.check_in == datetime(2027, 2, 1, 23, tzinfo=UTC)


def test_what_both_changed_is_refused_once_with_what_is_stored(client, boss, stay):
    first, second = Tab(client, "edit_booking", stay), Tab(client, "edit_booking", stay)
    first.save(guest_contact="new")
    answer = second.save(guest_contact="newer", same_day_note="cot")
    assert "Meanwhile this has become “new”" in answer.content.decode()
    stay.refresh_from_db()
    assert (stay.guest_contact, stay.same_day_note) == ("new", "")
    # What was typed is still there, and counts now.
    assert second.data["guest_contact"] == "newer"
    assert second.save().status_code == 302
    stay.refresh_from_db()
    assert (stay.guest_contact, stay.same_day_note) == ("newer", "cot")


def test_a_house_that_another_one_chose_is_named(client, boss, stay, crane):
    heron = Property.objects.create(name="Heron")
    first, second = Tab(client, "edit_booking", stay), Tab(client, "edit_booking", stay)
    first.save(property=crane.pk)
    assert "become “Crane”" in second.save(property=heron.pk).content.decode()


def test_a_house_is_merged_too(client, boss, owl):
    first, second = Tab(client, "edit_house", owl), Tab(client, "edit_house", owl)
    assert first.save(name="Owl Hill").status_code == 302
    assert second.save(address="1 Shore Road").status_code == 302
    owl.refresh_from_db()
    assert (owl.name, owl.address) == ("Owl Hill", "1 Shore Road")


def test_one_who_makes_the_same_change_is_not_refused(client, boss, stay):
    first, second = Tab(client, "edit_booking", stay), Tab(client, "edit_booking", stay)
    assert first.save(guest_name="Anna").status_code == 302
    assert second.save(guest_name="Anna").status_code == 302


def test_who_sends_nothing_of_what_was_seen_is_taken_at_their_word(client, boss, stay):
    tab = Tab(client, "edit_booking", stay)
    Booking.objects.update(guest_contact="new")
    data = {name: value for name, value in tab.data.items() if not name.startswith("initial-")}
    client.post(tab.address, data)
    assert Booking.objects.get().guest_contact == "old"


def test_what_nobody_changed_of_a_task_is_not_written(client, boss, task):
    due = task.due_date
    tab = Tab(client, "edit_task", task)
    assert tab.save(title="Rake all leaves").status_code == 302
    task.refresh_from_db()
    assert (task.due_date, task.description) == (due, "front\nback")
    assert set(history(task)[0].changes) & {"due_date", "description"} == set()


def test_lines_of_a_text_that_end_otherwise_are_no_change(client, boss, task):
    tab = Tab(client, "edit_task", task)
    assert tab.save(description="front\r\nback\r\nside").status_code == 302
    task.refresh_from_db()
    assert task.description.endswith("side")


def test_levels_of_a_stock_are_merged_too(client, boss, owl):
    category = InventoryCategory.objects.create(name="Linen")
    item = InventoryItem.objects.create(name="Towel", category=category)
    stock = PropertyInventory.objects.create(property=owl, item=item, par=2)
    first, second = Tab(client, "edit_levels", stock), Tab(client, "edit_levels", stock)
    assert first.save(par="4").status_code == 302
    assert second.save(place="attic").status_code == 302
    stock.refresh_from_db()
    assert (stock.par, stock.place) == (4, "attic")
