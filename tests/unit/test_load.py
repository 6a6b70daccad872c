"""What the load test says is what was noted, and what it runs is what the image runs."""

import json

from load.report import find_share, read_measured, render
from load.serving import ROOT, list_web_command


def test_a_share_is_a_value_that_was_measured():
    assert [find_share([5, 1, 2, 4, 3], share) for share in (0.5, 0.95, 0.99)] == [3, 5, 5]
    assert find_share([7], 0.99) == 7


def test_the_table_has_a_line_for_each_kind_and_one_for_all(tmp_path):
    noted = {
        "samples": {"board": [[10.0, 5], [30.0, 9]], "a task": [[20.0, 7]]},
        "failures": ["board: 503 Service Unavailable"],
        "seconds": 2.0,
        "all_count": 4,
    }
    path = tmp_path / "samples.json"
    path.write_text(json.dumps(noted))
    lines = render(read_measured(path, people=3)).splitlines()
    assert "3 people for 2 s" in lines[0]
    assert "3 requests, 1.5 a second, 1 failed" in lines[0]
    assert lines[-3:] == [
        "| a task | 1 | 20 | 20 | 20 | 7 | 7 |",
        "| board | 2 | 30 | 30 | 30 | 9 | 9 |",
        "| **all** | 3 | 20 | 30 | 30 | 7 | 9 |",
    ]


def test_the_web_server_is_started_as_the_image_starts_it():
    command = list_web_command(8123)
    assert command[2:4] == ["gunicorn", "aristay.wsgi:application"]
    assert command[-1] == "--bind=127.0.0.1:8123"
    assert sum(word.startswith("--bind=") for word in command) == 1
    assert "--workers=3" in command
    assert (ROOT / "Dockerfile").exists()
