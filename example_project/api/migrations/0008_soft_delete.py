"""What is deleted can be brought back.

The way back stops while anything is in the recycle bin, which the legacy system does not know:
restore it, or purge it.
"""

from django.db import migrations

from api.modernising.carry import Carry
from api.modernising.reshape import Reshape
from api.modernising.soft_delete import DELETABLE, add_marks, do_nothing, refuse_deleted


class Migration(migrations.Migration):
    dependencies = [("api", "0007_stamps")]

    operations = [
        Reshape(*(step for name in DELETABLE for step in add_marks(name))),
        Carry("soft_delete", do_nothing, refuse_deleted),
    ]
