"""Rewrites a file from other packages' names for stamps and diffs to the library's."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from .edits import Edit, Remark, apply_edits, read_code, replace_node
from .names import ADVICE, IMPORTS, KEYWORDS

__all__ = ["rewrite_source"]

Finding = Edit | Remark


def rewrite_source(source: bytes) -> tuple[bytes, list[Remark]]:
    """Return the source with the names that suffice replaced, and what is left to people.

    Args:
        source: A Python file in UTF-8.

    Raises:
        SyntaxError: It is no Python.
    """
    tree = ast.parse(source)
    local = _find_local_names(tree)
    findings = [one for node in ast.walk(tree) for one in _look_at(source, node, local)]
    edits = [one for one in findings if isinstance(one, Edit)]
    remarks = [one for one in findings if isinstance(one, Remark)]
    return apply_edits(source, edits), sorted(remarks, key=lambda one: one.line)


def _find_local_names(tree: ast.Module) -> dict[str, str]:
    """Return the imported names that have another one here: there to here."""
    return {
        alias.name: IMPORTS[node.module or "", alias.name][1]
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and _is_replaceable(node)
        for alias in node.names
    }


def _is_replaceable(node: ast.ImportFrom) -> bool:
    return not node.level and all(
        (node.module, alias.name) in IMPORTS and alias.asname is None for alias in node.names
    )


def _look_at(source: bytes, node: ast.AST, local: dict[str, str]) -> Iterator[Finding]:
    if isinstance(node, ast.ImportFrom):
        yield from _look_at_import(source, node)
    elif isinstance(node, ast.ClassDef):
        yield from _look_at_class(source, node, local)
    elif isinstance(node, ast.Call):
        yield from _look_at_call(source, node, local)


def _look_at_import(source: bytes, node: ast.ImportFrom) -> Iterator[Finding]:
    if _is_replaceable(node):
        targets = {IMPORTS[node.module or "", alias.name] for alias in node.names}
        lines = [f"from {module} import {name}" for module, name in sorted(targets)]
        yield replace_node(source, node, "\n".join(lines))
        return
    for alias in node.names:
        if (node.module, alias.name) in IMPORTS:
            advice = "import it in a line of its own, under its own name, and run this again"
            yield Remark(line=node.lineno, text=f"{alias.name}: {advice}")
        elif alias.name in ADVICE and _is_foreign(node.module):
            yield Remark(line=node.lineno, text=f"{alias.name}: {ADVICE[alias.name]}")


def _is_foreign(module: str | None) -> bool:
    packages = {"dirtyfields", "django_currentuser", "django_lifecycle", "model_utils"}
    return (module or "").split(".")[0] in packages


def _look_at_class(source: bytes, node: ast.ClassDef, local: dict[str, str]) -> Iterator[Finding]:
    for base in node.bases:
        if isinstance(base, ast.Name) and base.id in local:
            yield replace_node(source, base, local[base.id])
    for statement in node.body:
        if not (isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call)):
            continue
        function = statement.value.func
        is_tracker = isinstance(function, ast.Name) and function.id == "FieldTracker"
        if is_tracker and "FieldTracker" in local and node.bases:
            yield from _replace_tracker(source, node, statement, statement.value)


def _replace_tracker(
    source: bytes, node: ast.ClassDef, statement: ast.Assign, call: ast.Call
) -> Iterator[Finding]:
    first = node.bases[0]
    yield replace_node(source, first, f"ModelDiffMixin, {read_code(source, first)}")
    chosen = [keyword.value for keyword in call.keywords if keyword.arg == "fields"]
    text = f"diff_fields = {read_code(source, chosen[0])}" if chosen else "diff_exclude = ()"
    yield replace_node(source, statement, text)


def _look_at_call(source: bytes, node: ast.Call, local: dict[str, str]) -> Iterator[Finding]:
    function = node.func
    if isinstance(function, ast.Name) and function.id in local and function.id != "FieldTracker":
        yield replace_node(source, function, local[function.id])
        yield from _rename_keywords(source, node, local[function.id])
    elif isinstance(function, ast.Attribute):
        yield from _look_at_method(source, node, function)


def _rename_keywords(source: bytes, node: ast.Call, name: str) -> Iterator[Finding]:
    for keyword in node.keywords:
        if (name, keyword.arg) in KEYWORDS:
            value = read_code(source, keyword.value)
            yield replace_node(source, keyword, f"{KEYWORDS[name, str(keyword.arg)]}={value}")


def _look_at_method(source: bytes, node: ast.Call, function: ast.Attribute) -> Iterator[Finding]:
    owner, is_tracker = function.value, False
    if isinstance(owner, ast.Attribute) and owner.attr == "tracker":
        owner, is_tracker = owner.value, True
    instance, name = read_code(source, owner), function.attr
    count = len(node.args) + len(node.keywords)
    argument = read_code(source, node.args[0]) if count == len(node.args) == 1 else ""
    if name == "is_dirty" and {keyword.arg for keyword in node.keywords} <= {"check_relationship"}:
        yield replace_node(source, node, f"{instance}.has_changed")
    elif name == "save_dirty_fields" and not count:
        yield replace_node(source, node, f"{instance}.save_changed()")
    elif argument and (name == "initial_value" or (is_tracker and name == "previous")):
        yield replace_node(source, node, f"{instance}.previous({argument})")
    elif argument and name == "has_changed":
        yield replace_node(source, node, f"({instance}.get_field_diff({argument}) is not None)")
    elif name == "get_dirty_fields" or (is_tracker and name == "changed"):
        yield Remark(line=node.lineno, text=f"{name}(): {ADVICE[name]}")
