"""The judge of real files tells what must not be; the files themselves are fetched by hand."""

import pytest

from tests import samples
from tests.documents import document
from tests.images import make_png
from tests.workbooks import workbook
from tools import real_files


@pytest.mark.parametrize(
    ("name", "content", "subject", "is_sound"),
    [
        ("kitchen.png", make_png(), "image", True),
        ("kitchen.heif", samples.HEIC, "image", True),
        ("broken.png", make_png()[:-40], "image", False),
        ("crash-1.png", make_png(), "attack", False),
        ("letter.pdf", document(), "paper", False),
        ("module.py", b"print()", "other", False),
    ],
)
def test_a_file_is_judged_by_what_it_is(name, content, subject, is_sound, tmp_path):
    path = tmp_path / name
    path.write_bytes(content)
    judged = real_files.judge_file(path)
    assert (judged.subject, judged.is_sound, judged.complaint) == (subject, is_sound, "")


def test_a_workbook_of_the_attackers_that_is_accepted_fails_the_run(tmp_path, capsys):
    (tmp_path / "macro.xlsm").write_bytes(workbook())
    (tmp_path / "kitchen.png").write_bytes(make_png())
    assert real_files.report(list(real_files.judge_all(tmp_path))) == 1
    assert "macro.xlsm: attacks, and is accepted" in capsys.readouterr().out


def test_a_sound_image_that_is_refused_fails_the_run(tmp_path, monkeypatch):
    path = tmp_path / "kitchen.png"
    path.write_bytes(make_png()[:-20])
    monkeypatch.setattr(real_files, "can_decode", lambda content, kind: True)
    assert real_files.report([real_files.judge_file(path)]) == 1


def test_packages_are_not_unpacked_into_the_tree():
    with pytest.raises(SystemExit, match="outside of it"):
        real_files.fetch_packages(real_files.ROOT / "packages")
