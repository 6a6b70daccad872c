"""Zip archives: compare the directory with the actual entries, and write a new frame.

Readers disagree about archives that contradict themselves, so such a one is refused, and what is
stored has one entry in one place and nothing between them.
"""

import stat
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from django.template.defaultfilters import filesizeformat

from ..codes import RefusalCode
from ..policies import UploadPolicy
from ..verdicts import Refusal
from .base import Piece
from .dimensions import refuse_damage

__all__ = ["Entry", "inflate_entry", "read_entries", "write_archive"]

END_MARK: Final = b"PK\x05\x06"
ENTRY_MARK: Final = b"PK\x01\x02"
LOCAL_MARK: Final = b"PK\x03\x04"
END: Final = struct.Struct("<4sHHHHIIH")
DIRECTORY: Final = struct.Struct("<4sHHHHHHIIIHHHHHII")
LOCAL: Final = struct.Struct("<4sHHHHHIIIHH")

STORED, DEFLATED = 0, 8
ENCRYPTED_FLAGS: Final = 0x1 | 0x40 | 0x2000
UTF8_FLAG: Final = 0x800
SIZE_IS_ELSEWHERE: Final = 0xFFFFFFFF
FIRST_OF_1980: Final = 0x21
"""What is written as the date of an entry: the client's clock is nobody's business."""

NAME_MAX_LENGTH: Final = 200
REFUSED_IN_NAMES: Final = frozenset('\\:*?"<>|')
SMALL_ENTRY: Final = 256 * 1024
"""Below this size, nobody is hurt by any ratio; empty styled rows pack a hundredfold."""

WINDOW_BYTES: Final = 256 * 1024
"""How much is inflated at once."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One file of an archive."""

    name: str
    method: int
    checksum: int
    size: int
    """What it unpacks to, as it says; :func:`inflate_entry` holds it to that."""

    packed: memoryview
    place: int
    """Where its header begins."""

    end: int
    """Where its data end."""


def read_entries(content: bytes, policy: UploadPolicy) -> list[Entry]:
    """Return the files of an archive, without unpacking them.

    Args:
        content: The archive.
        policy: The limits.

    Raises:
        Refusal: The archive is damaged, encrypted, contradicts itself, or says that it unpacks
            to more than is allowed.
    """
    count, size, place = _find_directory(content, policy)
    entries, end = [], place + size
    for _ in range(count):
        entry, place = _read_entry(content, place, end)
        if not entry.name.endswith("/"):
            entries.append(entry)
        elif entry.size:
            raise refuse_damage("a folder in it has a content")
    if place != end:
        raise refuse_damage("its directory is longer or shorter than it says")
    _check_places(entries, end - size)
    _check_names(entries)
    _check_sizes(entries, policy)
    return entries


def inflate_entry(entry: Entry) -> Iterator[bytes]:
    """Yield what an entry unpacks to, in small windows.

    Raises:
        Refusal: It is longer or shorter than it says, or damaged.
    """
    found = checksum = 0
    windows = _inflate(entry.packed) if entry.method == DEFLATED else iter([bytes(entry.packed)])
    for window in windows:
        found += len(window)
        if found > entry.size:
            raise Refusal(RefusalCode.SIZE_MISMATCH, problem="a part is longer than it says")
        checksum = zlib.crc32(window, checksum)
        yield window
    if found != entry.size:
        raise Refusal(RefusalCode.SIZE_MISMATCH, problem="a part is shorter than it says")
    if checksum != entry.checksum:
        raise Refusal(RefusalCode.CHECKSUM)


def write_archive(entries: Sequence[Entry]) -> list[Piece]:
    """Return the pieces of an archive of these entries and of nothing else."""
    pieces: list[Piece] = []
    directory: list[bytes] = []
    place = 0
    for entry in entries:
        name = entry.name.encode()
        shared = (20, UTF8_FLAG, entry.method, 0, FIRST_OF_1980, entry.checksum)
        sizes = (len(entry.packed), entry.size, len(name), 0)
        header = LOCAL.pack(LOCAL_MARK, *shared, *sizes) + name
        directory.append(DIRECTORY.pack(ENTRY_MARK, 20, *shared, *sizes, 0, 0, 0, 0, place) + name)
        pieces += [header, entry.packed]
        place += len(header) + len(entry.packed)
    listed = b"".join(directory)
    count = len(entries)
    return [*pieces, listed, END.pack(END_MARK, 0, 0, count, count, len(listed), place, 0)]


def _find_directory(content: bytes, policy: UploadPolicy) -> tuple[int, int, int]:
    """Return how many entries there are, how long their directory is, and where it begins."""
    found = content.rfind(END_MARK, max(0, len(content) - END.size - 0xFFFF))
    if found < 0:
        raise Refusal(RefusalCode.TRUNCATED)
    _, disk, first_disk, count_here, count, size, place, _ = END.unpack_from(content, found)
    if SIZE_IS_ELSEWHERE in (size, place) or count == 0xFFFF:
        raise Refusal(RefusalCode.UNSUPPORTED, problem="an archive in the format for 4 GB and more")
    if disk or first_disk or count_here != count:
        raise Refusal(RefusalCode.UNSUPPORTED, problem="an archive in several volumes")
    if count > policy.max_entries:
        raise Refusal(RefusalCode.TOO_MANY_PIECES, limit=policy.max_entries)
    if place + size > found or place < 0:
        raise refuse_damage("its directory lies beyond its end")
    return count, size, place


def _read_entry(content: bytes, place: int, end: int) -> tuple[Entry, int]:
    """Return an entry of the directory, and where the next one is."""
    if place + DIRECTORY.size > end:
        raise refuse_damage("its directory is longer or shorter than it says")
    fields = DIRECTORY.unpack_from(content, place)
    mark, _, _, flags, method, _, _, checksum, packed_size, size = fields[:10]
    name_length, extra_length, comment_length, _, _, attributes, where = fields[10:]
    name = content[place + DIRECTORY.size : place + DIRECTORY.size + name_length]
    if mark != ENTRY_MARK:
        raise refuse_damage("its directory is wrong")
    if flags & ENCRYPTED_FLAGS:
        raise Refusal(RefusalCode.ENCRYPTED)
    if method not in (STORED, DEFLATED):
        raise Refusal(RefusalCode.UNSUPPORTED, problem="an unusual compression")
    if SIZE_IS_ELSEWHERE in (packed_size, size, where):
        raise Refusal(RefusalCode.UNSUPPORTED, problem="an archive in the format for 4 GB and more")
    if stat.S_ISLNK(attributes >> 16):
        raise Refusal(RefusalCode.UNSUPPORTED, problem="a link to another file")
    start = _check_local_header(content, where, name, method)
    if start + packed_size > len(content):
        raise Refusal(RefusalCode.TRUNCATED)
    entry = Entry(
        name=_decode_name(name),
        method=method,
        checksum=checksum,
        size=size,
        packed=memoryview(content)[start : start + packed_size],
        place=where,
        end=start + packed_size,
    )
    return entry, place + DIRECTORY.size + name_length + extra_length + comment_length


def _check_local_header(content: bytes, place: int, name: bytes, method: int) -> int:
    """Return where an entry's data begin, if its own header agrees with the directory."""
    mark, _, flags, own_method, *_, name_length, extra_length = LOCAL.unpack_from(content, place)
    if mark != LOCAL_MARK:
        raise refuse_damage("its directory leads to where no part is")
    if flags & ENCRYPTED_FLAGS:
        raise Refusal(RefusalCode.ENCRYPTED)
    start = place + LOCAL.size
    if content[start : start + name_length] != name or own_method != method:
        raise Refusal(RefusalCode.AMBIGUOUS, problem="a part has two names or two packings")
    return start + int(name_length) + int(extra_length)


def _decode_name(name: bytes) -> str:
    try:
        return name.decode()
    except UnicodeDecodeError as error:
        raise Refusal(RefusalCode.ENTRY_NAMES) from error


def _check_places(entries: Sequence[Entry], directory: int) -> None:
    last = 0
    for entry in sorted(entries, key=lambda one: one.place):
        if entry.place < last:
            raise Refusal(RefusalCode.AMBIGUOUS, problem="two parts share bytes")
        last = entry.end
    if last > directory:
        raise Refusal(RefusalCode.AMBIGUOUS, problem="a part and the directory share bytes")


def _check_names(entries: Sequence[Entry]) -> None:
    names = [entry.name.casefold() for entry in entries]
    if len(set(names)) < len(names):
        raise Refusal(RefusalCode.AMBIGUOUS, problem="two parts have the same name")
    for name in names:
        is_strange = not name.isprintable() or not REFUSED_IN_NAMES.isdisjoint(name)
        leads_out = not {"", ".", ".."}.isdisjoint(name.split("/"))
        if is_strange or leads_out or len(name) > NAME_MAX_LENGTH:
            raise Refusal(RefusalCode.ENTRY_NAMES)


def _check_sizes(entries: Sequence[Entry], policy: UploadPolicy) -> None:
    if sum(entry.size for entry in entries) > policy.max_unpacked_bytes:
        limit = filesizeformat(policy.max_unpacked_bytes)
        raise Refusal(RefusalCode.UNPACKED_SIZE, limit=limit)
    for entry in entries:
        if entry.method == STORED and entry.size != len(entry.packed):
            raise Refusal(RefusalCode.SIZE_MISMATCH, problem="a part that is not packed has two")
        if entry.size > SMALL_ENTRY and entry.size > policy.max_ratio * len(entry.packed):
            raise Refusal(RefusalCode.RATIO, limit=policy.max_ratio)


def _inflate(packed: memoryview) -> Iterator[bytes]:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    rest: bytes | memoryview = packed
    while not inflater.eof:
        try:
            window = inflater.decompress(rest, WINDOW_BYTES)
        except zlib.error as error:
            raise refuse_damage("a part of it cannot be unpacked") from error
        rest = inflater.unconsumed_tail
        if not window and not rest and not inflater.eof:
            raise Refusal(RefusalCode.TRUNCATED)
        yield window
    if inflater.unused_data or rest:
        raise Refusal(RefusalCode.SIZE_MISMATCH, problem="something is hidden behind a part")
