"""People, invites, stocks, what was found, and notices: what their pages do."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from api.models import (
    InventoryCategory,
    InventoryItem,
    InviteCode,
    LostFoundItem,
    Notification,
    PermissionOverride,
    Profile,
    PropertyInventory,
    Task,
    User,
)
from api.models.auth import Role
from api.permission_names import name_permission
from api.services.inventory import start_stock
from api.services.permission.matrix import ALL_PERMISSIONS


@pytest.fixture
def manager(make_person):
    return make_person(Role.MANAGER)


@pytest.fixture
def staff(make_person):
    return make_person(Role.STAFF)


def address(route, *args):
    return reverse(f"portal:{route}", args=args)


def test_a_manager_sees_people_below_and_no_other(client, manager, staff, make_person):
    boss = make_person(Role.SUPERUSER)
    client.force_login(manager)
    page = client.get(address("people")).content.decode()
    assert staff.username in page
    assert boss.username not in page
    assert client.get(address("person", boss.pk)).status_code == 404


def test_a_role_above_the_own_is_not_offered_and_not_taken(client, manager, staff):
    client.force_login(manager)
    page = client.get(address("person", staff.pk)).content.decode()
    assert 'value="viewer"' in page
    assert 'value="manager"' not in page
    client.post(address("change_role", staff.pk), {"role": "manager"})
    assert Profile.objects.get(user=staff).role == Role.STAFF
    client.post(address("change_role", staff.pk), {"role": "viewer"})
    assert Profile.objects.get(user=staff).role == Role.VIEWER


def test_a_manager_hands_on_one_permission_until_a_day(client, manager, staff):
    client.force_login(manager)
    until = timezone.localdate() + timedelta(days=3)
    values = {"permission": "api.add_booking", "is_granted": "1", "reason": "summer"}
    client.post(address("grant", staff.pk), values | {"until": until.isoformat()})
    override = PermissionOverride.objects.get(user=staff)
    assert timezone.localdate(override.expires_at) == until + timedelta(days=1)
    assert "summer" in client.get(address("person", staff.pk)).content.decode()
    client.post(address("grant", staff.pk), values | {"permission": "api.delete_property"})
    assert PermissionOverride.objects.count() == 1


def test_a_permission_is_not_given_until_a_day_that_is_over(client, manager, staff):
    client.force_login(manager)
    values = {"permission": "api.add_booking", "is_granted": "1", "reason": "summer"}
    day = timezone.localdate() - timedelta(days=1)
    page = client.post(address("grant", staff.pk), values | {"until": day.isoformat()})
    assert page.context["override_form"].errors["until"] == ["This is over already."]
    assert 'value="summer"' in page.content.decode()
    assert not PermissionOverride.objects.exists()


def test_a_single_permission_shows_its_last_day_and_is_taken_back(client, manager, staff):
    client.force_login(manager)
    day = timezone.localdate() + timedelta(days=3)
    values = {"permission": "api.add_booking", "is_granted": "1", "reason": "summer"}
    client.post(address("grant", staff.pk), values | {"until": day.isoformat()})
    shown = client.get(address("person", staff.pk)).context["overrides"][0]
    assert (shown["last_day"], shown["is_over"]) == (day, False)
    override = PermissionOverride.objects.get()
    PermissionOverride.objects.update(expires_at=timezone.now())
    assert client.get(address("person", staff.pk)).context["overrides"][0]["is_over"]
    assert client.post(address("withdraw", override.pk)).url == address("person", staff.pk)
    assert not PermissionOverride.objects.exists()


def test_nobody_takes_back_what_holds_for_somebody_above(client, manager, make_person):
    boss = make_person(Role.SUPERUSER)
    override = PermissionOverride.objects.create(
        user=boss, permission="api.add_booking", is_granted=True, reason="x"
    )
    client.force_login(manager)
    assert client.post(address("withdraw", override.pk)).status_code == 404
    override.user = manager
    override.save()
    assert client.post(address("withdraw", override.pk)).status_code == 403
    assert PermissionOverride.objects.exists()


def test_whoever_left_is_let_in_no_more(client, manager, staff):
    client.force_login(manager)
    client.post(address("switch_active", staff.pk))
    assert not User.objects.get(pk=staff.pk).is_active
    client.post(address("switch_active", staff.pk))
    assert User.objects.get(pk=staff.pk).is_active


def test_every_permission_has_a_name():
    assert [one for one in sorted(ALL_PERMISSIONS) if name_permission(one) == one] == []


def test_an_invite_is_made_and_its_link_makes_an_account(client, manager):
    client.force_login(manager)
    values = {"role": "staff", "task_group": "cleaning", "max_uses": 1, "days": 7, "note": "Ada"}
    page = client.post(address("invites"), values).content.decode()
    link = re.search(r'readonly value="http://testserver([^"]+)"', page)[1]
    assert link not in client.get(address("invites")).content.decode()
    client.logout()
    code = re.search(r"code=(.+)", link)[1]
    person = {"code": code, "username": "ada", "password": "quite-a-long-one-7"}
    assert client.post(link, person).url == address("home")
    assert Profile.objects.get(user__username="ada").role == Role.STAFF
    client.logout()
    page = client.post(link, person | {"username": "eve"}).content.decode()
    assert "invalid or has expired" in page
    assert not User.objects.filter(username="eve").exists()


def test_an_invite_is_withdrawn(client, manager):
    client.force_login(manager)
    client.post(
        address("invites"), {"role": "staff", "task_group": "none", "max_uses": 1, "days": 7}
    )
    invite = InviteCode.objects.get()
    client.post(address("withdraw_invite", invite.pk))
    assert InviteCode.objects.get().expires_at <= timezone.now()


@pytest.fixture
def towels(owl, administrator):
    category = InventoryCategory.objects.create(name="Linen")
    item = InventoryItem.objects.create(category=category, name="Towels")
    return start_stock(actor=administrator, house=owl, item=item, par=Decimal(4), stock=Decimal(5))


def test_staff_write_into_the_book_of_a_stock(client, staff, towels):
    client.force_login(staff)
    client.post(address("stock", towels.pk), {"transaction_type": "stock_out", "amount": "2"})
    assert PropertyInventory.objects.get().stock == 3
    page = client.post(
        address("stock", towels.pk), {"transaction_type": "stock_out", "amount": "9"}
    ).content.decode()
    assert "There is not enough" in page
    listed = client.get(address("inventory"), {"level": "low"}).content.decode()
    assert "Towels" in listed
    assert "Towels" in client.get(address("shopping")).content.decode()


def test_what_was_found_is_noted_and_claimed(client, staff, manager, owl):
    client.force_login(staff)
    client.post(address("report_found"), {"house": owl.pk, "title": "Umbrella"})
    item = LostFoundItem.objects.get()
    client.force_login(manager)
    page = client.post(address("found_status", item.pk), {"status": "claimed"}).content.decode()
    assert "Say who claimed it." in page
    client.post(address("found_status", item.pk), {"status": "claimed", "claimed_by": "Ada"})
    assert LostFoundItem.objects.get().status == "claimed"


@pytest.fixture
def notice(staff, owl):
    task = Task.objects.create(title="Sweep", property=owl, assigned_to=staff)
    return Notification.objects.create(
        recipient=staff, task=task, property=owl, verb="assigned", matter=f"task:{task.pk}"
    )


def test_a_notice_leads_to_its_task_and_is_read_then(client, staff, notice):
    client.force_login(staff)
    page = client.get(address("notices")).content.decode()
    assert '<b class="count">1' in page
    assert client.post(address("open_notice", notice.pk)).url == address("task", notice.task_id)
    page = client.get(address("notices"), {"show": "unread"}).content.decode()
    assert "Nothing to tell you." in page


def test_nobody_reads_what_others_are_told(client, manager, notice):
    client.force_login(manager)
    assert "Sweep" not in client.get(address("notices")).content.decode()
    assert client.post(address("open_notice", notice.pk)).url == address("notices")
    client.post(address("read_all"))
    assert Notification.objects.get().read_at is None


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ({"type": "cleaning"}, {"Scrub"}),
        ({"house": "here"}, {"Scrub"}),
        ({"who": "me"}, {"Scrub"}),
        ({"who": "nobody"}, {"Repair"}),
        ({"house": "nowhere"}, {"Scrub", "Repair"}),
    ],
)
def test_the_board_shows_what_is_asked_for(client, boss, owl, crane, query, titles):
    Task.objects.create(title="Scrub", property=owl, task_type="cleaning", assigned_to=boss)
    Task.objects.create(title="Repair", property=crane, task_type="maintenance")
    asked = {name: owl.pk if value == "here" else value for name, value in query.items()}
    page = client.get(address("tasks"), asked).content.decode()
    assert {title for title in ("Scrub", "Repair") if title in page} == titles


def test_people_are_found_by_their_names(client, manager, staff, make_person):
    other = make_person(Role.VIEWER)
    client.force_login(manager)
    page = client.get(address("people"), {"q": staff.username.upper()}).content.decode()
    assert staff.username in page
    assert other.username not in page


def test_a_permission_that_is_no_more_is_called_by_its_code():
    for name in ("api.fly_house", "api.view_spaceship", "odd"):
        assert name_permission(name) == name


def test_stocks_are_shown_house_by_house(client, boss, towels, crane):
    shown = client.get(address("inventory"), {"house": towels.property_id}).content.decode()
    hidden = client.get(address("inventory"), {"house": crane.pk}).content.decode()
    name = str(towels.item)
    assert (f">{name}" in shown, f">{name}" in hidden) == (True, False)


@pytest.mark.parametrize("route", ["history", "delete"])
def test_there_is_no_page_of_a_kind_that_is_none(client, boss, route):
    assert client.get(address(route, "spaceship", 1)).status_code == 404


@pytest.mark.parametrize("route", ["new_task", "new_booking"])
def test_who_may_not_make_rows_gets_no_form_for_them(client, make_person, route):
    client.force_login(make_person(Role.VIEWER))
    assert client.get(address(route)).status_code == 403
