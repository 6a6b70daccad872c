"""Every check can be silenced by itself."""

import re
from collections import Counter
from pathlib import Path

import django_modernize
from django_modernize.doctor.rules import RULES

SOURCES = Path(django_modernize.__file__).parent.rglob("*.py")
DECLARED = re.compile(r'\bid="(modernize\.[EW]\d{3})"')


def test_no_rule_of_the_doctor_has_the_id_of_another_check():
    declared = {found for path in SOURCES for found in DECLARED.findall(path.read_text())}
    assert len(declared) > 20
    ids = Counter(f"modernize.{rule.id}" for rule in RULES)
    assert max(ids.values()) == 1
    assert declared.isdisjoint(ids)
