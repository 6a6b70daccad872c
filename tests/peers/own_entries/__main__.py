"""Logs a change, imports it, and prints the events."""

import json
import os
import sys

import django
from django.core.management import call_command

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.peers.own_entries.settings"
django.setup()

from auditlog.context import set_extra_data  # noqa: E402
from auditlog.registry import auditlog  # noqa: E402

from django_modernize.audit import AuditEvent  # noqa: E402
from tests.testapp.models import Person  # noqa: E402

auditlog.register(Person, include_fields=["username"])
call_command("migrate", run_syncdb=True, verbosity=0)
person = Person.objects.create(username="ann")
person.username = "eve"
with set_extra_data({"branch": "south", "additional_data": {"ticket": 17}}):
    person.save()
call_command("audit_import", "--from", "auditlog", stdout=sys.stderr)
events = AuditEvent.objects.filter(source="auditlog").order_by("id")
print(json.dumps([[event.action, event.changes, event.reason] for event in events]))
