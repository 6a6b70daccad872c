"""Foreign keys that name the user model directly."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, Final

from django.contrib.auth import get_user_model

from ...codemods.edits import replace_node
from ..findings import Level, Repair, Rule, Symptom
from ..names import describe_field
from ..projects import Project
from ..repairs import offer_repair
from ..sources import Declaration, SourceFile, find_argument

__all__ = ["FIXED_USER"]

SETTING: Final = "settings.AUTH_USER_MODEL"
IMPORT: Final = "from django.conf import settings"


def find_fixed_users(project: Project) -> Iterator[Symptom]:
    """Yield keys whose declaration names one user model in place of the setting."""
    for model, field in project.list_fields_with_links():
        declaration = project.find_declaration(model, field)
        target = find_argument(declaration.call, "to", 0) if declaration else None
        if declaration and target is not None and is_fixed_user(declaration.source, target):
            yield Symptom(
                subject=describe_field(model, field),
                message=f"{describe_field(model, field)} points to {ast.unparse(target)}, "
                "whatever AUTH_USER_MODEL is.",
                fix=f"{field.name} = models.{type(field).__name__}({SETTING}, ...)  # {IMPORT}",
                place=declaration.place,
                repair=write_setting(declaration, target),
            )
    yield from find_fixed_senders(project)


def find_fixed_senders(project: Project) -> Iterator[Symptom]:
    """Yield receivers that are connected to one user model."""
    for source in project.source_files:
        for call in source.calls:
            name = call.func.attr if isinstance(call.func, ast.Attribute) else None
            name = call.func.id if isinstance(call.func, ast.Name) else name
            sender = find_argument(call, "sender")
            if name in ("receiver", "connect") and sender and is_fixed_user(source, sender):
                yield Symptom(
                    subject=f"{source.path.name}:{call.lineno}",
                    message=f"A receiver is connected to {ast.unparse(sender)}, whatever "
                    "AUTH_USER_MODEL is: with a custom user model it is never called.",
                    fix=f"sender={SETTING}  # {IMPORT}",
                    place=source.find_place(call),
                    repair=offer_repair(
                        source, replace_node(source.content, sender, SETTING), IMPORT
                    ),
                )


def is_fixed_user(source: SourceFile, target: ast.expr) -> bool:
    """Return whether code names Django's own user model or today's, and not the setting."""
    if isinstance(target, ast.Constant):
        return target.value == "auth.User"
    meaning: Any = source.resolve_name(target)
    if not isinstance(target, ast.Name | ast.Attribute) or not isinstance(meaning, type):
        return False
    # What get_user_model() gave is today's model, asked for as it should be.
    return meaning.__module__ == "django.contrib.auth.models" and (
        meaning.__name__ == "User" and not is_asked_for(source, target, meaning)
    )


def is_asked_for(source: SourceFile, target: ast.expr, meaning: type) -> bool:
    """Return whether a name was set by ``get_user_model()``."""
    return meaning is get_user_model() and any(
        isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Call)
        and ast.unparse(node.value.func).endswith("get_user_model")
        and ast.unparse(target) in [ast.unparse(one) for one in node.targets]
        for node in source.nodes
    )


def write_setting(declaration: Declaration, target: ast.expr) -> Repair | None:
    """Return the repair that names the setting."""
    edit = replace_node(declaration.source.content, target, SETTING)
    return offer_repair(declaration.source, edit, IMPORT, declaration.names_above)


FIXED_USER: Final = Rule(
    id="W402",
    title="hard-coded user model",
    reason="With a custom user model, the key points to an empty table, or the project does not "
    "start.",
    level=Level.WARNING,
    examine=find_fixed_users,
)
