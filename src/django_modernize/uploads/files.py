"""The file of an object, inspected before it is stored and removed when no longer needed."""

from collections.abc import Iterator
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from django.core.files.base import ContentFile
from django.db import router, transaction
from django.db.models import Model
from django.db.models.fields.files import FieldFile, FileDescriptor

from ..exceptions import UnjudgedUpload
from .judging import judge_upload
from .names import make_stored_name
from .quotas import note_stored
from .removal import remove_if_undone, removing_on_failure
from .thumbnails import make_thumbnail

if TYPE_CHECKING:
    from .fields import SecureFileField

    Content = ContentFile[bytes]
else:
    Content = ContentFile

__all__ = ["SecureFieldFile", "SecureFileDescriptor", "find_alias"]


class SecureFieldFile(FieldFile):
    """The value of a secure file field, used like Django's ``FieldFile``."""

    field: "SecureFileField"
    instance: Model

    def save(self, name: str, content: Any, save: bool = True) -> None:
        """Inspect the content, and store the result under a random name.

        Args:
            name: The client's name, of which only a cleaned version is kept in ``name_field``.
            content: Django's ``File``, or a file opened in binary mode.
            save: Whether to save the object too.

        Raises:
            UploadRejected: The policy does not allow the content. Nothing is stored.

        Costs the same as :func:`~django_modernize.uploads.inspect`.
        """
        verdict = judge_upload(content, field=self.field, name=name, instance=self.instance)
        alias = find_alias(self.instance)
        with transaction.atomic(using=alias, savepoint=False) if save else nullcontext():
            self._store(make_stored_name(verdict.extension), _WholeFile(verdict.content))
            # The name in the storage is random, so nobody else can have chosen it.
            remove_if_undone(self.field, str(self.name), using=alias)
            self.field.tell_companions(self.instance, verdict)
            if self.field.policy is not None and self.field.policy.quotas:
                note_stored(self.instance, len(verdict.content), using=alias)
            if save:
                self.instance.save()

    save.alters_data = True  # type: ignore[attr-defined]

    def _store(self, name: str, content: Any) -> None:
        place = self.field.generate_filename(self.instance, name)
        with removing_on_failure(self.storage, place):
            super().save(name, content, save=False)

    def delete(self, save: bool = True) -> None:
        """Detach the file from the object. It is removed when the object's save is committed.

        Args:
            save: Whether to save the object too.
        """
        if not self:
            return
        self.close()
        setattr(self.instance, self.field.attname, None)
        self.field.tell_companions(self.instance, None)
        if save:
            self.instance.save()

    delete.alters_data = True  # type: ignore[attr-defined]

    def make_thumbnail(self, side: int) -> str:
        """Return the stored name of a thumbnail, creating it if necessary.

        Args:
            side: The longer side in pixels, which the field must declare.

        Raises:
            ThumbnailError: The field does not declare the side, or the image cannot be decoded.
        """
        return make_thumbnail(self, side)

    def open(self, mode: str = "rb") -> "SecureFieldFile":  # type: ignore[override]
        """Open the file for reading.

        Raises:
            UnjudgedUpload: The mode allows writing, which would bypass inspection.
        """
        if set(mode) - set("rbt"):
            raise UnjudgedUpload(
                self.field.label, f"open({mode!r}) would bypass the inspection; use save()."
            )
        super().open(mode)
        return self


class SecureFileDescriptor(FileDescriptor):
    """A descriptor that records replaced files and copies a file of another object."""

    field: "SecureFileField"

    def __set__(self, instance: Model, value: Any) -> None:
        name = self.field.attname
        if isinstance(value, FieldFile) and value and not self._is_own(value, instance):
            value = self._copy(value, instance)
        # There is nothing to replace while Django initializes an instance.
        if name in instance.__dict__ or not instance._state.adding:
            self.field.note_replacement(instance)
        super().__set__(instance, value)

    def _is_own(self, file: FieldFile, instance: Model) -> bool:
        if file.field is not self.field:
            return False
        return file.instance is instance or file.instance.pk == instance.pk

    def _copy(self, file: FieldFile, instance: Model) -> SecureFieldFile:
        """Return another object's file as a new upload, since two rows never share a file."""
        copy = self.field.attr_class(instance, self.field, file.name or "")
        copy.file = file
        copy._committed = False  # type: ignore[attr-defined]
        return copy


class _WholeFile(Content):
    """Content in memory, written in one piece, since chunks would be copied."""

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        self.seek(0)
        yield self.read()


def find_alias(instance: Model) -> str:
    """Return the database that an object is being saved to."""
    return instance._state.db or router.db_for_write(type(instance), instance=instance)
