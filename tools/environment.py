"""Build the environment ``.venv`` from the pins, and do nothing when it is up to date.

Run as ``python tools/environment.py NAME``, by any Python from 3.11 on: nothing is installed yet.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".venv"
PYTHON = FOLDER / "bin" / "python"
EXAMPLE = ("django", "example", "postgres")
# What each make target asks for, as files of requirements/.
SETS = {
    "demo": EXAMPLE,
    "test": (*EXAMPLE, "contrib", "peers", "test", "e2e"),
    "lint": (*EXAMPLE, "contrib", "test", "lint"),
    "bench": (*EXAMPLE, "peers"),
    "docs": (*EXAMPLE, "docs"),
    "package": ("package",),
    "load": (*EXAMPLE, "serve", "load"),
    "matrix": ("matrix",),
    "pins": ("pins",),
}


def read_maker() -> str:
    """Return what made ``.venv``, or nothing if it is not there or unfinished."""
    stamp = FOLDER / "made-by"
    return stamp.read_text() if stamp.exists() and PYTHON.exists() else ""


def describe_python() -> str:
    """Name the running interpreter: the one below a virtual environment, if it is in one."""
    return f"Python {sys.version_info.major}.{sys.version_info.minor} of {sys.base_prefix}"


def create_environment() -> None:
    """Make ``.venv``, unless this very Python made it and finished.

    An environment that an interrupted run, another Python or an older place of the clone left
    behind is made anew.
    """
    made_by = f"{describe_python()} for {FOLDER}\n"
    if read_maker() == made_by:
        return
    print(f"Making .venv with Python {sys.version.split()[0]}", flush=True)
    if FOLDER.exists():
        shutil.rmtree(FOLDER)
    venv.create(FOLDER, with_pip=True, symlinks=True)
    (FOLDER / "made-by").write_text(made_by)


def list_pins(name: str) -> list[Path]:
    """Return the files of pins for ``name``: those to build the package with come first."""
    return [ROOT / "requirements" / f"{pins}.txt" for pins in ("build", *SETS[name])]


def hash_files(paths: list[Path]) -> str:
    """Return one digest for the contents of ``paths``."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def run_pip(*arguments: str) -> None:
    """Run the environment's pip quietly."""
    environ = os.environ | {"PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    command = [str(PYTHON), "-m", "pip", "install", "--quiet", *arguments]
    subprocess.run(command, cwd=ROOT, env=environ, check=True, stdin=subprocess.DEVNULL)


def install_pins(name: str) -> None:
    """Install the pins of ``name`` and the package itself, unless neither has changed."""
    pins = list_pins(name)
    stamp = FOLDER / f"installed-{name}"
    digest = hash_files([*pins, ROOT / "pyproject.toml"])
    if stamp.exists() and stamp.read_text() == digest:
        return
    print(f"Installing what `make {name}` needs", flush=True)
    run_pip(*(f"--requirement={path}" for path in pins))
    # The build backend is among the pins: without isolation nothing unpinned is fetched.
    run_pip("--no-build-isolation", "--no-deps", f"--editable={ROOT}")
    stamp.write_text(digest)


def main() -> int:
    """Bring the environment for ``sys.argv[1]`` up to date.

    Returns:
        The exit status.
    """
    create_environment()
    try:
        install_pins(sys.argv[1])
    except subprocess.CalledProcessError:
        print("pip could not install the packages; its message is above.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
