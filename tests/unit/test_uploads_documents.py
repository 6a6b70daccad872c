"""What careful writers of PDF files do is accepted, and seen through."""

import pytest
from django.core.files.base import ContentFile

from django_modernize.uploads import DOCUMENTS, RefusalCode, inspect
from tests.documents import document, packed, stream

VALUE = b"9 0 [(a) (b)]"


def predict_left(row: bytes) -> bytes:
    return b"\1" + bytes((row[at] - (row[at - 1] if at else 0)) & 255 for at in range(len(row)))


def predict_above(row: bytes, above: bytes) -> bytes:
    return b"\2" + bytes((one - other) & 255 for one, other in zip(row, above, strict=False))


def packed_object(rows: bytes, columns: int) -> bytes:
    head = b"/Type/ObjStm/N 1/First 4/DecodeParms<</Predictor 15/Columns %d>>"
    return document(packed(rows, head % columns))


def judge(content: bytes):
    return inspect(ContentFile(content, name="letter.pdf"), DOCUMENTS)


@pytest.mark.parametrize(
    "content",
    [
        packed_object(predict_left(VALUE), len(VALUE)),
        packed_object(b"\0" + VALUE[:8] + predict_above(VALUE[8:], VALUE[:8]), 8),
        document(b"<</Length 1>>\nstream\r\nx\nendstream"),
        document(stream(VALUE, b"/Type/ObjStm/N 1/First 4")),
    ],
    ids=["told by the left", "in rows", "lines of Windows", "objects that are not packed"],
)
def test_a_usual_way_of_writing_is_accepted(content):
    verdict = judge(content)
    assert verdict.code is None, verdict.findings[-1]


def test_a_script_that_is_told_as_differences_is_found():
    hidden = b"9 0 <</S/JavaScript/JS(x)>>"
    assert judge(packed_object(predict_left(hidden), len(hidden))).code == RefusalCode.SCRIPTS
    assert judge(packed_object(b"\0" + hidden, len(hidden))).code == RefusalCode.SCRIPTS
