"""What a project sees of the fields: migrations, checks, form fields."""

import pytest
from django.apps.registry import Apps
from django.core.checks import run_checks
from django.db import models
from django.db.migrations.writer import MigrationWriter
from django.forms import modelform_factory

from django_modernize.exceptions import SettingsError
from django_modernize.uploads import (
    DOCUMENTS,
    IMAGES,
    Quota,
    SecureFileField,
    SecureImageField,
    UnjudgedUpload,
    UploadPolicy,
)
from django_modernize.uploads.checks import check_handlers
from django_modernize.uploads.handlers import UploadLimitHandler
from tests.images import make_png, upload
from tests.testapp.models import Photo


def declare(**fields):
    """Return a model of these fields that the other tests do not see."""
    meta = type("Meta", (), {"app_label": "testapp", "apps": Apps()})
    return type("Declared", (models.Model,), {"__module__": __name__, "Meta": meta, **fields})


def list_ids(model):
    return [message.id for message in model.check() if message.id.startswith("modernize.")]


def test_a_migration_knows_nothing_of_policy_and_companions():
    field = Photo._meta.get_field("image")
    _, path, args, kwargs = field.deconstruct()
    assert path == "django_modernize.uploads.fields.SecureImageField"
    assert (args, kwargs) == ([], {"blank": True, "upload_to": "photos"})
    written, _ = MigrationWriter.serialize(field)
    assert "policy" not in written


def test_a_changed_policy_makes_no_migration():
    strict = SecureImageField(policy=IMAGES.replace(mode="strict"))
    assert SecureImageField().deconstruct() == strict.deconstruct()


def test_a_longer_or_shorter_column_is_noted():
    assert SecureImageField(max_length=100).deconstruct()[3]["max_length"] == 100


def test_the_model_of_a_migration_takes_no_file():
    # As a migration makes it: without the policy.
    clone = Photo._meta.get_field("image").clone()
    clone.policy = None
    model = declare(image=clone)
    with pytest.raises(UnjudgedUpload, match="no policy"):
        model().image.save("x.png", upload(make_png()), save=False)


def test_a_field_without_policy_is_an_error():
    assert list_ids(declare(file=SecureFileField())) == ["modernize.E503"]
    assert list_ids(declare(file=SecureFileField(policy=DOCUMENTS))) == []


def test_a_quota_without_sizes_is_an_error():
    policy = IMAGES.replace(quotas=(Quota(per="owner", max_bytes=1),))
    assert list_ids(declare(file=SecureFileField(policy=policy))) == ["modernize.E504"]


def test_a_companion_that_is_missing_or_stands_above_is_an_error():
    missing = declare(file=SecureFileField(policy=DOCUMENTS, size_field="size"))
    assert list_ids(missing) == ["modernize.E505"]
    size = models.IntegerField(default=0)
    above = declare(size=size, file=SecureFileField(policy=DOCUMENTS, size_field="size"))
    assert list_ids(above) == ["modernize.E505"]


@pytest.mark.parametrize(("choice", "found"), [("required", "E501"), ("optional", "W502")])
def test_a_missing_libmagic_is_told_with_the_line_to_type(choice, found, settings, monkeypatch):
    settings.MODERNIZE = {"UPLOAD_LIBMAGIC": choice}
    monkeypatch.setattr("django_modernize.uploads.checks.explain_absence", lambda: "not there")
    (message,) = [one for one in run_checks(tags=["files"]) if one.id.startswith("modernize.")]
    assert message.id == f"modernize.{found}"
    assert "apt-get install libmagic1" in message.hint


class OwnLimit(UploadLimitHandler):
    """As a project may count the bytes that came."""


LIMIT = "django_modernize.uploads.handlers.UploadLimitHandler"
MEMORY = "django.core.files.uploadhandler.MemoryFileUploadHandler"


@pytest.mark.parametrize("handlers", [[MEMORY], [MEMORY, LIMIT]], ids=["missing", "behind"])
def test_a_byte_limit_that_is_missing_or_stands_behind_is_told_with_the_line_to_type(
    handlers, settings
):
    settings.FILE_UPLOAD_HANDLERS = handlers
    (message,) = check_handlers(None)
    assert message.id == "modernize.W506"
    assert f'FILE_UPLOAD_HANDLERS = ["{LIMIT}", "{MEMORY}"]' in message.hint


def test_the_byte_limit_may_be_told_by_a_handler_of_ones_own(settings):
    settings.FILE_UPLOAD_HANDLERS = [f"{__name__}.OwnLimit", MEMORY]
    assert check_handlers(None) == []


def test_the_checks_of_uploads_ask_the_database_nothing_and_can_be_silenced(settings):
    # Without the mark that lets a test at the database, a query would fail.
    settings.FILE_UPLOAD_HANDLERS = [MEMORY]
    (message,) = [one for one in run_checks(tags=["files"]) if one.id == "modernize.W506"]
    assert not message.is_silenced()
    settings.SILENCED_SYSTEM_CHECKS = ["modernize.W506"]
    assert message.is_silenced()


def test_a_form_offers_the_endings_of_the_policy_and_minds_no_long_name():
    field = modelform_factory(Photo, fields=["image"]).base_fields["image"]
    assert ".webp" in field.widget.attrs["accept"]
    assert field.max_length is None


def test_a_policy_is_tightened_by_replace_and_by_subclass():
    from dataclasses import dataclass

    @dataclass(frozen=True, kw_only=True)
    class AvatarPolicy(UploadPolicy):
        name: str = "avatars"
        kinds: tuple[str, ...] = ("png",)
        max_pixels: int = 100

    assert AvatarPolicy().replace(max_pixels=50) == AvatarPolicy(max_pixels=50)
    assert IMAGES.replace(max_bytes=1).max_bytes == 1
    with pytest.raises(AttributeError):
        IMAGES.max_bytes = 1


def test_a_policy_of_unknown_types_or_foreign_endings_is_refused():
    with pytest.raises(SettingsError, match="exe"):
        IMAGES.replace(kinds=("exe",))
    with pytest.raises(SettingsError, match="php"):
        IMAGES.replace(extensions=("php",))
