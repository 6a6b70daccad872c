"""The tool that strains inspections finds what it looks for; the long runs are made by hand."""

import pytest

from tests.images import make_png
from tools import strain_uploads


@pytest.mark.parametrize("subject", ["images", "papers"])
def test_threads_come_to_the_verdicts_of_one(subject):
    files = strain_uploads.list_files(subject)
    accepted = [strain_uploads.judge(file)[0] is None for file in files]
    assert sum(accepted) == len(files) / 2
    assert strain_uploads.strain_threads(subject, threads=4, inspections=20) == 0


def test_a_verdict_that_differs_is_counted(monkeypatch):
    told = iter([("damaged", "")] + [(None, "")] * 1_000)
    monkeypatch.setattr(strain_uploads, "judge", lambda file: next(told))
    assert strain_uploads.strain_threads("papers", threads=1, inspections=8) == 1


def test_a_file_is_measured_in_seconds_and_megabytes(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(make_png(3_000, 3_000))
    found = strain_uploads.measure_apart(path, "strict")
    assert found["code"] is None
    assert 0 < found["seconds"] < 3
    assert 10 < found["megabytes"] < 300
