"""Check style, spelling, types, imports and migrations; every check runs, whatever others say."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = Path(sys.executable).parent
MIGRATIONS = ("django-admin", "makemigrations", "--check", "--dry-run")
CHECKS = {
    "style": ("ruff", "check", "."),
    "format": ("ruff", "format", "--check", "."),
    "spelling": ("codespell",),
    "types": ("mypy",),
    "types as a project sees them": (
        "mypy",
        "--config-file=tests/typing/mypy.ini",
        "--cache-dir=.mypy_cache/typing",
        "--package=shop",
    ),
    "types of the example": (
        "mypy",
        "--config-file=example_project/mypy.ini",
        "--cache-dir=.mypy_cache/example",
        "--package=api",
        "--package=aristay",
        "--package=load",
    ),
    "import rules": ("lint-imports", "--no-logo"),
    "migrations of the library": (*MIGRATIONS, "--settings=tests.settings", "--pythonpath=."),
    "migrations of the example": (
        *MIGRATIONS,
        "--settings=aristay.settings",
        "--pythonpath=example_project",
    ),
}


def run_check(title: str, program: str, *arguments: str) -> bool:
    """Run one check.

    Returns:
        Whether it passed.
    """
    print(f"\n=== {title}", flush=True)
    # AriStay's settings would ask for the secrets of production, and mypy's plugin imports the
    # settings of the project that is type-checked.
    projects = os.pathsep.join(str(ROOT / folder) for folder in ("tests/typing", "example_project"))
    environ = os.environ | {"ARISTAY_DEBUG": "1", "PYTHONPATH": projects}
    return subprocess.run([PROGRAMS / program, *arguments], cwd=ROOT, env=environ).returncode == 0


def main() -> int:
    """Run every check.

    Returns:
        The exit status: 0 only if all passed.
    """
    failed = [title for title, command in CHECKS.items() if not run_check(title, *command)]
    print(f"\nFailed: {', '.join(failed)}" if failed else "\nAll checks passed")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
