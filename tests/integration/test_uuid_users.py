"""A project whose users have a UUID for their key, as another process sees it."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

MODELS = """
import uuid
from django.contrib.auth.models import AbstractBaseUser
from django.db import models
from django_modernize.audit import track
from django_modernize.models import UserStampedMixin

class Member(AbstractBaseUser):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    username = models.CharField(max_length=20)
    USERNAME_FIELD = "username"

@track
class Note(UserStampedMixin):
    stamped_by_database = True
    text = models.TextField()
"""

PROGRAM = """
import django
from django.conf import settings
settings.configure(
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "django_modernize",
                    "django_modernize.audit", "club"],
    AUTH_USER_MODEL="club.Member",
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "club.sqlite3"}},
    USE_TZ=True,
)
django.setup()
from django.core.management import call_command
from django.db import connection, transaction
call_command("makemigrations", "club", verbosity=0)
call_command("migrate", verbosity=0)
from club.models import Member, Note
from django_modernize.audit import AuditEvent, erase_actor, seal, verify
from django_modernize.context import ChangeContext, change_context, get_context
ann = Member.objects.create(username="ann")
with change_context(actor=ann):
    note = Note.objects.create(text="one")
    Note.objects.bulk_create([Note(text="two"), Note(text="three")])
    with transaction.atomic():
        Note.objects.update(text="four")
    carried = get_context().to_dict()
with change_context(ChangeContext.from_dict(carried)), connection.cursor() as cursor:
    cursor.execute("UPDATE club_note SET text = 'five' WHERE id = %s", [note.pk])
note.refresh_from_db()
assert note.modified_by == ann
by_ann = AuditEvent.objects.for_model(Note)
count = by_ann.count()
assert count >= 7
assert by_ann.filter(actor=ann).count() == count
assert by_ann.filter(actor__username="ann").count() == count
assert {event.actor for event in by_ann.select_related("actor")} == {ann}
seal()
assert erase_actor(ann, reason="left")
assert not AuditEvent.objects.filter(actor_label="ann").exists()
report = verify()
assert not report.problem_count, report
print("right")
"""


def test_the_trail_finds_a_user_whose_key_is_a_uuid(tmp_path):
    """SQLite keeps a UUID without its dashes: a key with them joined nobody, and erased nothing."""
    package = tmp_path / "club"
    (package / "migrations").mkdir(parents=True)
    for name in ("__init__.py", "migrations/__init__.py"):
        (package / name).touch()
    (package / "models.py").write_text(MODELS)
    (tmp_path / "program.py").write_text(PROGRAM)
    process = subprocess.run(
        [sys.executable, "program.py"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
    )
    assert process.stdout == "right\n", process.stderr
