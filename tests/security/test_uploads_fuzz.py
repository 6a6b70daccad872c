"""Whatever comes in, there is a verdict, and soon."""

import io
import time

from django.core.files.base import ContentFile
from hypothesis import given, settings
from hypothesis import strategies as st

from django_modernize.uploads import IMAGES, Verdict, inspect
from tests import samples
from tests.images import PNG_SIGNATURE, make_png

from .uploads.case import PATIENCE

HONEST = {
    "a.png": make_png(9, 7),
    "a.jpg": samples.JPEG,
    "b.jpg": samples.PROGRESSIVE_JPEG,
    "a.gif": samples.ANIMATED_GIF,
    "a.webp": samples.WEBP,
    "b.webp": samples.ANIMATED_WEBP,
    "a.heic": samples.HEIC,
}
STARTS = {
    "a.png": PNG_SIGNATURE,
    "a.jpg": b"\xff\xd8\xff",
    "a.gif": b"GIF89a",
    "a.webp": b"RIFF\x40\0\0\0WEBP",
    "a.heic": b"\0\0\0\x18ftypheic",
}
CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["set", "cut", "insert", "repeat"]),
        st.integers(0, 2000),
        st.binary(min_size=1, max_size=8),
    ),
    min_size=1,
    max_size=6,
)
BOUNDED = settings(max_examples=150, deadline=None, derandomize=True)


def judge(content: bytes, name: str) -> Verdict:
    started = time.process_time()
    verdict = inspect(ContentFile(content, name=name), IMAGES)
    assert time.process_time() - started < PATIENCE
    return verdict


@BOUNDED
@given(st.sampled_from(sorted(HONEST)), CHANGES)
def test_a_damaged_image_gets_a_verdict_and_what_is_accepted_is_accepted_again(name, changes):
    content = bytearray(HONEST[name])
    for act, place, data in changes:
        place %= len(content) + 1
        if act == "set":
            content[place : place + len(data)] = data
        elif act == "cut":
            del content[place : place + len(data) ** 2]
        elif act == "insert":
            content[place:place] = data
        else:
            content[place:place] = content[place : place + 64] * len(data)
    verdict = judge(bytes(content), name)
    if verdict.is_accepted and verdict.kind.name != "jpeg" and name != "a.heic":
        assert judge(verdict.content, name).content == verdict.content


@BOUNDED
@given(st.sampled_from(sorted(STARTS)), st.binary(max_size=400))
def test_noise_behind_a_signature_gets_a_verdict(name, noise):
    assert not judge(STARTS[name] + noise, name).is_accepted


@BOUNDED
@given(st.binary(max_size=200), st.text(max_size=300))
def test_noise_under_any_name_gets_a_verdict(noise, name):
    assert not judge(noise, name).is_accepted


@BOUNDED
@given(st.one_of(st.none(), st.text()), st.binary(max_size=50))
def test_an_open_file_of_any_name_gets_a_verdict(name, content):
    assert not inspect(io.BytesIO(content), IMAGES, name=name).is_accepted
