"""Signal receivers that do the same work twice."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any, Final

from django.db.models import signals

from ...compat import list_receivers
from ..findings import Level, Rule, Symptom
from ..names import describe_model
from ..projects import Project
from .follow_ups import find_created_model

__all__ = ["REPEATED_RECEIVER"]

SIGNALS: Final = ("pre_save", "post_save", "pre_delete", "post_delete", "m2m_changed")


def find_repeated_receivers(project: Project) -> Iterator[Symptom]:
    """Yield pairs of receivers of one signal and sender that do the same."""
    for name in SIGNALS:
        by_sender: dict[Any, list[Callable[..., Any]]] = defaultdict(list)
        for receiver, sender in list_receivers(getattr(signals, name)):
            if project.owns_module(getattr(receiver, "__module__", None) or ""):
                by_sender[sender].append(receiver)
        for receivers in by_sender.values():
            for first, second in combinations(receivers, 2):
                likeness = compare_receivers(project, first, second)
                if likeness:
                    yield describe_pair(project, name, (first, second), likeness)


def describe_pair(
    project: Project,
    signal: str,
    pair: tuple[Callable[..., Any], Callable[..., Any]],
    likeness: str,
) -> Symptom:
    """Return the symptom of two receivers."""
    first, second = pair
    source = project.find_source(second)
    node = source and next((one for one in source.functions if one.name == second.__name__), None)
    return Symptom(
        subject=f"{second.__module__}.{second.__name__}",
        message=f"{first.__module__}.{first.__name__} and {second.__module__}.{second.__name__} "
        f"both receive {signal} from the same sender, and {likeness}.",
        fix="delete one of them; enforce rows that must exist only once with a unique constraint, "
        f'and give the receiver dispatch_uid="{second.__module__}.{second.__name__}"',
        place=source.find_place(node) if source and node else project.locate_module(second),
    )


def compare_receivers(
    project: Project, first: Callable[..., Any], second: Callable[..., Any]
) -> str:
    """Return in what two receivers are alike, an empty text if in nothing."""
    if describe_code(first) == describe_code(second):
        return "have the same code"
    if first.__name__ == second.__name__:
        return "have the same name"
    shared = list_created_models(project, first) & list_created_models(project, second)
    names = ", ".join(sorted(describe_model(model) for model in shared))
    return f"both create a {names}" if shared else ""


def describe_code(receiver: Callable[..., Any]) -> Any:
    """Return what a receiver does, without its name and docstring; itself if it is no function."""
    code = getattr(receiver, "__code__", None)
    return (code.co_code, code.co_names, code.co_consts[1:]) if code else receiver


def list_created_models(project: Project, receiver: Callable[..., Any]) -> set[Any]:
    """Return the models of which a receiver creates rows itself."""
    source = project.find_source(receiver)
    if source is None:
        return set()
    found = [one for one in source.functions if one.name == getattr(receiver, "__name__", "")]
    nodes = [node for function in found for node in ast.walk(function)]
    return {find_created_model(source, node) for node in nodes} - {None}


REPEATED_RECEIVER: Final = Rule(
    id="W401",
    title="receiver connected twice",
    reason="A row is created twice, or an error hides the second attempt; which receiver runs "
    "first depends on the import order.",
    level=Level.WARNING,
    examine=find_repeated_receivers,
)
