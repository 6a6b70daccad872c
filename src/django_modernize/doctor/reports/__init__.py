"""How findings are written down: for people, for programs, for code reviews."""

from collections.abc import Callable
from typing import Final

from ..findings import Finding
from .github import write_github
from .json import write_json
from .sarif import write_sarif
from .text import write_text

__all__ = ["REPORTS"]

REPORTS: Final[dict[str, Callable[[list[Finding]], str]]] = {
    "text": write_text,
    "json": write_json,
    "sarif": write_sarif,
    "github": write_github,
}
"""Format to the function that writes a whole report in it."""
