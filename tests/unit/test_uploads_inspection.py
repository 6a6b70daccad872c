"""The verdict, and what each step says of files that no package has to be installed for."""

import io
import json

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command

from django_modernize.uploads import DOCUMENTS, IMAGES, inspect
from tests import samples
from tests.images import make_png, png_chunk, upload

HONEST = {
    "photo.png": make_png(),
    "photo.jpg": samples.JPEG,
    "progressive.jpeg": samples.PROGRESSIVE_JPEG,
    "photo.webp": samples.WEBP,
    "lossless.webp": samples.LOSSLESS_WEBP,
    "animated.webp": samples.ANIMATED_WEBP,
    "drawing.gif": samples.GIF,
    "animated.gif": samples.ANIMATED_GIF,
}


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_image_is_accepted_and_every_step_says_so(name):
    verdict = inspect(upload(HONEST[name], name), IMAGES)
    assert verdict.is_accepted and not verdict.message
    said = {found.step: found.outcome for found in verdict.findings}
    assert list(said) == [
        *("size", "name", "signature", "libmagic", "structure"),
        *("rebuild", "decode", "quota", "scan"),
    ]
    assert said["structure"] == said["rebuild"] == "passed"


@pytest.mark.parametrize("name", HONEST)
def test_an_image_of_nothing_but_what_decoding_needs_stays_as_it_was(name):
    assert inspect(upload(HONEST[name], name), IMAGES).content == HONEST[name]


@pytest.mark.parametrize("name", HONEST)
def test_every_cut_off_image_is_refused(name):
    content = HONEST[name]
    for length in range(len(content)):
        verdict = inspect(upload(content[:length], name), IMAGES)
        assert not verdict.is_accepted, length


def test_facts_are_those_of_the_content():
    facts = inspect(upload(samples.ANIMATED_GIF, "a.gif"), IMAGES).facts
    assert facts == {"width": 8, "height": 8, "frames": 2}


def test_what_is_not_asked_for_any_more_is_the_step_that_refused():
    verdict = inspect(upload(b"MZ\x90", "photo.png"), IMAGES)
    assert verdict.code == "unknown_type"
    assert verdict.findings[-1].step == "signature"
    assert verdict.findings[-1].outcome == "refused"
    assert verdict.content == b""


@pytest.mark.parametrize(
    ("content", "name", "policy", "code"),
    [
        (b"", "a.png", IMAGES, "empty"),
        (make_png(), "a.jpg", IMAGES, "type_mismatch"),
        (make_png(), "a.pdf", DOCUMENTS, "type_not_allowed"),
        (make_png(), "a.exe", IMAGES, "extension"),
        (make_png(), "a.png", IMAGES.replace(max_bytes=20), "too_large"),
        (make_png(5, 1), "a.png", IMAGES.replace(max_side=4), "sides"),
        (make_png(5, 5), "a.png", IMAGES.replace(max_pixels=24), "pixels"),
        (samples.ANIMATED_GIF, "a.gif", IMAGES.replace(max_frames=1), "frames"),
        (samples.PROGRESSIVE_JPEG, "a.jpg", IMAGES.replace(max_scans=3), "scans"),
        (make_png(extra=png_chunk(b"tEXt", b"") * 50), "a.png", IMAGES.replace(max_pieces=40),
         "too_many_pieces"),
    ],
)  # fmt: skip
def test_each_limit_of_a_policy_has_its_code(content, name, policy, code):
    verdict = inspect(upload(content, name), policy)
    assert verdict.code == code
    assert verdict.message and "%(" not in verdict.message


def test_a_file_that_claims_to_be_larger_than_allowed_is_not_read():
    class Unread(ContentFile):
        def read(self, *args):
            raise AssertionError

    file = Unread(make_png(), name="a.png")
    file.size = 10**9
    assert inspect(file, IMAGES).code == "too_large"


def test_a_file_that_claims_to_be_small_is_still_measured():
    file = upload(make_png())
    file.size = 1
    assert inspect(file, IMAGES.replace(max_bytes=20)).code == "too_large"


@pytest.mark.parametrize("file", [io.StringIO("text"), object(), ContentFile("text")])
def test_what_is_no_file_of_bytes_is_refused(file):
    assert inspect(file, IMAGES, name="a.png").code == "unreadable"


def test_a_file_is_left_at_its_beginning():
    file = upload(make_png())
    file.seek(7)
    inspect(file, IMAGES)
    assert file.tell() == 0


def run_command(path, *options):
    out = io.StringIO()
    try:
        call_command("inspect_upload", path, *options, stdout=out)
    except SystemExit as stop:
        return out.getvalue(), stop.code
    return out.getvalue(), 0


def test_the_command_says_step_by_step_why_a_file_is_accepted(tmp_path):
    path = tmp_path / "kitchen.png"
    path.write_bytes(make_png())
    text, status = run_command(path)
    assert status == 0
    assert "signature  passed   png" in text and "accepted (policy images)" in text


def test_the_command_says_why_a_file_is_refused_and_tells_scripts_by_its_status(tmp_path):
    path = tmp_path / "kitchen.png"
    path.write_bytes(make_png()[:-3])
    text, status = run_command(path, "--format=json", "--policy=images")
    told = json.loads(text)
    assert status == 1
    assert (told["accepted"], told["code"]) == (False, "truncated")
    assert told["findings"][-1] == {
        "step": "structure",
        "outcome": "refused",
        "detail": "truncated",
    }


def test_the_command_takes_a_policy_of_the_project(tmp_path):
    path = tmp_path / "kitchen.png"
    path.write_bytes(make_png())
    text, status = run_command(path, "--policy=django_modernize.uploads.DOCUMENTS")
    assert status == 1 and "policy documents" in text


@pytest.mark.parametrize("name", ["nothing", "os.path", "shop.uploads.X"])
def test_the_command_says_which_policies_there_are(tmp_path, name):
    path = tmp_path / "kitchen.png"
    path.write_bytes(make_png())
    with pytest.raises(CommandError, match="images, spreadsheets, documents, or the path"):
        call_command("inspect_upload", path, f"--policy={name}")


def test_the_command_says_that_a_file_is_not_there(tmp_path):
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("inspect_upload", tmp_path / "nothing")
