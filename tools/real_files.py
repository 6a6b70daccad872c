"""Judge the real files that ship in the source packages of other projects.

``python -m tools.real_files FOLDER`` downloads the packages into a folder outside of the tree, or
takes those that are there, and unpacks them. Most were made to test readers: telephones' photos,
broken ones, attacks. The run fails if fewer than 99 % of the sound images are accepted, if an
attack is accepted or keeps what it is dangerous by, if anything else is taken for an image, or if a
verdict takes more than three seconds of processor time.
"""

import os
import shutil
import subprocess
import sys
import tarfile
import time
import warnings
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
PACKAGES: Final = {
    "pillow": "13.0.0",
    "pillow-heif": "1.8.1",
    "pikepdf": "10.18.0",
    "pypdf": "7.1.1",
    "oletools": "0.60.2",
    "defusedxml": "0.7.1",
}
MOST_SECONDS: Final = 3.0
LEAST_SHARE: Final = 0.99

ATTACKS: Final = (
    *("crash", "timeout", "oom", "decompression_bomb", "png_decompression_dos"),
    *("overflow", "corrupted", "truncated", "empty."),
)
"""What the names of images begin with, or hold, that were made to hurt a reader."""

DAMAGED: Final = {
    "jpeg_ff00_header.jpg": "an escaped byte stands where a marker belongs",
    "junk_jpeg_header.jpg": "bytes of no segment between its segments",
    "photoshop-200dpi-broken.jpg": "bytes of no segment between its segments",
    "truncated_app14.jpg": "a segment is shorter than it says",
    "test_extents_transparency.gif": "a second file follows where the first should end",
}
"""Images that Pillow shows although they are damaged, and that its tests keep for that reason."""

BEYOND_LIMITS: Final = frozenset({"pixels", "sides", "frames", "too_large"})

ENDINGS: Final = {"jpeg": "jpg", "png": "png", "webp": "webp", "gif": "gif", "heic": "heic"}
WORKBOOKS: Final = frozenset({".xls", ".xlsx", ".xlsm", ".xlsb", ".xltx", ".xltm", ".ods"})
PAPERS: Final = {".pdf": "a.pdf"} | dict.fromkeys(WORKBOOKS, "a.xlsx")


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What became of one file."""

    path: Path
    subject: str
    """``image``, ``attack``, ``paper`` or ``other``."""
    is_sound: bool
    """For an image: a decoder of its type shows all of it."""
    code: str | None
    complaint: str
    """What must not be, empty where all is well."""


def fetch_packages(folder: Path) -> Path:
    """Return the folder of unpacked packages; what is there is not downloaded again."""
    if folder.resolve().is_relative_to(ROOT):
        sys.exit(f"{folder} lies in the tree; name a folder outside of it.")
    folder.mkdir(parents=True, exist_ok=True)
    unpacked = folder / "unpacked"
    for name, version in PACKAGES.items():
        archive = find_archive(folder, name, version)
        if archive is None:
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
            command += ["--no-binary", name, "--dest", str(folder), f"{name}=={version}"]
            subprocess.run(command, check=True)
            archive = find_archive(folder, name, version)
        if archive is None:
            sys.exit(f"{name} {version} has no source package here.")
        if not (unpacked / archive.name).exists():
            unpack(archive, unpacked / archive.name)
    return unpacked


def find_archive(folder: Path, name: str, version: str) -> Path | None:
    """Return the source package of a project, if it is there."""
    spellings = (name, name.replace("-", "_"))
    found = (
        folder / f"{spelling}-{version}{ending}"
        for spelling in spellings
        for ending in (".tar.gz", ".zip")
    )
    return next((path for path in found if path.exists()), None)


def unpack(archive: Path, target: Path) -> None:
    """Unpack a source package; nothing in it is run, and nothing leads out of the folder."""
    # What an interrupted run leaves is not taken for the whole.
    begun = target.with_name(f"{target.name}.begun")
    shutil.rmtree(begun, ignore_errors=True)
    begun.mkdir(parents=True)
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive) as opened_zip:
            opened_zip.extractall(begun)
    else:
        with tarfile.open(archive) as opened_tar:
            write_members(opened_tar, begun)
    begun.rename(target)


def write_members(opened: tarfile.TarFile, folder: Path) -> None:
    """Write the plain files of an archive; Python 3.11.0 to 3.11.3 have no filter that does it."""
    for member in opened:
        path = (folder / member.name).resolve()
        content = opened.extractfile(member) if member.isfile() else None
        if content is not None and path.is_relative_to(folder.resolve()):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.read())


def judge_all(folder: Path) -> Iterator[Judged]:
    """Judge every file that could be meant for one of the policies."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.stat().st_size:
            yield judge_file(path)


def judge_file(path: Path) -> Judged:
    """Judge one file under the name that its own beginning asks for."""
    from django_modernize.uploads import DOCUMENTS, IMAGES, SPREADSHEETS
    from django_modernize.uploads.kinds import find_kind

    content = path.read_bytes()
    kind = find_kind(content)
    told = PAPERS.get(path.suffix.lower())
    if told is not None:
        policy = DOCUMENTS if told == "a.pdf" else SPREADSHEETS
        return judge_paper(path, *take_verdict(content, told, policy))
    if kind is None or kind.name not in ENDINGS:
        verdict, seconds = take_verdict(content, "a.jpg", IMAGES)
        wrong = "is taken for an image" if verdict.is_accepted else complain_of_time(seconds)
        return Judged(path=path, subject="other", is_sound=False, code=None, complaint=wrong)
    verdict, seconds = take_verdict(content, f"a.{ENDINGS[kind.name]}", IMAGES)
    return judge_image(path, content, kind.name, verdict, seconds)


def judge_image(path: Path, content: bytes, kind: str, verdict: Any, seconds: float) -> Judged:
    """Compare the verdict on an image with what a decoder says of it."""
    is_attack = any(part in path.name for part in ATTACKS)
    is_sound = not is_attack and path.name not in DAMAGED and can_decode(content, kind)
    complaint = complain_of_time(seconds)
    if is_sound and not verdict.is_accepted and verdict.code not in BEYOND_LIMITS:
        complaint = f"is sound, and refused: {verdict.findings[-1].detail}"
    if verdict.is_accepted and not can_decode(verdict.content, verdict.kind.name):
        complaint = "is stored as what a decoder stumbles over"
    return Judged(
        path=path,
        subject="attack" if is_attack else "image",
        is_sound=is_sound,
        code=verdict.code and verdict.code.value,
        complaint=complaint,
    )


def judge_paper(path: Path, verdict: Any, seconds: float) -> Judged:
    """Judge a workbook, of which all here are attacks, or a PDF, of which most are not."""
    is_attack = path.suffix.lower() in WORKBOOKS
    complaint = complain_of_time(seconds)
    if is_attack and verdict.is_accepted:
        complaint = "attacks, and is accepted"
    return Judged(
        path=path,
        subject="attack" if is_attack else "paper",
        is_sound=False,
        code=verdict.code and verdict.code.value,
        complaint=complaint,
    )


def complain_of_time(seconds: float) -> str:
    """Return what is wrong with the time that a verdict took, if anything."""
    return f"takes {seconds:.1f} s of processor time" if seconds > MOST_SECONDS else ""


def take_verdict(content: bytes, name: str, policy: Any) -> tuple[Any, float]:
    """Return a verdict, and the seconds of processor time that it took."""
    from django.core.files.base import ContentFile

    from django_modernize.uploads import inspect

    started = time.process_time()
    verdict = inspect(ContentFile(content, name=name), policy)
    return verdict, time.process_time() - started


def can_decode(content: bytes, kind: str) -> bool:
    """Tell whether the decoder of a type shows every frame, without a warning."""
    import pillow_heif
    from PIL import Image

    from django_modernize.uploads.inspectors.raster import PILLOW_FORMATS

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            if kind == "heic":
                pillow_heif.open_heif(BytesIO(content)).to_pillow()
                return True
            with Image.open(BytesIO(content), formats=[PILLOW_FORMATS[kind]]) as image:
                for number in range(getattr(image, "n_frames", 1)):
                    image.seek(number)
                    image.load()
        except Exception:  # noqa: BLE001 - decoders raise whatever they stumble over
            return False
    return True


def report(judged: list[Judged]) -> int:
    """Print what was found, and return the exit status."""
    sound = [one for one in judged if one.is_sound and one.code not in BEYOND_LIMITS]
    accepted = [one for one in sound if one.code is None]
    for subject, verdict in sorted(Counter(map(tell, judged)).items()):
        print(f"{verdict:5}  {subject}")
    for one in judged:
        if (one.subject == "attack" and one.code is None) or (one.is_sound and one.code):
            print(f"{one.path.name}: {one.code or 'what it is dangerous by is not stored'}")
    complaints = [one for one in judged if one.complaint]
    for one in complaints:
        print(f"{one.path}: {one.complaint}")
    share = len(accepted) / len(sound)
    print(f"{len(accepted)} of {len(sound)} sound images are accepted ({share:.1%})")
    hard = [one for one in complaints if not one.is_sound]
    return int(share < LEAST_SHARE or bool(hard))


def tell(one: Judged) -> str:
    """Return the line under which a file is counted."""
    subject = "sound image" if one.is_sound else one.subject
    return f"{subject}: {one.code or ('refused' if one.subject == 'other' else 'accepted')}"


def main(folder: str) -> int:
    """Download, judge and report.

    Returns:
        The exit status.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    return report(list(judge_all(fetch_packages(Path(folder)))))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
