"""Rewrite calls that query changes or create fields."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from .edits import Edit, Remark, read_code, replace_node
from .names import ADVICE, KEYWORDS
from .survey import Survey

__all__ = ["find_memberships", "rewrite_call"]

Finding = Edit | Remark


def find_memberships(tree: ast.Module, survey: Survey) -> dict[ast.expr, ast.expr]:
    """Return each ``obj.get_dirty_fields()`` that is only asked for a name, with its ``obj``.

    Any mapping by name will do there.

    Args:
        tree: The file's syntax tree.
        survey: What the project's files say together.
    """
    return {
        part: owner
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare)
        for operator, part in zip(node.ops, node.comparators, strict=True)
        if isinstance(operator, ast.In | ast.NotIn)
        and (owner := _find_owner_of_old_values(part, survey)) is not None
    }


def rewrite_call(
    source: bytes, node: ast.Call, local: dict[str, str], survey: Survey
) -> Iterator[Finding]:
    """Yield what a call is here, or a remark if there is no such thing.

    Args:
        source: The file.
        node: The call.
        local: The names that are imported from elsewhere, there to here.
        survey: What the project's files say together.
    """
    if isinstance(node.func, ast.Name) and node.func.id in local:
        yield from _rename_keywords(source, node, local[node.func.id])
    elif isinstance(node.func, ast.Attribute):
        yield from _rewrite_method(source, node, node.func, survey)
    if any(keyword.arg == "skip_hooks" for keyword in node.keywords):
        yield Remark(line=node.lineno, text="skip_hooks: let the receiver ask for another sign")


def _rename_keywords(source: bytes, node: ast.Call, name: str) -> Iterator[Finding]:
    given = {keyword.arg for keyword in node.keywords}
    for keyword in node.keywords:
        if (name, keyword.arg) in KEYWORDS:
            value = read_code(source, keyword.value)
            yield replace_node(source, keyword, f"{KEYWORDS[name, str(keyword.arg)]}={value}")
    if name == "UserStampField" and not {"on_delete", "related_name"} <= given:
        text = "UserStampField: on_delete is SET_NULL and related_name '+' unless told"
        yield Remark(line=node.lineno, text=text)


def _find_owner_of_old_values(node: ast.expr, survey: Survey) -> ast.expr | None:
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return None
    owner, is_tracker = _find_instance(node.func, survey)
    if node.func.attr == "get_dirty_fields" or (is_tracker and node.func.attr == "changed"):
        return owner
    return None


def _find_instance(function: ast.Attribute, survey: Survey) -> tuple[ast.expr, bool]:
    owner = function.value
    if isinstance(owner, ast.Attribute) and owner.attr in survey.trackers | {"tracker"}:
        return owner.value, True
    return owner, False


def _rewrite_method(
    source: bytes, node: ast.Call, function: ast.Attribute, survey: Survey
) -> Iterator[Finding]:
    owner, is_tracker = _find_instance(function, survey)
    instance, name = read_code(source, owner), function.attr
    count = len(node.args) + len(node.keywords)
    argument = read_code(source, node.args[0]) if count == len(node.args) == 1 else ""
    # A hook, and whatever it calls, may run after the save, when the diff is gone.
    is_kept = survey.has_hooks and not is_tracker
    if name == "is_dirty" and {keyword.arg for keyword in node.keywords} <= {"check_relationship"}:
        yield replace_node(source, node, f"{instance}.has_changed")
    elif name == "save_dirty_fields" and not count:
        yield replace_node(source, node, f"{instance}.save_changed()")
    elif argument and name == ("previous" if is_tracker else "initial_value") and not is_kept:
        yield replace_node(source, node, f"{instance}.previous({argument})")
    elif argument and name == "has_changed" and not is_kept:
        yield replace_node(source, node, f"({instance}.get_field_diff({argument}) is not None)")
    elif name == "get_dirty_fields" or (is_tracker and name == "changed"):
        yield Remark(line=node.lineno, text=f"{name}(): {ADVICE[name]}")
    elif is_tracker and function.value.attr in survey.trackers:  # type: ignore[attr-defined]
        text = f"{name}(): the instance has no tracker any more"
        yield Remark(line=node.lineno, text=text)
