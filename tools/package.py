"""Build wheel and sdist; show that they install, import and are typed; follow the tutorial."""

import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from tools.tutorial import main as follow_tutorial
from tools.typed import check_types

ROOT = Path(__file__).resolve().parent.parent
DIST = ROOT / "dist"
# The clock of a build: where a release names none, the packages are those of this moment.
EPOCH = "1767225600"
# An author's address and a home page are what it misses of ten.
LEAST_RATING = "8"
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
    environ.setdefault("SOURCE_DATE_EPOCH", EPOCH)
    subprocess.run(command, cwd=folder, env=environ, check=True, stdin=subprocess.DEVNULL)


def build_package() -> list[Path]:
    """Build both kinds of package.

    Returns:
        The wheel and the sdist.

    Raises:
        ValueError: A second build gave other bytes.
    """
    shutil.rmtree(DIST, ignore_errors=True)
    command = (sys.executable, "-m", "build", "--no-isolation", "--outdir")
    run_checked(*command, DIST, ROOT)
    packages = [*DIST.glob("*.whl"), *DIST.glob("*.tar.gz")]
    with tempfile.TemporaryDirectory() as again:
        run_checked(*command, again, ROOT)
        for package in packages:
            if (Path(again) / package.name).read_bytes() != package.read_bytes():
                raise ValueError(f"{package.name} is another one when it is built again")
    print("\nA second build gave the same bytes", flush=True)
    return packages


def check_packages(packages: list[Path]) -> None:
    """Let others' programs look at the packages."""
    programs = Path(sys.executable).parent
    print("\n=== twine, check-wheel-contents, pyroma", flush=True)
    run_checked(programs / "twine", "check", "--strict", *packages)
    run_checked(programs / "check-wheel-contents", *packages[:1])
    run_checked(programs / "pyroma", f"--min={LEAST_RATING}", packages[1])


def write_bill(python: Path, package: Path) -> None:
    """Write what an environment holds besides the tools to install it, as CycloneDX."""
    bill = DIST / f"{package.name.split('-py3')[0]}.cdx.json"
    run_checked(python, "-m", "pip", "uninstall", "--quiet", "--yes", "setuptools", "pip")
    program = Path(sys.executable).parent / "cyclonedx-py"
    words = ("environment", "--output-reproducible", "--pyproject", ROOT / "pyproject.toml")
    run_checked(program, *words, "--output-file", bill, python)


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
        if package.suffix == ".whl":
            write_bill(python, package)


def main() -> int:
    """Build and try the packages.

    Returns:
        The exit status.
    """
    try:
        packages = build_package()
        check_packages(packages)
        for package in packages:
            try_package(package)
        print("\n=== types, as a project sees them that has installed it", flush=True)
        check_types(packages[0])
    except (subprocess.CalledProcessError, ValueError) as error:
        print(f"Failed: {error}", file=sys.stderr)
        return 1
    print(f"\n{len(packages)} packages built in dist/, checked, installed and imported")
    return follow_tutorial(str(packages[0]))


if __name__ == "__main__":
    sys.exit(main())
