"""Nothing bad gets through, and each refusal says why."""

import time

import pytest

from django_modernize.uploads import (
    DOCUMENTS,
    IMAGES,
    SPREADSHEETS,
    RefusalCode,
    UploadRejected,
    inspect,
)
from tests.images import upload
from tests.testapp.models import Papers, Snapshot

from .uploads import CASES, Case
from .uploads.case import PATIENCE

FIELDS = {
    IMAGES: (Snapshot, "image"),
    SPREADSHEETS: (Papers, "plan"),
    DOCUMENTS: (Papers, "letter"),
}
ONE_OF_EACH = list({case.threat: case for case in CASES}.values())


@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_bad_file_is_refused_with_its_code_or_loses_what_is_bad(case: Case):
    content = case.make()
    started = time.process_time()
    verdict = inspect(upload(content, case.name), case.policy)
    spent = time.process_time() - started
    assert verdict.code == case.code, verdict.findings[-1]
    assert case.payload not in verdict.content or not case.payload
    assert spent < PATIENCE


def test_the_collection_is_as_large_as_it_was_meant_to_be():
    assert len(CASES) >= 250
    assert len({case.threat for case in CASES}) >= 60
    assert len({(case.name, case.title, case.threat) for case in CASES}) == len(CASES)
    hostile = [case for case in CASES if case.threat.startswith(("a name", "a disguised"))]
    assert len(hostile) >= 40


@pytest.mark.django_db
@pytest.mark.parametrize("case", ONE_OF_EACH, ids=str)
def test_a_bad_file_of_each_threat_meets_the_same_verdict_when_code_saves_it(
    case: Case, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    file = upload(case.make(), case.name)
    model, field = FIELDS[case.policy]
    try:
        model.objects.bulk_create([model(**{field: file})])
        code = None
    except UploadRejected as rejected:
        code = rejected.code
    except ValueError:
        # Django's own: a file without a name cannot be assigned.
        code = case.code if case.code == RefusalCode.NAME_MISSING else "ValueError"
    assert code == case.code
    stored = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert bool(stored) == (case.code is None)
    assert case.payload not in stored or not case.payload


def test_every_code_that_a_file_can_meet_is_met():
    met = {case.code for case in CASES}
    elsewhere = {
        *("libmagic_missing", "decoder_missing", "type_disputed", "stored_size", "unreadable"),
        *("quota", "malware", "scanner_unavailable"),
    }
    assert {code.value for code in RefusalCode} - met - elsewhere == set()


def test_the_policy_of_the_collection_is_the_ready_one():
    assert {case.policy for case in CASES if case.threat.startswith("a JPEG")} == {IMAGES}
