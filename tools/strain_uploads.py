"""Show that inspections bear threads, and that no file takes more than it may.

``python -m tools.strain_uploads [--inspections 10000] [--threads 8] [--only threads|bounds]``

Threads: each of them judges sound and wrong files, images and papers alike, that many times, and
every verdict has to be that of one thread alone. Bounds: files at the limits of the ready
policies, each in a process of its own, may take three seconds of processor time and 300 MB beside
the Python around it. Wants the packages of ``make test``.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
MOST_SECONDS: Final = 3.0
MOST_MEGABYTES: Final = 300
MEGABYTE: Final = 1024 * 1024

Judged = tuple[str | None, str]
File = tuple[str, bytes, str]
"""The name, the content and the mode."""


def list_files(subject: str) -> list[File]:
    """Return small files, each sound and cut off."""
    from tests import images, samples
    from tests.security.test_papers_fuzz import HONEST

    if subject == "papers":
        sound = [(name, content) for name, contents in HONEST.items() for content in contents]
    else:
        contents = [*(getattr(samples, name) for name in samples.__all__), images.make_png()]
        sound = [(f"a.{name_ending(content)}", content) for content in contents]
    files = [(name, content, "quick") for name, content in sound]
    return files + [(name, content[:-9], "quick") for name, content in sound]


def name_ending(content: bytes) -> str:
    """Return the ending of the type that content begins like."""
    from django_modernize.uploads.kinds import find_kind

    kind = find_kind(content)
    return kind.extensions[0] if kind else ""


def judge(file: File) -> Judged:
    """Return the code of a refusal, and the digest of what would be stored."""
    verdict = inspect_file(file)
    return verdict.code and verdict.code.value, verdict.sha256


def inspect_file(file: File) -> Any:
    """Judge a file by the ready policy of its ending."""
    from django.core.files.base import ContentFile

    from django_modernize.uploads import DOCUMENTS, IMAGES, SPREADSHEETS, inspect

    name, content, mode = file
    policies = {"pdf": DOCUMENTS, "xlsx": SPREADSHEETS, "xls": SPREADSHEETS, "ods": SPREADSHEETS}
    policy = policies.get(name.rpartition(".")[2], IMAGES)
    return inspect(ContentFile(content, name=name), policy.replace(mode=mode))


def strain_threads(subject: str, *, threads: int, inspections: int) -> int:
    """Return how many verdicts of many threads differ from those of one."""
    files = list_files(subject)
    alone = [judge(file) for file in files]

    def work(first: int) -> int:
        wrong = 0
        for number in range(first, first + inspections):
            which = number % len(files)
            wrong += judge(files[which]) != alone[which]
        return wrong

    started, spent = time.monotonic(), time.process_time()
    with ThreadPoolExecutor(threads) as pool:
        wrong = sum(pool.map(work, range(threads)))
    took, spent = time.monotonic() - started, time.process_time() - spent
    print(
        f"{subject}: {threads} threads x {inspections:,} inspections of {len(files)} files: "
        f"{wrong} wrong verdicts, {took:.0f} s ({spent:.0f} s of processor time)"
    )
    return wrong


def encode(sides: tuple[int, int], name: str, **options: Any) -> bytes:
    """Return a large image, encoded by Pillow."""
    from PIL import Image

    target = BytesIO()
    grain = Image.effect_noise((256, 256), 60).resize(sides).convert("RGB")
    grain.save(target, name, **options)
    return target.getvalue()


def make_animation() -> bytes:
    """Return 25 frames of a megapixel."""
    from PIL import Image

    noise = [Image.effect_noise((250, 250), 9 + n) for n in range(25)]
    frames = [one.resize((1000, 1000), Image.Resampling.NEAREST) for one in noise]
    target = BytesIO()
    frames[0].save(target, "GIF", save_all=True, append_images=frames[1:])
    return target.getvalue()


def make_heic() -> bytes:
    """Return a HEIC of 27 megapixels."""
    import pillow_heif
    from PIL import Image

    target = BytesIO()
    grain = Image.effect_noise((64, 64), 60).resize((5200, 5200)).convert("RGB")
    pillow_heif.from_pillow(grain).save(target, quality=40)
    return target.getvalue()


def make_formulas() -> bytes:
    """Return a workbook of half a million formulas."""
    from tests.workbooks import SHEET, sheet, workbook

    cells = "<c><f>SUM(A1:B2)*{0}</f><v>{0}</v></c>"
    rows = (
        "<row>" + "".join(cells.format(row * 10 + n) for n in range(10)) + "</row>"
        for row in range(48_000)
    )
    return workbook({SHEET: sheet("".join(rows))})


def make_elements() -> bytes:
    """Return a workbook whose parts have nearly as many elements as are allowed."""
    from tests.workbooks import workbook

    part = "<a>" + "".join(f'<b c="{n}"/>' for n in range(70_000)) + "</a>"
    return workbook({f"xl/extra/part{n}.xml": part for n in range(21)})


def make_dictionaries() -> bytes:
    """Return a PDF of 160,000 dictionaries."""
    from tests.documents import document

    return document(b"[" + b"<</A 1/B 2>>" * 110_000 + b"]")


def make_names() -> bytes:
    """Return a PDF of names that are all different."""
    from tests.documents import document

    return document(b"[" + b"".join(b"/n%d" % n for n in range(650_000)) + b"]")


def make_packed_objects() -> bytes:
    """Return a PDF whose objects are packed, and unpack to 20 MB."""
    from tests.documents import document, object_stream

    objects = {n: b"<</A(%d)/B %d 0 R>>" % (n, n) for n in range(10, 60_000)}
    return document(object_stream(objects))


def make_pixels() -> bytes:
    """Return a PDF whose streams unpack to nearly as much as is allowed."""
    from tests.documents import document, packed

    return document(*(packed(os.urandom(100_000) + bytes(18_000_000)) for _ in range(5)))


LARGE: Final[dict[str, tuple[str, str, Callable[[], bytes]]]] = {
    "JPEG, 49 megapixels": ("a.jpg", "strict", lambda: encode((7000, 7000), "JPEG")),
    "JPEG, progressive, 30 megapixels": (
        "a.jpg",
        "strict",
        lambda: encode((6000, 5000), "JPEG", progressive=True),
    ),
    "PNG, 49 megapixels": ("a.png", "strict", lambda: encode((7000, 7000), "PNG")),
    "PNG, 49 megapixels, quick": ("a.png", "quick", lambda: encode((7000, 7000), "PNG")),
    "WebP, 9 megapixels": ("a.webp", "strict", lambda: encode((3000, 3000), "WEBP")),
    "GIF, 25 megapixels in as many frames": ("a.gif", "strict", make_animation),
    "HEIC, 27 megapixels": ("a.heic", "strict", make_heic),
    "workbook, 480,000 formulas": ("a.xlsx", "quick", make_formulas),
    "workbook, 1,470,000 elements": ("a.xlsx", "quick", make_elements),
    "PDF, 110,000 dictionaries": ("a.pdf", "quick", make_dictionaries),
    "PDF, 650,000 names": ("a.pdf", "quick", make_names),
    "PDF, 60,000 packed objects": ("a.pdf", "quick", make_packed_objects),
    "PDF, 90 MB unpacked": ("a.pdf", "quick", make_pixels),
}
"""Files at the limits, by what they are: name, mode, and how each is made."""


def measure_all() -> Iterator[str]:
    """Measure each large file, and yield what is beyond the bounds."""
    with tempfile.TemporaryDirectory() as folder:
        for title, (name, mode, make) in LARGE.items():
            path = Path(folder) / name
            path.write_bytes(make())
            found = measure_apart(path, mode)
            seconds, megabytes = found["seconds"], found["megabytes"]
            print(
                f"{title}: {path.stat().st_size / MEGABYTE:.1f} MB, {found['code'] or 'accepted'}, "
                f"{seconds:.1f} s, {megabytes:.0f} MB"
            )
            if seconds > MOST_SECONDS or megabytes > MOST_MEGABYTES or found["code"]:
                yield title


def measure_apart(path: Path, mode: str) -> dict[str, Any]:
    """Return what a file takes in a process of its own."""
    command = [sys.executable, "-m", "tools.strain_uploads", "--file", str(path), "--mode", mode]
    answer = subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
    found: dict[str, Any] = json.loads(answer.stdout)
    return found


def measure_file(path: Path, mode: str) -> dict[str, Any]:
    """Judge one file in this process, and return what it took beside what was there before."""
    from tests import samples

    # What the decoders load once is none of the file's.
    for name in ("a.jpg", "a.heic"):
        inspect_file((name, samples.JPEG if name == "a.jpg" else samples.HEIC, "strict"))
    # Forgets the peak that was.
    Path("/proc/self/clear_refs").write_text("5")
    before, started = read_memory("VmRSS"), time.process_time()
    verdict = inspect_file((path.name, path.read_bytes(), mode))
    return {
        "code": verdict.code and verdict.code.value,
        "seconds": time.process_time() - started,
        "megabytes": read_memory("VmHWM") - before,
    }


def read_memory(name: str) -> float:
    """Return what Linux says of the memory of this process, in MB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    (found,) = (line for line in lines if line.startswith(f"{name}:"))
    return int(found.split()[1]) / 1024


def main() -> int:
    """Do what the options say.

    Returns:
        The exit status: 1 if a verdict was wrong, or a file took too much.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inspections", type=int, default=10_000, help="of each thread")
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("--only", choices=["threads", "bounds"])
    parser.add_argument("--file", type=Path, help="judge this one, and say what it took")
    parser.add_argument("--mode", default="quick")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    if options.file is not None:
        print(json.dumps(measure_file(options.file, options.mode)))
        return 0
    wrong = 0
    if options.only != "bounds":
        for subject in ("images", "papers"):
            wrong += strain_threads(
                subject, threads=options.threads, inspections=options.inspections
            )
    beyond = list(measure_all()) if options.only != "threads" else []
    for title in beyond:
        print(f"Beyond the bounds, or refused: {title}")
    return int(bool(wrong or beyond))


if __name__ == "__main__":
    sys.exit(main())
