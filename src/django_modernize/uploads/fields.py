"""Model fields for files that are inspected by content, however they are saved."""

from collections.abc import Iterable, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any, Final, Self, overload

from django.core.checks import CheckMessage
from django.core.files.base import File
from django.core.files.utils import validate_file_name
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import FileField, Model, QuerySet
from django.db.models.fields.files import FieldFile
from django.db.models.signals import post_delete
from django.utils.functional import cached_property

from ..exceptions import UnjudgedUpload
from .checks import check_field
from .files import SecureFieldFile, SecureFileDescriptor, find_alias
from .forms import SecureFormField
from .judging import UploadValidator, judge_upload
from .policies import IMAGES, UploadPolicy
from .removal import remove_after_commit, remove_unless_written
from .statements import undo_pending
from .thumbnails import name_thumbnail
from .verdicts import Verdict

__all__ = ["SecureFileField", "SecureImageField"]

NAME_LENGTH: Final = 255

GUARDS: Final = "guards_files"


class SecureFileField(FileField):
    """A ``FileField`` that stores only what its policy allows, however it is saved.

    The policy is not part of migrations, so changing it needs none.

    Args:
        policy: What is allowed.
        name_field: The model field that receives the client's file name, as cleaned text.
        size_field: The field that receives the stored size in bytes; quotas sum it up.
        type_field: The field that receives the content type.
        digest_field: The field that receives the SHA-256 of the stored file, in hexadecimal.
        **kwargs: See :class:`django.db.models.FileField`. ``upload_to`` is the folder below which
            random names are made.
    """

    attr_class = SecureFieldFile
    descriptor_class = SecureFileDescriptor
    thumbnail_sides: tuple[int, ...] = ()

    if TYPE_CHECKING:
        # django-stubs assumes Django's own FieldFile as the value.
        @overload
        def __get__(self, instance: None, owner: object) -> SecureFileDescriptor: ...
        @overload
        def __get__(self, instance: Model, owner: object) -> SecureFieldFile: ...
        @overload
        def __get__(self, instance: object, owner: object) -> Self: ...
        def __get__(self, instance: Any, owner: object) -> Any: ...

    def __init__(
        self,
        *args: Any,
        policy: UploadPolicy | None = None,
        name_field: str | None = None,
        size_field: str | None = None,
        type_field: str | None = None,
        digest_field: str | None = None,
        **kwargs: Any,
    ) -> None:
        self.policy = policy
        self.name_field = name_field
        self.size_field = size_field
        self.type_field = type_field
        self.digest_field = digest_field
        kwargs.setdefault("max_length", NAME_LENGTH)
        super().__init__(*args, **kwargs)

    @property
    def label(self) -> str:
        """The field as ``app.Model.field``."""
        return f"{self.model._meta.label}.{self.name}"

    @property
    def companions(self) -> dict[str, str]:
        """The companion fields, by the name of the fact about the stored file that they receive."""
        named = {
            "name": self.name_field,
            "size": self.size_field,
            "content_type": self.type_field,
            "sha256": self.digest_field,
        }
        return {fact: name for fact, name in named.items() if name is not None}

    @cached_property
    def validators(self) -> list[Any]:
        """Django's own validators, and the policy."""
        return [*super().validators, UploadValidator(self)]

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        """Return what concerns the database, without the policy and the companion fields."""
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("max_length", None)
        if self.max_length != NAME_LENGTH:
            kwargs["max_length"] = self.max_length
        return name, path, args, kwargs

    def check(self, **kwargs: Any) -> list[CheckMessage]:
        """Run Django's checks, and check the policy and the companion fields."""
        return [*super().check(**kwargs), *check_field(self)]

    # The stubs of Field and of FileField differ.
    def contribute_to_class(self, cls: type[Model], name: str, **kwargs: Any) -> None:  # type: ignore[override]
        """Connect to the saves and deletions of the model."""
        super().contribute_to_class(cls, name, **kwargs)
        _guard_saves(cls)
        if not cls._meta.abstract:
            post_delete.connect(self._forget_file, sender=cls)

    def formfield(self, **kwargs: Any) -> Any:
        """Return a form field that also inspects files, without a limit on the client's name."""
        # FileField would pass on the length of the column, which never holds the client's name.
        return super().formfield(
            **{"form_class": SecureFormField, "policy": self.policy, "max_length": None, **kwargs}
        )

    def pre_save(self, model_instance: Model, add: bool) -> Any:
        """Inspect and store a new file, and schedule the removal of the one that it replaces.

        Raises:
            UploadRejected: The policy does not allow the content.
        """
        file: SecureFieldFile = getattr(model_instance, self.attname)
        was_replaced = model_instance.__dict__.pop(self._replacement_name, False)
        is_new = bool(file) and not file._committed  # type: ignore[attr-defined]
        alias = find_alias(model_instance)
        try:
            file = super().pre_save(model_instance, add)
        except BaseException:
            undo_pending(using=alias)
            raise
        if is_new:
            remove_unless_written(self, str(file.name), using=alias)
        if was_replaced and not file:
            self.tell_companions(model_instance, None)
        if was_replaced and not add:
            self._remove_former(model_instance, str(file.name or ""))
        return file

    def get_db_prep_save(self, value: Any, connection: BaseDatabaseWrapper) -> Any:
        """Store a file written without :meth:`pre_save`, as by ``bulk_update()``.

        Raises:
            UploadRejected: The policy does not allow the content.
            UnjudgedUpload: The file cannot be stored in this way.
        """
        if isinstance(value, FieldFile) and value and not value._committed:  # type: ignore[attr-defined]
            if self.companions:
                raise UnjudgedUpload(
                    self.label,
                    "bulk_update() cannot write its companion fields; call "
                    f"instance.{self.name}.save(name, file, save=False) first.",
                )
            self.pre_save(value.instance, add=False)
        elif isinstance(value, File) and not isinstance(value, FieldFile):
            raise UnjudgedUpload(
                self.label, "update() cannot store a file; assign it to each object and save it."
            )
        return super().get_db_prep_save(value, connection)

    def get_prep_value(self, value: Any) -> Any:
        """Return the name to store in the database.

        Raises:
            SuspiciousFileOperation: The name points outside the storage.
        """
        name = super().get_prep_value(value)
        if name:
            validate_file_name(name, allow_relative_path=True)
        return name

    def judge_pending(self, instance: Model) -> None:
        """Inspect the file of an object if it is not stored yet.

        Raises:
            UploadRejected: The policy does not allow the content.
        """
        file: SecureFieldFile = getattr(instance, self.attname)
        if file and not file._committed and self.policy is not None:  # type: ignore[attr-defined]
            judge_upload(file.file, field=self, name=file.name, instance=instance)

    def note_replacement(self, instance: Model) -> None:
        """Record that the object may have had another file in the database."""
        instance.__dict__[self._replacement_name] = True

    def tell_companions(self, instance: Model, verdict: Verdict | None) -> None:
        """Set the companion fields. ``None`` means that the object no longer has a file."""
        for fact, name in self.companions.items():
            told = None if verdict is None else verdict.tell(fact)
            field: Any = instance._meta.get_field(name)
            if told is None and not field.null:
                told = field.get_default()
            setattr(instance, name, told)

    def derived_names(self, name: str) -> Iterable[str]:
        """Return the names of files that may have been derived from a stored file."""
        return [name_thumbnail(name, side) for side in self.thumbnail_sides]

    @property
    def _replacement_name(self) -> str:
        return f"_{self.attname}_was_replaced"

    def _remove_former(self, instance: Model, name: str) -> None:
        alias = find_alias(instance)
        rows: QuerySet[Any] = QuerySet(self.model, using=alias).filter(pk=instance.pk)
        if transaction.get_connection(alias).in_atomic_block:
            # Otherwise two concurrent replacements would both remove the original, and neither the
            # file of the other.
            rows = rows.select_for_update(of=("self",))
        for former in rows.values_list(self.name, flat=True):
            if former and former != name:
                remove_after_commit(self, former, using=alias)

    def _forget_file(self, *, instance: Model, using: str, **kwargs: Any) -> None:
        file = getattr(instance, self.attname)
        if file and file._committed and self.policy is not None:
            remove_after_commit(self, file.name, using=using)


class SecureImageField(SecureFileField):
    """A :class:`SecureFileField` for images, ``IMAGES`` unless another policy is given.

    Args:
        policy: What is allowed.
        width_field: The field that receives the width of the stored image, in pixels.
        height_field: The field that receives the height.
        thumbnails: The longer sides, in pixels, of the small versions that
            ``instance.photo.make_thumbnail(side)`` may make.
        **kwargs: See :class:`SecureFileField`.
    """

    def __init__(
        self,
        *args: Any,
        policy: UploadPolicy | None = IMAGES,
        width_field: str | None = None,
        height_field: str | None = None,
        thumbnails: Sequence[int] = (),
        **kwargs: Any,
    ) -> None:
        self.thumbnail_sides = tuple(thumbnails)
        self.width_field = width_field
        self.height_field = height_field
        super().__init__(*args, policy=policy, **kwargs)

    @property
    def companions(self) -> dict[str, str]:
        """See :attr:`SecureFileField.companions`."""
        named = {"width": self.width_field, "height": self.height_field}
        sides = {fact: name for fact, name in named.items() if name is not None}
        return {**super().companions, **sides}


def _guard_saves(model: type[Model]) -> None:
    """Run each save of a new file in a transaction, so that a failed INSERT removes the file.

    Django opens no transaction for a single statement in autocommit mode, and has no signal for
    its failure.
    """
    original = model.save_base
    if getattr(original, GUARDS, False):
        return

    @wraps(original)
    def save_base(self: Model, *args: Any, **kwargs: Any) -> None:
        pending = [field for field in _find_fields(type(self)) if _is_pending(self, field)]
        if not pending:
            original(self, *args, **kwargs)
            return
        for field in pending:
            # A refusal inside this transaction would break the outer one.
            field.judge_pending(self)
        if kwargs.get("update_fields"):
            kwargs["update_fields"] = _add_companions(kwargs["update_fields"], pending)
        alias = kwargs.get("using") or find_alias(self)
        with transaction.atomic(using=alias, savepoint=False):
            original(self, *args, **kwargs)

    setattr(save_base, GUARDS, True)
    model.save_base = save_base  # type: ignore[method-assign]


def _find_fields(model: type[Model]) -> list[SecureFileField]:
    return [field for field in model._meta.concrete_fields if isinstance(field, SecureFileField)]


def _is_pending(instance: Model, field: SecureFileField) -> bool:
    return field._replacement_name in instance.__dict__ or isinstance(
        instance.__dict__.get(field.attname), File
    )


def _add_companions(named: Iterable[str], pending: list[SecureFileField]) -> frozenset[str]:
    wanted = set(named)
    for field in pending:
        if field.name in wanted or field.attname in wanted:
            wanted.update(field.companions.values())
    return frozenset(wanted)
