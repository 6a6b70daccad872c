"""Rewrite imports from other packages, and determine the names that they provide."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from .edits import Edit, Remark, drop_statement, read_code, read_indent, replace_node
from .names import ADVICE, IMPORTS, LIFECYCLE
from .survey import Survey, is_foreign

__all__ = ["find_local_names", "rewrite_imports"]


def find_local_names(source: bytes, tree: ast.Module) -> dict[str, str]:
    """Return the imported names that have another one here, there to here.
    Args:
        source: The file.
        tree: Its syntax tree.
    """
    return {
        alias.name: IMPORTS[node.module or "", alias.name][1]
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and _is_splittable(source, node)
        for alias in node.names
        if _is_known(node, alias)
    }


def rewrite_imports(
    source: bytes, tree: ast.Module, local: dict[str, str], survey: Survey
) -> Iterator[Edit | Remark]:
    """Yield the imports of what has a name here, and remarks on what has none.

    Args:
        source: The file.
        tree: Its syntax tree.
        local: The names that are imported from elsewhere, there to here.
        survey: What the project's files say together.
    """
    # One line for each name is enough, also where the first run wrote it.
    written = set(source.decode().splitlines())
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom):
            continue
        yield from _list_remarks(node, local)
        if any(_is_known(node, alias) for alias in node.names) and _is_splittable(source, node):
            yield _split_import(source, node, survey, written)


def _list_remarks(node: ast.ImportFrom, local: dict[str, str]) -> Iterator[Remark]:
    for alias in node.names:
        if (node.module, alias.name) in IMPORTS and not node.level:
            if alias.name not in local or alias.asname:
                advice = "import it under its own name, without a comment, and run this again"
                yield Remark(line=node.lineno, text=f"{alias.name}: {advice}")
        elif alias.name in ADVICE and is_foreign(node.module):
            yield Remark(line=node.lineno, text=f"{alias.name}: {ADVICE[alias.name]}")


def _is_known(node: ast.ImportFrom, alias: ast.alias) -> bool:
    return not node.level and alias.asname is None and (node.module, alias.name) in IMPORTS


def _is_splittable(source: bytes, node: ast.ImportFrom) -> bool:
    # A comment between the names would be lost.
    return all(_is_known(node, alias) for alias in node.names) or "#" not in read_code(source, node)


def _split_import(source: bytes, node: ast.ImportFrom, survey: Survey, written: set[str]) -> Edit:
    known = [alias for alias in node.names if _is_known(node, alias)]
    # Its hooks would no longer run without their base.
    kept = [alias for alias in known if survey.has_hooks and alias.name in LIFECYCLE]
    left = [alias for alias in node.names if alias not in known or alias in kept]
    targets = {IMPORTS[node.module or "", alias.name] for alias in known}
    lines = [f"from {module} import {name}" for module, name in sorted(targets)]
    indent = read_indent(source, node)
    if indent == "":
        lines = [line for line in lines if line not in written]
        written.update(lines)
    if left:
        lines.insert(0, ast.unparse(ast.ImportFrom(node.module, left, 0)))
    if not lines:
        return drop_statement(source, node)
    return replace_node(source, node, ("; " if indent is None else f"\n{indent}").join(lines))
