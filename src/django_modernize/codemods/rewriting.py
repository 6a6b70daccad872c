"""Rewrite a file from names of other packages for stamps and diffs to those of the library."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from .calls import find_memberships, rewrite_call
from .edits import Edit, Remark, apply_edits, drop_base, drop_statement, read_code, replace_node
from .imports import find_local_names, rewrite_imports
from .names import ADVICE, ATTRIBUTES, LIFECYCLE, STRINGS
from .survey import Survey, find_trackers, is_foreign, survey_sources

__all__ = ["rewrite_source"]

Finding = Edit | Remark


def rewrite_source(source: bytes, survey: Survey | None = None) -> tuple[bytes, list[Remark]]:
    """Return the source with the names that suffice replaced, and what is left to people.

    Args:
        source: A Python file in UTF-8.
        survey: What the files of its project say together; what this one says, if not given.

    Raises:
        SyntaxError: It is no Python.
    """
    tree = ast.parse(source)
    survey = survey or survey_sources([source])
    local = find_local_names(source, tree)
    memberships = find_memberships(tree, survey)
    findings: list[Finding] = [
        replace_node(source, call, f"{read_code(source, owner)}.diff")
        for call, owner in memberships.items()
    ]
    for node in ast.walk(tree):
        if node not in memberships:
            findings += _look_at(source, node, local, survey)
    findings += rewrite_imports(source, tree, local, survey)
    findings += _look_at_names(source, tree, local, survey)
    edits = [one for one in findings if isinstance(one, Edit)]
    remarks = {one for one in findings if isinstance(one, Remark)}
    return apply_edits(source, edits), sorted(remarks, key=lambda one: (one.line, one.text))


def _look_at(
    source: bytes, node: ast.AST, local: dict[str, str], survey: Survey
) -> Iterator[Finding]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            if is_foreign(alias.name):
                text = f"{alias.name}: imported as a whole; a migration may do so while it is there"
                yield Remark(line=node.lineno, text=text)
    elif isinstance(node, ast.ClassDef):
        yield from _look_at_class(source, node, local, survey)
    elif isinstance(node, ast.Call):
        yield from rewrite_call(source, node, local, survey)
    elif isinstance(node, ast.Constant) and node.value in STRINGS:
        yield replace_node(source, node, f'"{STRINGS[node.value]}"')


def _look_at_names(
    source: bytes, tree: ast.Module, local: dict[str, str], survey: Survey
) -> Iterator[Finding]:
    """Find what is said outside of imports, bases of classes, and calls."""
    declared = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for part in (*node.bases, *_list_tracker_names(node))
    }
    asked = {
        id(node.func.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in local and id(node) not in declared:
            if node.id == "FieldTracker":
                yield Remark(line=node.lineno, text="FieldTracker: no longer imported here")
            elif not (survey.has_hooks and node.id in LIFECYCLE):
                yield replace_node(source, node, local[node.id])
        elif (
            isinstance(node, ast.Attribute)
            and node.attr in survey.trackers
            and id(node) not in asked
        ):
            text = f"{node.attr}: ask the instance, or write with track_changes(obj)"
            yield Remark(line=node.lineno, text=text)


def _list_tracker_names(node: ast.ClassDef) -> Iterator[ast.expr]:
    for statement, _, call in find_trackers(node):
        yield call.func
        if isinstance(statement, ast.AnnAssign):
            yield statement.annotation


def _look_at_class(
    source: bytes, node: ast.ClassDef, local: dict[str, str], survey: Survey
) -> Iterator[Finding]:
    names = {base.id for base in node.bases if isinstance(base, ast.Name)}
    is_done = "ModelDiffMixin" in names
    for base in node.bases:
        if isinstance(base, ast.Name) and base.id in local:
            yield from _replace_base(source, base, local[base.id], survey, is_done=is_done)
    for statement in node.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            yield from _rename_attribute(source, statement.targets[0], local)
        elif isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _look_at_hooks(node, statement)
    if "FieldTracker" in local and "FieldTracker" not in names and node.bases:
        yield from _replace_trackers(source, node, names, local, survey)


def _replace_base(
    source: bytes, base: ast.Name, target: str, survey: Survey, *, is_done: bool
) -> Iterator[Finding]:
    keeps_base = survey.has_hooks and base.id in LIFECYCLE
    if is_done and not keeps_base:
        yield drop_base(source, base)
    elif not keeps_base:
        yield replace_node(source, base, target)
    elif not is_done:
        yield replace_node(source, base, f"{base.id}, {target}")


def _rename_attribute(source: bytes, target: ast.Name, local: dict[str, str]) -> Iterator[Finding]:
    if target.id in ATTRIBUTES:
        yield replace_node(source, target, ATTRIBUTES[target.id])
    elif target.id in ADVICE and "DirtyFieldsMixin" in local:
        yield Remark(line=target.lineno, text=f"{target.id}: {ADVICE[target.id]}")


def _look_at_hooks(
    node: ast.ClassDef, function: ast.FunctionDef | ast.AsyncFunctionDef
) -> Iterator[Finding]:
    for decorator in function.decorator_list:
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        if isinstance(called, ast.Name) and called.id == "hook":
            text = f"hook of {node.name}.{function.name}: write a receiver in its place"
            yield Remark(line=decorator.lineno, text=text)


def _replace_trackers(
    source: bytes, node: ast.ClassDef, names: set[str], local: dict[str, str], survey: Survey
) -> Iterator[Finding]:
    trackers = find_trackers(node)
    if not trackers:
        return
    if not names & (survey.diff_models | set(local) | {"ModelDiffMixin"}):
        first = node.bases[0]
        yield replace_node(source, first, f"ModelDiffMixin, {read_code(source, first)}")
    for statement, _, call in trackers:
        chosen = [*call.args, *(one.value for one in call.keywords if one.arg == "fields")]
        if chosen and len(trackers) == 1:
            yield replace_node(source, statement, f"diff_fields = {read_code(source, chosen[0])}")
        elif len(trackers) == len(node.body):
            yield replace_node(source, statement, "pass")
        else:
            yield drop_statement(source, statement)
