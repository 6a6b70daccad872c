"""Look for a file that the inspection of uploads does not survive, led by the code's coverage.

``python -m tools.fuzz_uploads images|papers [OPTIONS OF LIBFUZZER]``, as ``-max_total_time=1800``;
wants the package atheris. Papers are workbooks and PDF files. An exception, or a verdict that takes
more than three seconds of processor time, ends the run, and the file that did it is left as
``crash-…``.
"""

import os
import sys
import tempfile
import time
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

MOST_SECONDS = 3.0
NAMES = {
    "images": {"png": "a.png", "jpeg": "a.jpg", "webp": "a.webp", "gif": "a.gif", "heic": "a.heic"},
    "papers": {"pdf": "a.pdf", "xlsx": "a.xlsx"},
}


def list_seeds(subject: str) -> list[bytes]:
    """Return small honest files, from which the fuzzer starts."""
    from tests import images, samples
    from tests.security.test_papers_fuzz import HONEST

    if subject == "papers":
        return [content for contents in HONEST.values() for content in contents]
    return [*(getattr(samples, name) for name in samples.__all__), images.make_png()]


def judge_file(content: bytes, subject: str) -> None:
    """Judge a file under the name that its own beginning asks for."""
    from django.core.files.base import ContentFile

    from django_modernize.uploads import DOCUMENTS, IMAGES, SPREADSHEETS, inspect
    from django_modernize.uploads.kinds import find_kind

    kind = find_kind(content)
    names = NAMES[subject]
    told = kind.name if kind and kind.name in names else next(iter(names))
    policy = {"xlsx": SPREADSHEETS, "pdf": DOCUMENTS}.get(told, IMAGES)
    started = time.process_time()
    verdict = inspect(ContentFile(content, name=names[told]), policy)
    spent = time.process_time() - started
    if spent > MOST_SECONDS:
        raise TimeoutError(f"{spent:.1f} s of processor time for {verdict.kind}")


def main(program: str, subject: str, options: list[str]) -> None:
    """Run the fuzzer until its options say that it is enough."""
    import atheris

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    with atheris.instrument_imports(include=["django_modernize.uploads"]):
        django.setup()
        import django_modernize.uploads.inspection
        import django_modernize.uploads.inspectors

        load_modules(django_modernize.uploads.inspectors.__path__)
    with tempfile.TemporaryDirectory() as folder:
        for number, content in enumerate(list_seeds(subject)):
            (Path(folder) / f"seed-{number}").write_bytes(content)
        arguments = [program, *options, "-max_len=20000", "-timeout=10", folder]
        atheris.Setup(arguments, lambda content: judge_file(content, subject))
        atheris.Fuzz()


def load_modules(folders: Iterable[str]) -> None:
    """Import every inspector, so that it is instrumented."""
    for module in iter_modules(folders):
        import_module(f"django_modernize.uploads.inspectors.{module.name}")


if __name__ == "__main__":
    main(sys.argv[0], sys.argv[1], sys.argv[2:])
