"""PDF files made object by object, so that tests can make wrong ones, and need no package."""

import zlib

HEADER = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
CATALOG, TREE, PAGE = (
    b"<</Type/Catalog/Pages 2 0 R%s>>",
    b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
    b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]%s>>",
)


def stream(data: bytes, head: bytes = b"", *, length: bytes | None = None) -> bytes:
    told = b"%d" % len(data) if length is None else length
    return b"<</Length %s%s>>\nstream\n%s\nendstream" % (told, head, data)


def packed(data: bytes, head: bytes = b"") -> bytes:
    return stream(zlib.compress(data), b"/Filter/FlateDecode" + head)


def object_stream(objects: dict[int, bytes], head: bytes = b"") -> bytes:
    """Return a stream of objects by number."""
    places, body = [], b""
    for number, value in objects.items():
        places.append(b"%d %d" % (number, len(body)))
        body += value + b"\n"
    index = b" ".join(places) + b" "
    told = b"/Type/ObjStm/N %d/First %d" % (len(objects), len(index))
    return packed(index + body, told + head)


def put_together(
    objects: list[bytes],
    *,
    trailer: bytes = b"",
    between: bytes = b"",
    places: dict[int, int] | None = None,
    start: int | None = None,
    after: bytes = b"",
    header: bytes = HEADER,
    entries: bytes | None = None,
) -> bytes:
    """Return a file of objects, numbered from 1.

    Args:
        objects: Their values.
        trailer: More entries of the trailer.
        between: What stands between the objects and the table.
        places: What the table says instead, by number.
        start: What ``startxref`` says instead.
        after: What follows the end.
        header: The first lines.
        entries: The whole table instead.
    """
    content, found = header, []
    for number, value in enumerate(objects, start=1):
        found.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, value)
    content += between
    told = {**dict(enumerate(found, start=1)), **(places or {})}
    lines = b"".join(b"%010d 00000 n \n" % told[number] for number in sorted(told))
    table = b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(told) + 1, lines)
    where = len(content) if start is None else start
    content += table if entries is None else entries
    head = b"/Size %d/Root 1 0 R%s" % (len(told) + 1, trailer)
    return content + b"trailer\n<<%s>>\nstartxref\n%d\n%%%%EOF\n" % (head, where) + after


def document(*more: bytes, catalog: bytes = b"", page: bytes = b"", **options: object) -> bytes:
    """Return a document of one page; ``more`` are the objects from number 4 on."""
    objects = [CATALOG % catalog, TREE, PAGE % page, *more]
    return put_together(objects, **options)  # type: ignore[arg-type]
