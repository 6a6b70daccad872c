"""The parts of the library whose tests have to notice a fault."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["AREAS", "PACKAGE", "ROOT", "WORK", "Area"]

ROOT: Final = Path(__file__).resolve().parent.parent.parent
PACKAGE: Final = ROOT / "src" / "django_modernize"
WORK: Final = ROOT / "build" / "mutation"

# Pages are looked at in a browser, and checks of the configuration have a test for each id.
LEFT_OUT: Final = {"admin.py", "checks.py"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """Files of the library, and the tests that are there for them."""

    sources: tuple[str, ...]
    tests: tuple[str, ...]

    def list_sources(self) -> list[Path]:
        """Return the files that get faults."""
        found = _find_files(PACKAGE, self.sources)
        return [path for path in found if path.name not in LEFT_OUT]

    def list_tests(self) -> list[Path]:
        """Return the files of tests."""
        return _find_files(ROOT / "tests", self.tests)


def _find_files(folder: Path, patterns: Iterable[str]) -> list[Path]:
    return sorted({path for pattern in patterns for path in folder.glob(pattern)})


# Recurring tasks have their tests in the suite of the extras, which has settings of its own.
PLANNER: Final = ("applying", "occasions", "planning", "reconciling", "rows", "timing", "turns")
AREAS: Final = {
    "softdelete": Area(
        sources=("softdelete/*.py",),
        tests=("*/test_softdelete*.py", "integration/test_composition.py"),
    ),
    "diff": Area(sources=("diff/*.py",), tests=("*/test_diff*.py",)),
    "conditions": Area(
        sources=("autotasks/conditions/*.py",), tests=("integration/test_autotasks_conditions.py",)
    ),
    "planner": Area(
        sources=tuple(f"autotasks/{name}.py" for name in PLANNER),
        tests=("*/test_autotasks*.py",),
    ),
    "ledger": Area(
        sources=("audit/ledger/*.py",),
        tests=(
            *("unit/test_audit*.py", "security/test_audit*.py"),
            *(
                f"integration/test_audit_{name}.py"
                for name in ("databases", "retention", "sealing")
            ),
        ),
    ),
}
