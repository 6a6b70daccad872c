"""System checks of soft-deletable models."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from django.apps import AppConfig, apps
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as CheckWarning
from django.db import DatabaseError, connections, router
from django.db.models import Model, UniqueConstraint

from ..triggers.declarations import SOFT_DELETE_PREFIX
from ..triggers.faults import find_faults, is_migrating
from ..triggers.routing import hint_at_routers
from ..triggers.vendors import is_supported
from .guards import guards_deletion
from .guards.passage import is_protected
from .journal import DeletionJournal, is_journal_installed
from .links import find_hidden_links
from .relations import KeyRelation, find_owner, find_relations, is_soft_deletable
from .rules import Rule

__all__ = ["check_guards", "check_models", "register_checks", "register_model_checks"]


INSTALL_HINT: Final = (
    'Add "django_modernize.softdelete" to INSTALLED_APPS, and run: python manage.py '
    "migrate modernize_softdelete"
)


def register_checks() -> None:
    """Register the checks that query the database."""
    register(check_guards, Tags.database)


def register_model_checks() -> None:
    """Register the checks that need only the models, even without the application."""
    register(check_models, Tags.models)


def check_models(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Check every soft-deletable model (modernize.W301 to W304, W306, W307, W309).

    Args:
        app_configs: The applications to check, ``None`` for all.
        **kwargs: The other arguments that Django passes to every check.
    """
    configs = apps.get_app_configs() if app_configs is None else app_configs
    return [
        message
        for config in configs
        for model in config.get_models()
        if is_soft_deletable(model) and not model._meta.proxy
        for message in _check_model(model)
    ]


def check_guards(*, databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Check for the triggers and the journal of soft delete (modernize.E305, E308 and W310).

    Args:
        databases: The aliases of the databases to check.
        **kwargs: The other arguments that Django passes to every check.
    """
    return [
        message
        for alias in databases or ()
        for message in (*_check_database(alias), *_check_journal(alias))
    ]


def _check_journal(alias: str) -> Iterator[CheckMessage]:
    hidden = [
        model
        for model in apps.get_models()
        if is_soft_deletable(model) and router.allow_migrate_model(alias, model)
    ]
    if not hidden:
        return
    if hint := hint_at_routers(alias, "modernize_softdelete"):
        problem = f"has {hidden[0].__name__} but the routers exclude"
    elif _is_journal_absent(alias, hidden):
        problem = f"has {hidden[0].__name__} but lacks"
        hint = f"Run: python manage.py migrate modernize_softdelete --database {alias}"
    else:
        return
    yield CheckWarning(
        f"Database {alias!r} {problem} the journal of deletions: rows deleted there cannot be "
        "restored.",
        hint=hint,
        id="modernize.W310",
    )


def _is_journal_absent(alias: str, hidden: Sequence[type[Model]]) -> bool:
    """Whether there are tables with rows to hide, but not that of the journal; one query."""
    connection = connections[alias]
    if is_migrating() or not is_supported(connection):
        return False
    try:
        present = set(connection.introspection.table_names())
    except DatabaseError:
        # Without a connection other checks have more to say.
        return False
    return DeletionJournal._meta.db_table not in present and any(
        model._meta.db_table in present for model in hidden
    )


def _check_model(model: type[Model]) -> Iterator[CheckMessage]:
    yield from _check_uniqueness(model)
    for name in find_hidden_links(model):
        yield CheckWarning(
            f"{model.__name__}.{name} has no reverse name: many-to-many managers still show what "
            f"a deleted {model._meta.verbose_name} leads to.",
            hint=f'{name} = models.ForeignKey(..., related_name="{model._meta.model_name}_links")',
            obj=model,
            id="modernize.W309",
        )
    if is_protected(model) and not is_journal_installed():
        yield CheckWarning(
            f"{model.__name__} asks the database to keep its rows (refuses_raw_delete), but the "
            "triggers that do so are never installed.",
            hint=INSTALL_HINT,
            obj=model,
            id="modernize.W307",
        )
    if find_owner(model) is model:
        yield from _check_inheritance(model)
        for relation in find_relations(model):
            if isinstance(relation, KeyRelation):
                yield from _check_relation(model, relation)
            elif not is_soft_deletable(relation.child):
                key = f"{model.__name__}.{relation.field.name} (a GenericRelation)"
                yield _warn_of_visible(model, relation.child, key)
        yield from _check_parents(model)


def _check_uniqueness(model: type[Model]) -> Iterator[CheckMessage]:
    taken = [field.name for field in model._meta.local_fields if field.unique]
    keys = {field.name for field in model._meta.pk_fields}
    blocking = [[name] for name in taken if name not in keys and not _is_link(model, name)]
    blocking += [list(names) for names in model._meta.unique_together]
    blocking += [
        list(constraint.fields) or [constraint.name]
        for constraint in model._meta.constraints
        if isinstance(constraint, UniqueConstraint) and constraint.condition is None
    ]
    for names in blocking:
        # Values that include the primary key cannot block another row.
        if keys <= set(names):
            continue
        arguments = ", ".join(f'"{name}"' for name in names)
        yield CheckWarning(
            f"{model.__name__} is unique by {', '.join(names)} among deleted rows too: a deleted "
            "row still blocks its value.",
            hint=f"Replace it in Meta.constraints with: UniqueAlive({arguments}, "
            f'name="{model._meta.model_name}_{"_".join(names)}_unique").',
            obj=model,
            id="modernize.W301",
        )


def _check_relation(model: type[Model], relation: KeyRelation) -> Iterator[CheckMessage]:
    child = relation.child
    if not child._meta.managed or child._meta.auto_created:
        return
    if relation.rule is Rule.CASCADE and not is_soft_deletable(child):
        yield _warn_of_visible(model, child, f"{child.__name__}.{relation.field.name}")
    if relation.rule is Rule.REPLACE and not is_journal_installed():
        yield CheckWarning(
            f"{child.__name__}.{relation.field.name} asks to be replaced when its "
            f"{model._meta.verbose_name} is deleted, which needs the journal: without it, the key "
            "still points to the deleted row.",
            hint=INSTALL_HINT,
            obj=child,
            id="modernize.W303",
        )


def _warn_of_visible(model: type[Model], child: type[Model], key: str) -> CheckMessage:
    return CheckWarning(
        f"{key} cascades, and {child.__name__} is not "
        f"soft-deletable: its rows stay visible when their {model._meta.verbose_name} is "
        "deleted, and are destroyed when it is purged.",
        hint=f"class {child.__name__}(SoftDeleteMixin, models.Model): ...",
        obj=child,
        id="modernize.W302",
    )


def _check_inheritance(model: type[Model]) -> Iterator[CheckMessage]:
    for parent in model._meta.all_parents:
        yield CheckWarning(
            f"{model.__name__} is soft-deletable and the table of its parent {parent.__name__} "
            f"has no deletion columns: {parent.__name__}.objects still shows its deleted rows.",
            hint=f"class {parent.__name__}(SoftDeleteMixin, models.Model): ..., and remove the "
            f"mixin from {model.__name__}.",
            obj=model,
            id="modernize.W304",
        )


def _check_parents(model: type[Model]) -> Iterator[CheckMessage]:
    if is_protected(model):
        # The deletion is refused in this case.
        return
    for field in model._meta.local_fields:
        parent = field.related_model
        if (
            parent is None
            # Content types are removed by hand, after a prompt, and every generic key has one.
            or parent._meta.app_label == "contenttypes"
            or field.name == "deleted_by"
            or is_soft_deletable(parent)
            or getattr(field.remote_field, "parent_link", False)
        ):
            continue
        relations = {relation.field: relation for relation in find_relations(parent)}
        if field in relations and relations[field].rule is Rule.CASCADE:
            yield CheckWarning(
                f"{model.__name__}.{field.name} cascades from {parent.__name__}, which is not "
                "soft-deletable: deleting such a row destroys its "
                f"{model._meta.verbose_name_plural} for good.",
                hint=f"Make {parent.__name__} soft-deletable, or use on_delete=models.PROTECT.",
                obj=model,
                id="modernize.W306",
            )


def _is_link(model: type[Model], name: str) -> bool:
    return bool(getattr(model._meta.get_field(name).remote_field, "parent_link", False))


def _check_database(alias: str) -> list[CheckMessage]:
    connection = connections[alias]
    if not is_supported(connection):
        return []
    try:
        report = find_faults(connection)
    except DatabaseError:
        # Without a connection, other checks report more; an error here would hide them.
        return []
    return [
        Error(
            f"The trigger {trigger.name} on table {trigger.table} of database {alias!r} is "
            "missing, disabled or out of date with the models: "
            + (
                "protected rows could be removed for good."
                if guards_deletion(trigger)
                else "a live row could point to a deleted parent."
            ),
            hint=f"Run: python manage.py modernize_triggers --install --database {alias}",
            id="modernize.E308" if guards_deletion(trigger) else "modernize.E305",
        )
        for trigger in report.to_create
        if trigger.name.startswith(SOFT_DELETE_PREFIX)
    ]
