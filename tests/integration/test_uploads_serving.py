"""Private files go to those who may see them, as nothing but what they are."""

from pathlib import Path

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient

from tests.images import make_png, upload
from tests.testapp.models import Photo, Scan

pytestmark = pytest.mark.django_db

FRIEND = {"X-Friend": "yes"}
CONTENT = make_png(9, 9)


@pytest.fixture(autouse=True)
def media(settings, tmp_path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture
def photo() -> Photo:
    return Photo.objects.create(title="one", image=upload(CONTENT, 'Küche "1".png'))


def fetch(client, photo, query="", **headers):
    return client.get(f"/photos/{photo.pk}{query}", headers={**FRIEND, **headers})


def test_a_file_is_served_as_what_it_is_and_can_run_nothing(client, photo):
    answer = fetch(client, photo)
    assert answer.getvalue() == CONTENT
    assert answer["Content-Type"] == "image/png"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert answer["Content-Security-Policy"].endswith("sandbox")
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "private" in answer["Cache-Control"]
    assert answer["Content-Length"] == str(len(CONTENT))


def test_nobody_else_gets_it(client, photo):
    assert client.get(f"/photos/{photo.pk}").status_code == 403


def test_a_view_without_a_permission_serves_nobody(client, photo):
    assert client.get(f"/forgotten/{photo.pk}", headers=FRIEND).status_code == 403


def test_a_file_that_nothing_is_known_of_is_not_found(client, media, photo):
    assert client.get("/photos/999999", headers=FRIEND).status_code == 404
    assert fetch(client, Photo.objects.create(title="two")).status_code == 404
    (media / photo.image.name).unlink()
    assert fetch(client, photo).status_code == 404


def test_the_file_of_a_deleted_row_is_not_found(client):
    scan = Scan.objects.create(image=upload(CONTENT))
    assert client.get(f"/scans/{scan.pk}", headers=FRIEND).status_code == 200
    scan.delete()
    assert client.get(f"/scans/{scan.pk}", headers=FRIEND).status_code == 404


def test_a_download_gets_the_clients_name_with_the_ending_of_the_content(client, photo):
    Photo.objects.update(client_name="Kü\r\nX: 1 che.html")
    assert fetch(client, photo)["Content-Disposition"] == 'inline; filename="image.png"'
    Photo.objects.update(client_name="Küche.html")
    disposition = fetch(client, photo, "?download")["Content-Disposition"]
    assert disposition == "attachment; filename*=utf-8''K%C3%BCche.png"


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-9", 0, 10),
        ("bytes=10-", 10, None),
        ("bytes=-5", -5, None),
        ("bytes=-99999", 0, None),
        ("bytes=5-99999", 5, None),
    ],
)
def test_a_range_is_served(client, photo, asked, start, end):
    answer = fetch(client, photo, Range=asked)
    body = answer.getvalue()
    assert body == CONTENT[start:end]
    is_whole = body == CONTENT
    assert answer.status_code == (200 if is_whole else 206)
    if not is_whole:
        first = len(CONTENT) + start if start < 0 else start
        last = first + len(body) - 1
        assert answer["Content-Range"] == f"bytes {first}-{last}/{len(CONTENT)}"


@pytest.mark.parametrize("asked", ["bytes=99999-", "bytes=-0", "bytes=5-4"])
def test_a_range_beyond_the_file_is_told(client, photo, asked):
    answer = fetch(client, photo, Range=asked)
    assert answer.status_code == 416
    assert answer["Content-Range"] == f"bytes */{len(CONTENT)}"


@pytest.mark.parametrize("asked", ["bytes=0-1,3-4", "lines=1-2", "bytes=-", "bytes=a-b", ""])
def test_what_is_no_single_range_gets_the_whole_file(client, photo, asked):
    answer = fetch(client, photo, Range=asked)
    assert (answer.status_code, answer.getvalue()) == (200, CONTENT)


def test_a_browser_that_has_the_file_is_told_so(client, photo):
    etag = fetch(client, photo)["ETag"]
    answer = fetch(client, photo, **{"If-None-Match": etag})
    assert (answer.status_code, answer.content) == (304, b"")
    replaced = fetch(client, photo, **{"If-Range": '"another"', "Range": "bytes=0-3"})
    assert replaced.status_code == 200


def test_head_tells_of_the_file_without_sending_it(client, photo):
    answer = client.head(f"/photos/{photo.pk}", headers=FRIEND)
    assert answer["Content-Length"] == str(len(CONTENT))
    assert answer.getvalue() == b""


@pytest.mark.parametrize(
    ("handover", "header", "value"),
    [
        ("x-accel-redirect", "X-Accel-Redirect", "/protected/{name}"),
        ("x-sendfile", "X-Sendfile", "{media}/{name}"),
        ("signed-url", "Location", "/media/{name}"),
    ],
)
def test_the_sending_is_left_to_whom_the_project_names(
    client, photo, settings, media, handover, header, value
):
    settings.MEDIA_URL = "/media/"
    settings.MODERNIZE = {**settings.MODERNIZE, "UPLOAD_HANDOVER": handover}
    answer = fetch(client, photo)
    assert answer[header] == value.format(name=photo.image.name, media=media)
    assert answer.content == b""
    assert answer["Content-Type"] == "image/png"
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_an_async_server_streams_without_keeping_its_loop(photo):
    async def read():
        client = AsyncClient()
        answer = await client.get(f"/photos/{photo.pk}", headers={**FRIEND, "Range": "bytes=1-3"})
        assert answer.is_async
        return b"".join([part async for part in answer])

    assert async_to_sync(read)() == CONTENT[1:4]


@pytest.mark.parametrize("side", ["3", "99999", "-1", "x", "9" * 5000])
def test_a_thumbnail_that_the_field_does_not_declare_is_never_made(client, photo, media, side):
    answer = fetch(client, photo, f"?side={side}")
    assert answer.status_code == (404 if side in ("3", "99999") else 200)
    assert len([path for path in media.rglob("*") if path.is_file()]) == 1
