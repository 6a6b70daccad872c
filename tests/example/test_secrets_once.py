"""Two who send one order of a secret at once get one secret: the second waits for the first."""

from datetime import UTC, datetime

import pytest

from api.models import CalendarShare, InviteCode, Property
from api.models.auth import Role
from api.services.accounts import create_invite
from api.services.calendars import share_calendar

from .rows import make_user
from .test_booking_locks import Meeting, meet_at

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.database_lacks("sqlite", reason="has one writer at a time"),
]


def invite(actor):
    end = datetime(2099, 1, 1, tzinfo=UTC)
    return create_invite(actor=actor, role=Role.STAFF, expires_at=end, sending="one")


def share(actor):
    house, _is_new = Property.objects.get_or_create(name="Owl Point")
    return share_calendar(house, "Platform", actor=actor, sending="one")


@pytest.mark.parametrize(("model", "order"), [(InviteCode, invite), (CalendarShare, share)])
def test_of_two_orders_at_once_one_is_made_and_both_are_told(monkeypatch, model, order):
    person = make_user(Role.SUPERUSER)
    Property.objects.create(name="Owl Point")
    meeting, told = Meeting(monkeypatch, stops_before=True), []
    judge = model.full_clean

    def meet_and_judge(row, *args, **options):
        # It was looked for, was not found, and is about to be stored.
        meeting.meet(is_before=True)
        judge(row, *args, **options)

    monkeypatch.setattr(model, "full_clean", meet_and_judge)
    answers = meet_at(meeting, *[lambda actor: told.append(order(actor)[1])] * 2, person)
    assert answers == [None, None]
    assert meeting.has_waited == [True]
    assert len(told) == 2
    assert len(set(told)) == 1
    assert model.objects.count() == 1
