"""How a file is named to people and to programs that stand in the same folder."""

from pathlib import Path

__all__ = ["name_path"]


def name_path(path: Path) -> str:
    """Return a path from the current folder on where it lies below it."""
    here = Path.cwd()
    shown = path.relative_to(here) if path.is_relative_to(here) else path
    return shown.as_posix()
