"""Type-check a small project against the built wheel, as somebody who has installed it."""

import shutil
import subprocess
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROJECT = ROOT / "tests" / "typing"
PINS = ("django52", "lint")


def check_types(wheel: Path) -> None:
    """Install the wheel into an empty environment and run mypy in strict mode on a project.

    Raises:
        CalledProcessError: mypy found something, or the wheel says nothing of its types.
    """
    with tempfile.TemporaryDirectory() as name:
        environment, project = Path(name) / "environment", Path(name) / "project"
        venv.create(environment, with_pip=True)
        constraints = [f"--constraint={ROOT}/requirements/{pins}.txt" for pins in PINS]
        install = [str(environment / "bin" / "pip"), "install", "--quiet", *constraints]
        subprocess.run([*install, "mypy", "django-stubs", str(wheel)], check=True)
        shutil.copytree(PROJECT, project)
        command = [str(environment / "bin" / "mypy"), "--config-file=mypy.ini", "--package=shop"]
        subprocess.run(command, cwd=project, check=True)
