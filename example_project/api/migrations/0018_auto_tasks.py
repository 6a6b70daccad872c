"""The cleaning before each stay is a template that administrators edit, no longer written into code.

Tasks that the legacy import made belong to it, and what in them differs from what it would make counts
as set by a person. What the logs of imports said as text becomes a row for each conflict and error.
"""

from django.db import migrations

from api.modernising.auto_tasks import adopt_cleanings, release_cleanings
from api.modernising.carry import Carry
from api.modernising.import_rows import write_rows

PHASE = "auto_tasks"


class Migration(migrations.Migration):
    dependencies = [("api", "0017_new_areas")]

    operations = [
        Carry(f"{PHASE}: cleanings", adopt_cleanings, release_cleanings),
        Carry(f"{PHASE}: imports", write_rows),
    ]
