"""Look for a file that the inspection of uploads does not survive, led by the code's coverage.

``python -m tools.fuzz_uploads [OPTIONS OF LIBFUZZER]``, as ``-max_total_time=1800``; wants the
package atheris. An exception, or a verdict that takes more than three seconds of processor time,
ends the run, and the file that did it is left as ``crash-…``.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

MOST_SECONDS = 3.0
NAMES = {"png": "a.png", "jpeg": "a.jpg", "webp": "a.webp", "gif": "a.gif", "heic": "a.heic"}


def write_seeds(folder: Path) -> None:
    """Write small honest images, from which the fuzzer starts."""
    from tests import images, samples

    contents = [getattr(samples, name) for name in samples.__all__]
    for number, content in enumerate([*contents, images.make_png()]):
        (folder / f"seed-{number}").write_bytes(content)


def judge_file(content: bytes) -> None:
    """Judge a file under the name that its own beginning asks for."""
    from django.core.files.base import ContentFile

    from django_modernize.uploads import IMAGES, inspect
    from django_modernize.uploads.kinds import find_kind

    kind = find_kind(content)
    name = NAMES.get(kind.name if kind else "", "a.png")
    started = time.process_time()
    verdict = inspect(ContentFile(content, name=name), IMAGES)
    spent = time.process_time() - started
    if spent > MOST_SECONDS:
        raise TimeoutError(f"{spent:.1f} s of processor time for {verdict.kind}")


def main(arguments: list[str]) -> None:
    """Run the fuzzer until its options say that it is enough."""
    import atheris

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    with atheris.instrument_imports(include=["django_modernize.uploads"]):
        django.setup()
        import django_modernize.uploads.inspection  # noqa: F401 - imported to be instrumented
        from django_modernize.uploads.inspectors import gif, heic, jpeg, png, webp  # noqa: F401
    with tempfile.TemporaryDirectory() as folder:
        write_seeds(Path(folder))
        atheris.Setup([*arguments, "-max_len=20000", "-timeout=10", folder], judge_file)
        atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv)
