"""What Pillow, libmagic and libheif add."""

import asyncio
import io
import resource
from concurrent.futures import ThreadPoolExecutor

import pillow_heif
import pytest
from django.core.files.base import ContentFile
from PIL import Image, ImageCms

from django_modernize.uploads import IMAGES, ainspect, inspect
from django_modernize.uploads.forms import SecureFormField
from django_modernize.uploads.libmagic import ask_libmagic, explain_absence
from tests import samples
from tests.heics import (
    CONFIGURATION,
    box,
    configure,
    make_heic,
    refer,
    sides,
    tell_grid,
    tell_overlay,
)
from tests.images import make_noise, make_png, upload
from tests.security.uploads.jpeg import frame, rebuild
from tests.testapp.models import Photo

STRICT = IMAGES.replace(name="strict", mode="strict")


def draw(width: int = 120, height: int = 80, mode: str = "RGB") -> Image.Image:
    red, green = Image.linear_gradient("L"), Image.radial_gradient("L")
    picture = Image.merge("RGB", (red, green, red.rotate(90))).resize((width, height))
    if mode.endswith("A"):
        picture.putalpha(green.resize((width, height)))
    return picture.convert(mode)


def encode(picture: Image.Image, name: str, **options) -> bytes:
    target = io.BytesIO()
    picture.save(target, name, **options)
    return target.getvalue()


def open_image(content: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(content))
    picture.load()
    return picture


PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
EXIF = Image.Exif()
EXIF[0x0112] = 6
EXIF[0x010E] = "a secret"

JPEGS = [
    encode(draw(mode=mode), "JPEG", **options)
    for mode in ("RGB", "L", "CMYK")
    for options in (
        {},
        {"quality": 20},
        {"quality": 100},
        {"progressive": True},
        {"optimize": True},
        {"subsampling": 0},
        {"subsampling": 1},
        {"restart_marker_rows": 1},
        {"exif": EXIF, "comment": b"a secret"},
        {"keep_rgb": True},
    )
]
PNGS = [
    encode(draw(mode=mode), "PNG", **options)
    for mode in ("RGB", "RGBA", "L", "LA", "P", "1", "I;16")
    for options in ({}, {"compress_level": 0}, {"optimize": True}, {"exif": EXIF})
]
WEBPS = [
    encode(draw(mode=mode), "WEBP", **options)
    for mode in ("RGB", "RGBA")
    for options in (
        {},
        {"quality": 1},
        {"quality": 100},
        {"lossless": True},
        {"lossless": True, "exact": True},
        {"method": 0},
        {"method": 6},
        {"alpha_quality": 10},
        {"exif": EXIF},
        {"icc_profile": PROFILE},
        {"xmp": b"a secret"},
        {"save_all": True, "append_images": [draw(mode=mode).rotate(9)]},
        {"save_all": True, "append_images": [draw(mode=mode)], "lossless": True},
    )
]
GIFS = [
    encode(draw(mode=mode), "GIF", **options)
    for mode in ("P", "L", "RGB", "RGBA")
    for options in (
        {},
        {"interlace": 0},
        {"comment": b"a secret"},
        {"save_all": True, "append_images": [draw(mode=mode).rotate(9)], "loop": 0},
        {"save_all": True, "append_images": [draw(mode=mode).rotate(9)], "disposal": 2},
    )
]


def encode_heic(picture: Image.Image, **options) -> bytes:
    target = io.BytesIO()
    pillow_heif.from_pillow(picture).save(target, format="HEIF", **options)
    return target.getvalue()


HEICS = [
    encode_heic(draw(*sides, mode), quality=quality)
    for sides in ((64, 64), (120, 80), (333, 77), (640, 480), (65, 1000))
    for mode in ("RGB", "RGBA", "L")
    for quality in (20, 90)
]
GOOD = {"jpg": JPEGS, "png": PNGS, "webp": WEBPS, "gif": GIFS, "heic": HEICS}
FILES = [(name, number) for name, files in GOOD.items() for number in range(len(files))]


@pytest.mark.parametrize("policy", [IMAGES, STRICT], ids=["quick", "strict"])
@pytest.mark.parametrize(("name", "number"), FILES)
def test_every_honest_image_is_accepted_and_shows_what_it_showed(name, number, policy):
    content = GOOD[name][number]
    verdict = inspect(upload(content, f"a.{name}"), policy)
    assert verdict.is_accepted, verdict.findings[-1]
    stored = open_image(verdict.content)
    assert b"a secret" not in verdict.content
    if name != "heic":
        came = open_image(content)
        assert stored.size == came.size
        assert getattr(stored, "n_frames", 1) == getattr(came, "n_frames", 1)
        assert stored.getexif().get(0x0112) in (came.getexif().get(0x0112), None)
    if policy is IMAGES and name != "heic":
        assert stored.mode == came.mode
        assert stored.tobytes() == came.tobytes()


def test_an_animation_that_takes_long_to_encode_is_refused_in_strict_mode():
    noise = [Image.effect_noise((100, 100), 9 + n).resize((1000, 1000), 0) for n in range(26)]
    content = encode(noise[0], "GIF", save_all=True, append_images=noise[1:])
    assert inspect(upload(content, "a.gif"), STRICT).code == "pixels"
    assert inspect(upload(content, "a.gif"), IMAGES).is_accepted


def test_there_are_25_of_each_from_several_encoders():
    assert all(len(files) >= (20 if name == "gif" else 25) for name, files in GOOD.items())


@pytest.mark.parametrize("policy", [IMAGES, STRICT], ids=["quick", "strict"])
@pytest.mark.parametrize(("name", "kind"), [("JPEG", "jpg"), ("PNG", "png"), ("WEBP", "webp")])
def test_orientation_and_colours_stay_and_everything_else_of_the_metadata_goes(name, kind, policy):
    content = encode(draw(), name, exif=EXIF, icc_profile=PROFILE)
    verdict = inspect(upload(content, f"a.{kind}"), policy)
    stored = open_image(verdict.content)
    assert dict(stored.getexif()) == {0x0112: 6}
    profile = stored.info["icc_profile"]
    assert len(profile) < len(PROFILE)
    ImageCms.ImageCmsProfile(io.BytesIO(profile))
    kept, came = (
        ImageCms.profileToProfile(
            draw(), io.BytesIO(one), ImageCms.createProfile("LAB"), outputMode="LAB"
        )
        for one in (profile, PROFILE)
    )
    assert max(abs(a - b) for a, b in zip(kept.tobytes(), came.tobytes(), strict=True)) <= 1


def test_a_heic_is_stored_as_jpeg():
    verdict = inspect(upload(samples.HEIC, "a.heic"), IMAGES)
    assert (verdict.kind.name, verdict.extension) == ("jpeg", "jpg")
    assert open_image(verdict.content).size == (64, 48)


TILE = (b"hvc1", b"")
GRID, OVERLAY = (b"grid", tell_grid(2, 2, 120, 120)), (b"iovl", tell_overlay(2, 120, 120))
WHOLE = (CONFIGURATION, sides(64, 64), sides(120, 120))
GAIN_MAP = (configure(5_000, 5_000), sides(5_000, 5_000))
PIECES = {1: [3], 2: [1, 2], 3: [4, 5]}


@pytest.mark.parametrize(
    ("content", "size"),
    [
        (
            make_heic(
                [GRID, TILE], refer(b"dimg", 1, 2, 2, 2, 2), properties=WHOLE, associated=PIECES
            ),
            (120, 120),
        ),
        (
            make_heic(
                [OVERLAY, TILE], refer(b"dimg", 1, 2, 2), properties=WHOLE, associated=PIECES
            ),
            (120, 120),
        ),
        (make_heic([TILE, TILE], brands=b"msf1\0\0\0\0mif1heic"), (64, 64)),
    ],
    ids=["of tiles", "of two upon one another", "the first of a burst"],
)
def test_a_heic_that_is_put_together_from_several_is_stored_as_one(content, size):
    verdict = inspect(upload(content, "a.heic"), IMAGES)
    assert verdict.is_accepted, verdict.findings[-1]
    assert open_image(verdict.content).size == size


def test_the_gain_map_of_a_photo_is_neither_counted_nor_decoded(monkeypatch):
    shown = []
    open_heif = pillow_heif.open_heif
    monkeypatch.setattr(
        pillow_heif,
        "open_heif",
        lambda file, **options: shown.append(file.getvalue()) or open_heif(file, **options),
    )
    content = make_heic(
        [GRID, TILE, TILE],
        refer(b"dimg", 1, 2, 2, 2, 2),
        refer(b"auxl", 3, 1),
        properties=(*WHOLE, *GAIN_MAP),
        associated=PIECES,
        behind=box(b"moov", b"a film"),
    )
    verdict = inspect(upload(content, "a.heic"), IMAGES)
    assert verdict.is_accepted, verdict.findings[-1]
    assert b"auxl" in content
    assert b"moov" in content
    assert b"auxl" not in shown[0]
    assert b"moov" not in shown[0]


def test_strict_mode_makes_an_image_smaller_until_it_fits():
    policy = STRICT.replace(stored_side=200, stored_bytes=6_000)
    noisy = Image.effect_noise((900, 600), 90).convert("RGB")
    verdict = inspect(upload(encode(noisy, "JPEG"), "a.jpg"), policy)
    assert verdict.is_accepted
    assert len(verdict.content) <= 6_000
    assert max(open_image(verdict.content).size) <= 200
    assert verdict.facts["width"] == open_image(verdict.content).width


def test_an_image_that_cannot_be_made_short_enough_is_refused():
    policy = STRICT.replace(stored_bytes=100)
    verdict = inspect(upload(encode(draw(), "JPEG"), "a.jpg"), policy)
    assert verdict.code == "stored_size"


def test_strict_mode_refuses_pixels_that_cannot_be_decoded():
    content = bytearray(encode(draw(), "WEBP"))
    content[60:200] = bytes(140)
    assert inspect(upload(bytes(content), "a.webp"), STRICT).code in ("damaged", None)
    broken = samples.GIF[:-12] + b"\xff" * 10 + b"\0;"
    assert inspect(upload(broken, "a.gif"), STRICT).code in ("damaged", "truncated")


def test_strict_mode_refuses_what_a_decoder_would_take_too_much_memory_for():
    progressive = rebuild(frame=frame(7000, 6000, marker=0xC2), content=samples.PROGRESSIVE_JPEG)
    assert inspect(upload(progressive, "a.jpg"), STRICT).code == "pixels"
    webp = encode(Image.new("RGB", (4000, 3000)), "WEBP", method=0)
    assert inspect(upload(webp, "a.webp"), STRICT).code == "pixels"
    assert inspect(upload(webp, "a.webp"), IMAGES).is_accepted


@pytest.mark.parametrize("sides", [(1, 1), (3, 900), (900, 3), (64, 65)])
def test_strict_mode_takes_images_of_any_shape(sides):
    for name, kind in (("JPEG", "jpg"), ("PNG", "png"), ("WEBP", "webp"), ("GIF", "gif")):
        verdict = inspect(upload(encode(draw(*sides), name), f"a.{kind}"), STRICT)
        assert open_image(verdict.content).size == sides


def test_no_decoder_but_that_of_the_type_is_opened(monkeypatch):
    opened = []
    original = Image.open

    def open_noting(*args, **kwargs):
        opened.append(kwargs["formats"])
        return original(*args, **kwargs)

    monkeypatch.setattr(Image, "open", open_noting)
    inspect(upload(samples.JPEG, "a.jpg"), STRICT)
    assert opened == [["JPEG"]]


def test_libmagic_is_there_and_has_its_say():
    assert explain_absence() is None
    assert inspect(upload(make_png()), IMAGES).findings[3].detail == "image/png"


def test_libmagic_may_refuse(monkeypatch):
    from django_modernize.uploads import libmagic

    opinion = libmagic.Opinion("text/html")
    monkeypatch.setattr("django_modernize.uploads.inspection.ask_libmagic", lambda content: opinion)
    assert inspect(upload(make_png()), IMAGES).code == "type_disputed"


@pytest.mark.parametrize(("choice", "code"), [("required", "libmagic_missing"), ("optional", None)])
def test_without_libmagic_the_project_says_whether_files_are_accepted(
    monkeypatch, settings, choice, code
):
    from django_modernize.uploads import libmagic

    def fail():
        raise ImportError("failed to find libmagic")

    monkeypatch.setattr(libmagic, "_open_cookie", fail)
    settings.MODERNIZE = {"UPLOAD_LIBMAGIC": choice}
    assert inspect(upload(make_png()), IMAGES).code == code


def test_without_pillow_strict_mode_refuses(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "PIL", None)
    assert inspect(upload(make_png()), STRICT).code == "decoder_missing"
    assert inspect(upload(make_png()), IMAGES).is_accepted


def test_without_pillow_heif_a_heic_is_refused(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pillow_heif", None)
    assert inspect(upload(samples.HEIC, "a.heic"), IMAGES).code == "decoder_missing"


@pytest.mark.parametrize("name", ["a.pdf", "a.jpg"])
def test_without_pillow_heif_nobody_is_told_to_send_a_heic(monkeypatch, name):
    def offer():
        refusal = inspect(upload(b"%PDF-1.7 no picture", name), IMAGES)
        widget = SecureFormField(policy=IMAGES).widget
        return [refusal.message, widget.attrs["accept"]]

    assert all("heic" in text for text in offer())
    monkeypatch.setitem(__import__("sys").modules, "pillow_heif", None)
    assert not any("hei" in text or "hif" in text for text in offer())
    assert all("webp" in text for text in offer())


def test_eight_threads_come_to_the_verdicts_of_one():
    files = [(content, f"a.{name}") for name, contents in GOOD.items() for content in contents[:6]]
    files += [(content[:-9], name) for content, name in files]

    def judge(number: int) -> str | None:
        content, name = files[number % len(files)]
        return inspect(upload(content, name), IMAGES).code

    alone = [judge(number) for number in range(len(files))]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(judge, range(len(files) * 20)))
    assert found == alone * 20


def test_libmagic_bears_eight_threads():
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: ask_libmagic(samples.JPEG).content_type, range(4000)))
    assert found == {"image/jpeg"}


def test_the_event_loop_goes_on_while_a_file_is_judged():
    content = encode(draw(3000, 2000), "PNG")

    async def measure() -> list[float]:
        loop = asyncio.get_running_loop()
        gaps = []
        task = asyncio.create_task(ainspect(ContentFile(content, name="a.png"), STRICT))
        while not task.done():
            before = loop.time()
            await asyncio.sleep(0)
            gaps.append(loop.time() - before)
        assert (await task).is_accepted
        return gaps

    # Were it judged in the loop, there would be one turn or two.
    assert len(asyncio.run(measure())) > 20


@pytest.mark.django_db
class TestThumbnails:
    @pytest.fixture(autouse=True)
    def media(self, settings, tmp_path):
        settings.MEDIA_ROOT = tmp_path
        return tmp_path

    def list_names(self, media):
        return {path.name for path in media.rglob("*") if path.is_file()}

    def test_a_thumbnail_is_made_once_upright_and_beside_its_image(self, media):
        content = encode(draw(), "JPEG", exif=EXIF)
        photo = Photo.objects.create(title="one", image=upload(content, "a.jpg"))
        name = photo.image.make_thumbnail(64)
        assert name == photo.image.name.replace(".jpg", ".64.webp")
        assert open_image((media / name).read_bytes()).size == (43, 64)
        written = (media / name).stat().st_mtime_ns
        assert photo.image.make_thumbnail(64) == name
        assert (media / name).stat().st_mtime_ns == written

    def test_a_transparent_image_stays_transparent(self, media):
        content = encode(draw(mode="RGBA"), "PNG")
        photo = Photo.objects.create(title="one", image=upload(content, "a.png"))
        name = photo.image.make_thumbnail(64)
        assert open_image((media / name).read_bytes()).mode == "RGBA"

    def test_a_full_disk_leaves_no_half_of_a_thumbnail_that_would_be_shown(self, media, full_disk):
        photo = Photo.objects.create(title="one", image=upload(make_noise(99, 99), "a.png"))
        full_disk(500)
        with pytest.raises(OSError, match="too large"):
            photo.image.make_thumbnail(64)
        full_disk(resource.RLIM_INFINITY)
        assert self.list_names(media) == {photo.image.name.rpartition("/")[2]}
        assert photo.image.make_thumbnail(64)

    def test_a_thumbnail_goes_with_its_image(self, media, django_capture_on_commit_callbacks):
        photo = Photo.objects.create(title="one", image=upload(encode(draw(), "JPEG"), "a.jpg"))
        photo.image.make_thumbnail(64)
        assert len(self.list_names(media)) == 2
        with django_capture_on_commit_callbacks(execute=True):
            photo.delete()
        assert self.list_names(media) == set()
