"""Build wheel and sdist; show that both install and import, and that the tutorial works."""

import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from tools.tutorial import main as follow_tutorial

ROOT = Path(__file__).resolve().parent.parent
DIST = ROOT / "dist"
# Runs outside the clone, so that nothing but the installed package can be imported.
IMPORT = """
import django_modernize, importlib.metadata, pathlib
from django.conf import settings
settings.configure(INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes",
                                   "django_modernize", "django_modernize.audit"])
import django
django.setup()
import django_modernize.models
version = importlib.metadata.version("django-modernize")
assert version == django_modernize.__version__, "two versions"
assert (pathlib.Path(django_modernize.__file__).parent / "py.typed").exists(), "no py.typed"
print("imported", version, "with Django", django.__version__)
"""


def run_checked(*command: str | Path, folder: Path = ROOT) -> None:
    """Run a command that has to succeed."""
    # Pins for the build backend too, which pip fetches into an environment of its own.
    pins = str(ROOT / "requirements" / "build.txt")
    environ = os.environ | {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_BUILD_CONSTRAINT": pins}
    subprocess.run(command, cwd=folder, env=environ, check=True, stdin=subprocess.DEVNULL)


def build_package() -> list[Path]:
    """Build both kinds of package.

    Returns:
        The wheel and the sdist.
    """
    shutil.rmtree(DIST, ignore_errors=True)
    run_checked(sys.executable, "-m", "build", "--no-isolation", "--outdir", DIST, ROOT)
    return [*DIST.glob("*.whl"), *DIST.glob("*.tar.gz")]


def try_package(package: Path) -> None:
    """Install ``package`` into an empty environment and import it there."""
    print(f"\n=== {package.name}", flush=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        venv.create(folder, with_pip=True)
        python = folder / "bin" / "python"
        pins = ROOT / "requirements" / "django.txt"
        run_checked(python, "-m", "pip", "install", "--quiet", f"--constraint={pins}", package)
        run_checked(python, "-c", IMPORT, folder=folder)


def main() -> int:
    """Build and try the packages.

    Returns:
        The exit status.
    """
    try:
        packages = build_package()
        for package in packages:
            try_package(package)
    except subprocess.CalledProcessError as error:
        print(f"Failed: {error}", file=sys.stderr)
        return 1
    print(f"\n{len(packages)} packages built in dist/, installed and imported")
    return follow_tutorial(str(packages[0]))


if __name__ == "__main__":
    sys.exit(main())
