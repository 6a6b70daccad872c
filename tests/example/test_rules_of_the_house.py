"""The page of the rules names a test for each, and each of them exists."""

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "features" / "rules_of_the_house.md"
ROW = re.compile(r"^\| (?P<rule>[^|]+) \| `(?P<file>test_\w+\.py)::(?P<name>test_\w+)` \|$", re.M)


def test_every_rule_of_the_house_has_a_test_that_exists():
    text = PAGE.read_text()
    named = [(one["file"], one["name"]) for one in ROW.finditer(text)]
    rows = [line for line in text.splitlines() if line.startswith("| ") and "---" not in line]
    assert len(named) == len(rows) - text.count("| rule | test |")
    missing = [
        f"{file}::{name}"
        for file, name in named
        if f"\ndef {name}(" not in (Path(__file__).parent / file).read_text()
    ]
    assert not missing
