"""How much may be stored for one user."""

import pytest
from django.core.exceptions import ValidationError

from django_modernize.context import change_context
from django_modernize.uploads import Quota, UploadRejected
from tests.images import make_png, upload
from tests.testapp.models import Person, Photo, Portfolio

pytestmark = pytest.mark.django_db

PICTURE = make_png()


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def ann() -> Person:
    return Person.objects.create(username="ann")


def store(owner: Person | None) -> Portfolio:
    return Portfolio.objects.create(owner=owner, cover=upload(PICTURE))


def test_a_file_beyond_the_quota_is_refused_and_other_users_are_not_concerned(ann):
    for _ in range(2):
        store(ann)
    with pytest.raises(UploadRejected) as caught:
        store(ann)
    assert caught.value.code == "quota"
    store(Person.objects.create(username="bob"))


def test_a_replaced_file_makes_room(ann):
    store(ann)
    portfolio = store(ann)
    portfolio.cover = upload(PICTURE)
    portfolio.save()


def test_a_deleted_file_makes_room(ann):
    store(ann)
    store(ann).delete()
    store(ann)


def test_rows_of_one_bulk_count_together(ann):
    rows = [Portfolio(owner=ann, cover=upload(PICTURE)) for _ in range(3)]
    with pytest.raises(UploadRejected) as caught:
        Portfolio.objects.bulk_create(rows)
    assert caught.value.code == "quota"


@pytest.fixture
def two_files(monkeypatch):
    field = Portfolio._meta.get_field("cover")
    quota = Quota(per="owner", max_bytes=1_000_000, max_files=2)
    monkeypatch.setattr(field, "policy", field.policy.replace(quotas=(quota,)))


@pytest.mark.usefixtures("two_files")
def test_there_may_be_so_many_files_however_small_and_rows_without_one_do_not_count(ann):
    for _ in range(3):
        Portfolio.objects.create(owner=ann)
    for _ in range(2):
        store(ann)
    with pytest.raises(UploadRejected) as caught:
        store(ann)
    assert caught.value.code == "quota"
    assert "2 of 2" in str(caught.value.messages)


def test_the_field_of_the_size_may_be_called_size(monkeypatch):
    field = Photo._meta.get_field("image")
    policy = field.policy.replace(quotas=(Quota(per="client_name", max_bytes=200, max_files=9),))
    monkeypatch.setattr(field, "policy", policy)
    photos = [Photo(title=str(number), client_name="a.png") for number in range(3)]
    for photo in photos:
        photo.image = upload(PICTURE, "a.png")
    for photo in photos[:2]:
        photo.save()
    with pytest.raises(UploadRejected) as caught:
        photos[2].save()
    assert caught.value.code == "quota"


@pytest.mark.usefixtures("two_files")
def test_files_of_one_bulk_are_counted_together(ann):
    rows = [Portfolio(owner=ann, cover=upload(PICTURE)) for _ in range(3)]
    with pytest.raises(UploadRejected):
        Portfolio.objects.bulk_create(rows)


def test_a_user_who_is_not_set_yet_is_the_actor(ann):
    for _ in range(2):
        store(ann)
    with change_context(actor=ann), pytest.raises(ValidationError) as caught:
        Portfolio(cover=upload(PICTURE)).full_clean()
    (error,) = caught.value.error_dict["cover"]
    assert error.code == "quota"


def test_a_quota_costs_one_query(ann, django_assert_num_queries):
    portfolio = Portfolio(owner=ann, cover=upload(PICTURE))
    with django_assert_num_queries(1):
        portfolio.full_clean(exclude=["owner"])
