"""What guests left behind."""

from datetime import date
from io import BytesIO

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from PIL import Image

from api.models import LostFoundItem, Profile, User
from api.models.auth import Role
from api.models.inventory import LostFoundStatus
from api.services.lost_found import TRANSITIONS, add_photo, report_item, set_status


@pytest.fixture
def make_person(db):
    def make(role):
        user = User.objects.create_user(f"{role} person")
        Profile.objects.filter(user=user).update(role=role)
        return User.objects.get(pk=user.pk)

    return make


@pytest.fixture
def keeper(make_person):
    return make_person(Role.MANAGER)


@pytest.fixture
def watch(keeper, owl):
    return report_item(actor=keeper, house=owl, title="Watch", found_where="bathroom")


def make_photo():
    written = BytesIO()
    Image.new("RGB", (40, 30), "teal").save(written, "JPEG")
    return SimpleUploadedFile("watch.jpg", written.getvalue(), "image/jpeg")


def test_staff_note_what_they_found_and_viewers_do_not(make_person, owl):
    staff = make_person(Role.STAFF)
    item = report_item(actor=staff, house=owl, title="Ring")
    assert (item.found_by, item.status) == (staff, LostFoundStatus.FOUND)
    with pytest.raises(PermissionDenied):
        report_item(actor=make_person(Role.VIEWER), house=owl, title="Ring")


@pytest.mark.parametrize("new", LostFoundStatus.values)
@pytest.mark.parametrize("old", LostFoundStatus.values)
def test_what_was_found_becomes_only_what_it_can(keeper, watch, old, new):
    LostFoundItem.objects.update(status=old, claimed_by="Ada")
    if new in TRANSITIONS[old]:
        assert set_status(actor=keeper, item=watch, status=new, claimed_by="Bo").status == new
        return
    with pytest.raises(ValidationError) as refused:
        set_status(actor=keeper, item=watch, status=new, claimed_by="Bo")
    assert refused.value.error_dict["status"][0].code == "transition"


def test_a_claim_names_who_claims(keeper, watch):
    with pytest.raises(ValidationError, match="who claimed it"):
        set_status(actor=keeper, item=watch, status="claimed", claimed_by="  ")
    with pytest.raises(IntegrityError), transaction.atomic():
        LostFoundItem.objects.update(status="claimed")
    claimed = set_status(
        actor=keeper, item=watch, status="claimed", claimed_by=" Ada ", on=date(2026, 12, 1)
    )
    assert (claimed.claimed_by, claimed.claimed_on) == ("Ada", date(2026, 12, 1))
    found = set_status(actor=keeper, item=watch, status="found")
    assert (found.claimed_by, found.claimed_on) == ("", None)


def test_what_is_given_away_says_when_and_how(keeper, watch):
    gone = set_status(actor=keeper, item=watch, status="donated", note="to the church")
    assert gone.disposal_note == "to the church"
    assert gone.disposed_on is not None


def test_staff_do_not_say_what_became_of_it(make_person, watch):
    with pytest.raises(PermissionDenied):
        set_status(actor=make_person(Role.STAFF), item=watch, status="disposed")


def test_a_photo_is_judged_and_made_anew(keeper, watch, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    photo = add_photo(actor=keeper, item=watch, image=make_photo())
    assert (photo.width, photo.height) == (40, 30)
    assert "watch.jpg" not in photo.image.name
    with pytest.raises(ValidationError):
        add_photo(actor=keeper, item=watch, image=SimpleUploadedFile("x.jpg", b"no photo"))


def test_a_thing_costs_the_same_to_settle_whatever_else_was_found(
    keeper, watch, owl, django_assert_max_num_queries
):
    for number in range(5):
        report_item(actor=keeper, house=owl, title=f"Sock {number}")
    with django_assert_max_num_queries(16):
        set_status(actor=keeper, item=watch, status="disposed")
