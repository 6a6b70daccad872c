"""Photos of tasks: what comes in, who judges it, who sees it, and how it goes and comes back."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from api.models import Task, TaskImage
from api.models.auth import Role, TaskGroup
from api.models.photos import MAX_STORED_BYTES
from api.models.task_choices import TaskType
from api.models.task_image import ImageStatus
from api.services.task_image import (
    add_image,
    delete_image,
    list_next_statuses,
    restore_image,
    review_images,
    set_primary,
)
from django_modernize.uploads import UploadRejected
from tests.images import make_png, upload

pytestmark = pytest.mark.django_db

GPS = 0x8825


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def task(owl):
    return Task.objects.create(title="Clean", property=owl, task_type=TaskType.CLEANING)


@pytest.fixture
def add(task, cleaner):
    def make(content=None, **values):
        return add_image(
            **{"actor": cleaner, "task": task, "image": upload(content or make_png()), **values}
        )

    return make


def encode(form, tmp_path, *, size=(64, 48), **options):
    """Return a picture in a form, as a camera writes it."""
    if form == "heic":
        import pillow_heif

        pillow_heif.register_heif_opener()
    path = tmp_path / f"camera.{form}"
    picture = Image.effect_noise(size, 60).convert("RGB")
    picture.save(path, {"jpg": "JPEG", "heic": "HEIF"}.get(form, form.upper()), **options)
    return path.read_bytes()


def look_at(image):
    """Return the size of the stored picture and what stands beside it."""
    with image.image.open() as file, Image.open(file) as stored:
        exif = stored.getexif()
        return stored.size, {**exif, **exif.get_ifd(GPS)}


def fetch(client, address):
    answer = client.get(address)
    assert answer.getvalue()
    return answer


@pytest.mark.parametrize("form", ["jpg", "png", "webp", "heic"])
def test_jpeg_png_webp_and_heic_come_in(add, form, tmp_path, task):
    image = add(None, image=upload(encode(form, tmp_path), f"sofa.{form}"))
    assert (image.width, image.height, image.original_name) == (64, 48, f"sofa.{form}")
    assert 0 < image.size <= MAX_STORED_BYTES
    assert look_at(image) == ((64, 48), {})


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"GIF89a" + bytes(40), "a.gif", "extension"),
        (b"<svg onload='alert(1)'/>", "a.png", "unknown_type"),
        (make_png()[:-20], "a.png", "truncated"),
        (bytes(25 * 1024 * 1024 + 1), "a.png", "too_large"),
    ],
    ids=["gif", "svg", "half", "26 MB"],
)
def test_anything_else_stays_out_and_leaves_no_file(add, tmp_path, content, name, code):
    with pytest.raises(UploadRejected) as caught:
        add(None, image=upload(content, name))
    assert caught.value.code == code
    assert not TaskImage.objects.exists()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_what_is_larger_than_5_mb_is_stored_smaller(add, tmp_path):
    content = encode("jpg", tmp_path, size=(2400, 1800), quality=100)
    assert len(content) > MAX_STORED_BYTES
    assert add(None, image=upload(content, "sea.jpg")).size <= MAX_STORED_BYTES


def test_the_place_and_all_else_that_a_camera_writes_is_gone(add, tmp_path):
    exif = Image.Exif()
    exif[0x010F] = "Secret Camera"
    exif.get_ifd(GPS).update({1: "N", 2: (40.0, 41.0, 21.0)})
    content = encode("jpg", tmp_path, exif=exif)
    assert b"Secret Camera" in content
    image = add(None, image=upload(content, "beach.jpg"))
    assert look_at(image) == ((64, 48), {})
    with image.image.open() as file:
        assert b"Secret" not in file.read()


def test_photos_stand_one_behind_another_and_the_first_of_a_type_is_primary(add):
    images = [add(), add(image_type="after"), add(image_type="after")]
    assert [image.sequence for image in images] == [0, 1, 2]
    assert [image.is_primary for image in images] == [True, True, False]


def test_a_type_has_one_primary_photo(add, cleaner, task):
    first, second = add(), add()
    with pytest.raises(IntegrityError), transaction.atomic():
        TaskImage.objects.update(is_primary=True)
    set_primary(actor=cleaner, image=second)
    assert set(TaskImage.objects.filter(is_primary=True)) == {second}
    assert not TaskImage.objects.get(pk=first.pk).is_primary


def test_a_description_and_a_type_have_bounds(add):
    for values in ({"description": "x" * 301}, {"image_type": "selfie"}):
        with pytest.raises(ValidationError):
            add(**values)


FLOW = {
    "pending": {"approved", "rejected"},
    "approved": {"archived", "rejected"},
    "rejected": {"pending", "approved", "archived"},
    "archived": {"pending", "approved", "rejected"},
}


@pytest.mark.parametrize("old", ImageStatus)
def test_a_photo_is_approved_rejected_and_archived_in_this_order_by_any_door(add, manager, old):
    image = add()
    TaskImage.all_objects.update(status=old)
    image.refresh_from_db()
    assert set(list_next_statuses(image)) == FLOW[old]
    for new in set(ImageStatus) - {old}:
        for write in (
            lambda new=new: review_images(actor=manager, images=[image], status=new),
            lambda new=new: TaskImage.objects.update(status=new),
            lambda new=new: save_status(new),
        ):
            with transaction.atomic():
                if new in FLOW[old]:
                    write()
                    assert TaskImage.objects.get().status == new
                else:
                    with pytest.raises(ValidationError, match="cannot become"):
                        write()
                transaction.set_rollback(True)


def save_status(status):
    image = TaskImage.objects.get()
    image.status = status
    image.save()


def test_a_judgement_says_who_and_why(add, manager):
    (image,) = review_images(actor=manager, images=[add()], status="rejected", note="dark")
    image.refresh_from_db()
    assert (image.reviewed_by, image.review_note) == (manager, "dark")
    assert image.reviewed_at is not None
    for values in ({"status": "fine"}, {"status": "approved", "note": "x" * 301}):
        with pytest.raises(ValidationError):
            review_images(actor=manager, images=[image], **values)


def test_many_photos_are_judged_together_or_not_at_all(add, manager):
    images = [add(), add()]
    TaskImage.objects.filter(pk=images[1].pk).update(status="approved")
    with pytest.raises(ValidationError):
        review_images(actor=manager, images=images, status="archived")
    assert set(TaskImage.objects.values_list("status", flat=True)) == {"pending", "approved"}
    review_images(actor=manager, images=images, status="rejected")
    assert set(TaskImage.objects.values_list("status", flat=True)) == {"rejected"}


def test_judging_costs_the_same_however_many_photos(add, manager):
    def count(number):
        images = [add() for _ in range(number)]
        with CaptureQueriesContext(connection) as captured:
            review_images(actor=manager, images=images, status="approved")
        return len(captured)

    assert count(2) >= count(6)


def test_only_who_may_judges_and_only_who_works_on_a_task_adds(
    add, task, cleaner, make_person, owl
):
    image = add()
    with pytest.raises(PermissionDenied):
        review_images(actor=cleaner, images=[image], status="approved")
    gardener = make_person(Role.STAFF, task_group=TaskGroup.LAWN_POOL)
    for person in (gardener, make_person(Role.VIEWER)):
        with pytest.raises(PermissionDenied):
            add(actor=person)


def test_a_deleted_photo_keeps_its_file_and_comes_back_with_it(add, cleaner, administrator):
    image = add()
    path = image.image.path
    delete_image(actor=cleaner, image=image)
    assert not TaskImage.objects.exists()
    another = add()
    assert another.is_primary
    with pytest.raises(PermissionDenied):
        restore_image(actor=cleaner, image=image)
    restored = restore_image(actor=administrator, image=image)
    assert not restored.is_primary
    assert restored.image.path == path
    assert look_at(restored) == ((4, 3), {})


def test_whoever_brought_a_photo_takes_it_back_until_it_is_judged(add, cleaner, manager):
    image = add()
    with pytest.raises(PermissionDenied):
        delete_image(actor=manager, image=image)
    review_images(actor=manager, images=[image], status="approved")
    with pytest.raises(PermissionDenied):
        delete_image(actor=cleaner, image=image)


def test_a_photo_is_served_to_whoever_sees_its_task_and_to_nobody_else(
    add, client, cleaner, make_person, django_assert_max_num_queries
):
    address = reverse("task-image", args=[add().pk])
    assert fetch(client, address).status_code == 403
    client.force_login(make_person(Role.STAFF, task_group=TaskGroup.LAWN_POOL))
    assert fetch(client, address).status_code == 403
    client.force_login(cleaner)
    with django_assert_max_num_queries(7):
        answer = fetch(client, address)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert fetch(client, f"{address}?side=320")["Content-Type"] == "image/webp"
    assert fetch(client, f"{address}?side=7").status_code == 404
