"""Compile the exact versions in ``requirements/`` from the dependency groups of ``pyproject.toml``.

Run by ``make pins``. Needs uv, which alone resolves for several versions of Python at once.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PINS = ROOT / "requirements"
GROUPS = (
    *("build", "contrib", "docs", "e2e", "example", "lint", "load"),
    *("matrix", "package", "peers", "pins", "postgres", "serve", "test"),
)
# A file of its own per Django, so that the matrix can take one and leave the others.
DJANGOS = {
    "django": ("3.11", "django>=5.2"),
    "django52": ("3.11", "django>=5.2,<5.3"),
    "django60": ("3.12", "django>=6.0,<6.1"),
    "django61": ("3.12", "django>=6.1,<6.2"),
}


def compile_pins(python: str, *arguments: str, sources: str = "") -> None:
    """Run uv's resolver for ``python`` and everything newer."""
    command = ["uv", "pip", "compile", "--quiet", "--universal", "--upgrade", "--no-header"]
    subprocess.run(
        [sys.executable, "-m", *command, "--python-version", python, *arguments],
        cwd=ROOT,
        input=sources,
        text=True,
        check=True,
    )


def compile_everything(target: Path) -> None:
    """Resolve all groups together, so that no two files name two versions of one package."""
    groups = [f"--group={name}" for name in GROUPS]
    compile_pins("3.11", "-", *groups, f"--output-file={target}", sources="django>=5.2\n")


def main() -> None:
    """Write every file of pins."""
    with tempfile.TemporaryDirectory() as folder:
        everything = Path(folder) / "all.txt"
        compile_everything(everything)
        for name in GROUPS:
            compile_pins(
                "3.11",
                f"--group={name}",
                f"--constraint={everything}",
                "--no-emit-package=django",
                "--no-annotate",
                f"--output-file={PINS / name}.txt",
            )
    for name, (python, requirement) in DJANGOS.items():
        target = f"--output-file={PINS / name}.txt"
        compile_pins(python, "-", "--no-annotate", target, sources=requirement)
    for path in PINS.glob("*.txt"):
        path.write_text(f"# Made by `make pins`; do not edit.\n{path.read_text()}")


if __name__ == "__main__":
    main()
