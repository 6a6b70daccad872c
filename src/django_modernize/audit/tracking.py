"""The registry of tracked models and their fields."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, overload

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field, Model, Q

from ..exceptions import TrackingError
from .masking import MaskKind

__all__ = [
    "TrackedLink",
    "TrackedModel",
    "find_renamed",
    "find_tracked",
    "get_tracked",
    "is_model",
    "of_model",
    "track",
    "wants_hashes",
]

ModelT = TypeVar("ModelT", bound=Model)


@dataclass(frozen=True, kw_only=True, slots=True)
class TrackedLink:
    """A many-to-many field of a tracked model, whose rows are recorded as events of its owner."""

    name: str
    """The name of the field."""

    table: str
    owner_column: str
    """The column that references the tracked object."""

    target_column: str

    owner_key: "Field[Any, Any]"
    """The field of the tracked model that the owner's column references, usually its key."""

    target_key: "Field[Any, Any]"
    """The field that the target's column references."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TrackedModel:
    """A model whose changes are recorded."""

    model: type[Model]
    exclude: frozenset[str] = frozenset()
    """The names of fields whose changes and values are not recorded."""

    mask: Mapping[str, MaskKind] = field(default_factory=dict)
    """The masked fields: events record that they changed, but not their values."""

    renamed: Mapping[str, str] = field(default_factory=dict)
    """Maps former names of fields to their current names."""

    removed: "Mapping[str, Field[Any, Any]]" = field(default_factory=dict)
    """Maps the names of removed fields to fields of their former type."""

    former_labels: tuple[str, ...] = ()
    """What the model was called once, as ``object_type`` has it."""

    @property
    def table(self) -> str:
        """The table that gets the triggers."""
        return self.model._meta.db_table

    @property
    def label(self) -> str:
        """The ``object_type`` of the model's events."""
        return self.model._meta.label_lower

    @property
    def recorded_fields(self) -> list["Field[Any, Any]"]:
        """The fields that have a column in the model's own table and are not excluded."""
        return [
            field
            for field in self.model._meta.local_concrete_fields
            if field.name not in self.exclude
        ]

    @property
    def key_fields(self) -> "list[Field[Any, Any]]":
        """The fields of the primary key, several for a composite key."""
        return list(self.model._meta.pk_fields)

    @property
    def links(self) -> list[TrackedLink]:
        """The many-to-many fields that the model itself declares, without excluded ones."""
        return [
            _describe_link(many)
            for many in self.model._meta.local_many_to_many
            if many.name not in self.exclude
        ]

    def column_of(self, name: str) -> str:
        """Return the column of a field."""
        field = self.model._meta.get_field(name)
        if not isinstance(field, Field) or field.column is None:
            raise TrackingError(
                f"track({self.model.__name__}): {name!r} has no column of its own. Do not track it."
            )
        return field.column

    def check_names(self) -> None:
        """Refuse names that are not fields of the model, and masks that would hide nothing.

        Raises:
            TrackingError: ``exclude``, ``mask`` or ``renamed`` has an unknown name; or ``mask``
                names a key, which identifies the object of each event; or ``former_labels`` names
                a model that exists.
        """
        for label in self.former_labels:
            if is_model(label):
                raise TrackingError(
                    f"track({self.model.__name__}): {label!r} is a current model, whose events "
                    "would be mistaken for events of this one. Remove it from former_labels=."
                )
        for name in sorted({*self.exclude, *self.mask, *self.renamed.values()}):
            try:
                self.model._meta.get_field(name)
            except FieldDoesNotExist as error:
                raise TrackingError(
                    f"track({self.model.__name__}): {name!r} is not one of its fields. "
                    "Correct the name in exclude=, mask= or renamed=."
                ) from error
        shown = {
            *(key.name for key in self.key_fields),
            *(link.owner_key.name for link in self.links),
        }
        for name in sorted(shown & self.mask.keys()):
            raise TrackingError(
                f"track({self.model.__name__}): {name!r} cannot be masked, because events "
                "identify their object by it. Remove it from mask=, or give the model another "
                "primary key."
            )


_tracked: dict[type[Model], TrackedModel] = {}


@overload
def track(
    model: type[ModelT],
    *,
    exclude: Iterable[str] = (),
    mask: Iterable[str] | Mapping[str, str] = (),
    renamed: Mapping[str, str] | None = None,
    removed: "Mapping[str, Field[Any, Any]] | None" = None,
    former_labels: Iterable[str] = (),
) -> type[ModelT]: ...


@overload
def track(
    model: None = None,
    *,
    exclude: Iterable[str] = (),
    mask: Iterable[str] | Mapping[str, str] = (),
    renamed: Mapping[str, str] | None = None,
    removed: "Mapping[str, Field[Any, Any]] | None" = None,
    former_labels: Iterable[str] = (),
) -> Callable[[type[ModelT]], type[ModelT]]: ...


def track(
    model: type[ModelT] | None = None,
    *,
    exclude: Iterable[str] = (),
    mask: Iterable[str] | Mapping[str, str] = (),
    renamed: Mapping[str, str] | None = None,
    removed: "Mapping[str, Field[Any, Any]] | None" = None,
    former_labels: Iterable[str] = (),
) -> type[ModelT] | Callable[[type[ModelT]], type[ModelT]]:
    """Record every change to a model's rows, whoever makes it and however.

    Use it as a decorator of your own models, ``@track`` or ``@track(exclude=["cache"])``, and as a
    function for a model from another package, in ``AppConfig.ready()`` or a ``models`` module:
    ``track(User, mask=["password"])``. ``migrate`` installs the triggers.

    Many-to-many fields are tracked with the model that declares them. Tracking a proxy tracks its
    concrete model. With multi-table inheritance the parents are tracked too: each table records
    its own columns under its own model, and ``history()`` combines them.

    Args:
        model: The model class.
        exclude: Names of fields to leave out altogether.
        mask: Names of fields whose values must never be stored: the event records that they
            changed, and shows stars. A mapping chooses the mask for each field:
            ``{"password": "stars", "email": "hash"}``. A keyed hash shows whether an object has
            had the same value before (on PostgreSQL; SQLite shows stars).
        renamed: Former names of fields mapped to their current names, so that old events are
            read as events of the current fields: ``{"price": "earnings"}``.
        removed: Names of fields that the model no longer has, mapped to fields of their former
            type, so that the values of old events can still be read as such:
            ``{"price": DecimalField()}``.
        former_labels: What the model was called before it, or its application, was renamed:
            ``["shop.House"]``. The events of that time are those of its objects then.

    Returns:
        The model, unchanged.

    Raises:
        TrackingError: ``mask`` names an unknown kind of mask; or ``model`` is abstract or not a
            model, so that there is no table to record.
    """

    def register(model: type[ModelT]) -> type[ModelT]:
        _require_table(model)
        concrete = model._meta.concrete_model or model
        tracked = TrackedModel(
            model=concrete,
            exclude=frozenset(exclude),
            mask=_choose_masks(model, mask),
            renamed=dict(renamed or {}),
            removed=_name_fields(removed or {}),
            former_labels=tuple(label.lower() for label in former_labels),
        )
        _tracked[concrete] = tracked
        for parent in concrete._meta.all_parents:
            _tracked.setdefault(parent, _narrow(tracked, parent))
        return model

    return register if model is None else register(model)


def _require_table(model: Any) -> None:
    if not (isinstance(model, type) and issubclass(model, Model)):
        raise TrackingError(
            f"track() needs a model class, not {model!r}: import it, or get it with "
            "apps.get_model() in AppConfig.ready()."
        )
    if model._meta.abstract:
        raise TrackingError(
            f"{model.__name__} is abstract, so it has no table whose changes could be recorded. "
            "Put @track on each model that inherits from it."
        )


def get_tracked() -> list[TrackedModel]:
    """Return all tracked models."""
    return list(_tracked.values())


def wants_hashes() -> bool:
    """Return whether any tracked model masks a field with a hash."""
    return any(MaskKind.HASH in tracked.mask.values() for tracked in get_tracked())


def find_tracked(model: type[Model]) -> TrackedModel | None:
    """Return how a model is tracked, or ``None`` if it is not."""
    return _tracked.get(model._meta.concrete_model or model)


def is_model(label: str) -> bool:
    """Tell whether the project has a model of that name."""
    try:
        apps.get_model(label)
    except (LookupError, ValueError):
        return False
    return True


def find_renamed(label: str) -> type[Model] | None:
    """Return the tracked model that was called so once, ``None`` where there is none."""
    return next((one.model for one in get_tracked() if label in one.former_labels), None)


def of_model(model: type[Model]) -> Q:
    """Return the condition for the events of a model, under whatever name it had."""
    tracked = find_tracked(model)
    label = (model._meta.concrete_model or model)._meta.label_lower
    if tracked is None or not tracked.former_labels:
        return Q(object_type=label)
    return Q(object_type__in=[label, *tracked.former_labels])


def _choose_masks(
    model: type[Model], mask: Iterable[str] | Mapping[str, str]
) -> dict[str, MaskKind]:
    kinds = mask if isinstance(mask, Mapping) else dict.fromkeys(mask, MaskKind.STARS)
    try:
        return {name: MaskKind(kind) for name, kind in kinds.items()}
    except ValueError as error:
        raise TrackingError(
            f"track({model.__name__}): mask= has {error}. Use 'stars' or 'hash'."
        ) from error


def _name_fields(fields: "Mapping[str, Field[Any, Any]]") -> "dict[str, Field[Any, Any]]":
    for name, one in fields.items():
        one.set_attributes_from_name(name)
    return dict(fields)


def _narrow(tracked: TrackedModel, parent: type[Model]) -> TrackedModel:
    """Return how a parent is tracked because its child is."""
    # Fields that the parent inherits belong to its own parent, and other models may not be loaded.
    names = {field.name for field in (*parent._meta.local_fields, *parent._meta.local_many_to_many)}
    mask = {name: kind for name, kind in tracked.mask.items() if name in names}
    return TrackedModel(model=parent, exclude=tracked.exclude & names, mask=mask)


def _describe_link(many: Any) -> TrackedLink:
    # Django has only these undocumented methods for the columns of a many-to-many field.
    through = many.remote_field.through
    owner = through._meta.get_field(many.m2m_field_name())
    target = through._meta.get_field(many.m2m_reverse_field_name())
    return TrackedLink(
        name=many.name,
        table=through._meta.db_table,
        owner_column=owner.column,
        target_column=target.column,
        owner_key=owner.target_field,
        target_key=target.target_field,
    )
