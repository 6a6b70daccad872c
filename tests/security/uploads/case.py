"""One bad file."""

import sys
from collections.abc import Callable
from dataclasses import dataclass

from django_modernize.uploads import IMAGES, UploadPolicy

PATIENCE = 3 if sys.gettrace() is None else 9
"""Seconds of the processor for a verdict; to measure the coverage takes its own."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """A file, and what has to become of it."""

    threat: str
    """The class of threat."""

    title: str
    name: str
    make: Callable[[], bytes]
    code: str | None
    """With which code it is refused; ``None``: it is accepted, and what is stored is harmless."""

    payload: bytes = b""
    """What must not be left in what is stored."""

    policy: UploadPolicy = IMAGES

    def __str__(self) -> str:
        return f"{self.threat}: {self.title}"


def refuse(
    threat: str,
    title: str,
    name: str,
    content: bytes | Callable[[], bytes],
    code: str,
    policy: UploadPolicy = IMAGES,
) -> Case:
    """Return a case that has to be refused."""
    make = content if callable(content) else lambda: content
    return Case(threat=threat, title=title, name=name, make=make, code=code, policy=policy)


def disarm(threat: str, title: str, name: str, content: bytes, payload: bytes) -> Case:
    """Return a case that is accepted without its payload, which is really in there."""
    assert payload in content, title
    return Case(
        threat=threat, title=title, name=name, make=lambda: content, code=None, payload=payload
    )


SCRIPT = b"<?php system($_GET['c']); ?>"
PAGE = b"<html><script>alert(document.domain)</script></html>"
