"""Whatever a workbook or a PDF turns into on its way, there is a verdict, and soon."""

import time
import tracemalloc

import pytest
from django.core.files.base import ContentFile
from hypothesis import given, settings
from hypothesis import strategies as st

from django_modernize.uploads import DOCUMENTS, SPREADSHEETS, Verdict, inspect
from tests.documents import document, object_stream, packed
from tests.workbooks import INDEX, SHEET, parts, sheet, workbook

from .uploads import CASES
from .uploads.case import PATIENCE

POLICIES = {"plan.xlsx": SPREADSHEETS, "letter.pdf": DOCUMENTS}
CELLS = '<row r="1"><c r="A1"><f>SUM(B1:B2)</f><v>1</v></c><c r="B1" t="s"><v>0</v></c></row>'
HONEST = {
    "plan.xlsx": [workbook({SHEET: sheet(CELLS)}), workbook({SHEET: sheet(CELLS)}, method=0)],
    "letter.pdf": [
        document(packed(b"BT (a) Tj ET"), b"<</A(b\\051)/C<61 62>/D[1 -2.5 true null 4 0 R]>>"),
        document(object_stream({9: b"<</A 5 0 R/B(\\()>>", 10: b"[1 2]"})),
    ],
}
PIECES = {
    "plan.xlsx": [b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"\xff\xff\xff\xff", b"\0\0"],
    "letter.pdf": [
        *(b"<<", b">>", b"[", b"]", b"(", b")", b"<", b">", b"\\", b"%", b"/", b"#4a", b" R "),
        *(b"obj ", b"endobj ", b"stream\n", b"endstream ", b"xref\n", b"trailer ", b"startxref "),
        *(b"/JS", b"/ObjStm", b"/Length 9 ", b"/Prev 9 ", b"99999999999999999999 ", b"-1 "),
    ],
}
PLACES = st.integers(0, 4_000)
BOUNDED = settings(max_examples=100, deadline=None, derandomize=True)


def judge(content: bytes, name: str) -> Verdict:
    started = time.process_time()
    verdict = inspect(ContentFile(content, name=name), POLICIES[name])
    assert time.process_time() - started < PATIENCE
    return verdict


def change_bytes(content: bytes, name: str, changes: list[tuple[str, int, int]]) -> bytes:
    changed = bytearray(content)
    for act, place, value in changes:
        place %= len(changed) + 1
        piece = PIECES[name][value % len(PIECES[name])]
        if act == "set":
            changed[place : place + 1] = bytes([value % 256])
        elif act == "cut":
            del changed[place : place + value % 64]
        elif act == "insert":
            changed[place:place] = piece
        elif act == "replace":
            changed[place : place + len(piece)] = piece
        else:
            changed[place:place] = changed[place : place + 200]
    return bytes(changed)


CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["set", "cut", "insert", "replace", "repeat"]), PLACES, st.integers(0, 999)
    ),
    min_size=1,
    max_size=5,
)


@pytest.mark.parametrize("name", POLICIES)
@BOUNDED
@given(data=st.data())
def test_a_changed_file_gets_a_verdict_and_what_is_accepted_is_accepted_again(name, data):
    content = data.draw(st.sampled_from(HONEST[name]))
    verdict = judge(change_bytes(content, name, data.draw(CHANGES)), name)
    if verdict.is_accepted:
        assert judge(verdict.content, name).content == verdict.content


@BOUNDED
@given(st.sampled_from(sorted(set(parts()) - {INDEX})), CHANGES)
def test_a_workbook_with_a_changed_part_gets_a_verdict(part, changes):
    before = sheet(CELLS) if part == SHEET else parts()[part]
    judge(workbook({part: change_bytes(before.encode(), "letter.pdf", changes)}), "plan.xlsx")


@BOUNDED
@given(CHANGES)
def test_a_pdf_with_changed_packed_objects_gets_a_verdict(changes):
    inside = change_bytes(b"9 0 10 9 <</A(b)>> [1 2]" * 2, "letter.pdf", changes)
    judge(document(packed(inside, b"/Type/ObjStm/N 2/First 9")), "letter.pdf")


@BOUNDED
@given(st.sampled_from(sorted(POLICIES)), st.binary(max_size=300))
def test_noise_behind_a_signature_is_refused(name, noise):
    start = {"plan.xlsx": b"PK\x03\x04", "letter.pdf": b"%PDF-1.7\n"}[name]
    assert not judge(start + noise, name).is_accepted


@pytest.mark.parametrize(
    "case", [case for case in CASES if "MB of" in case.title and case.name in POLICIES], ids=str
)
def test_what_explodes_stays_below_the_memory_that_a_file_may_take(case):
    content = case.make()
    tracemalloc.start()
    try:
        inspect(ContentFile(content, name=case.name), case.policy)
        assert tracemalloc.get_traced_memory()[1] < 300_000_000
    finally:
        tracemalloc.stop()
