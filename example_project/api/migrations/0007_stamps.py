"""Every row knows when, by whom and from where it was made and last changed.

What the legacy columns say stays; else the trail tells, which has the text histories by now; and of
what nobody wrote down the time is that of this phase.
"""

from django.db import migrations

from api.modernising.carry import Carry
from api.modernising.reshape import Reshape
from api.modernising.stamps import (
    STAMPED,
    FillStamps,
    add_stamps,
    fill_remaining,
    leave_stamps,
    require_stamps,
)


class Migration(migrations.Migration):
    dependencies = [("api", "0006_history_columns")]

    operations = [
        Reshape(*(step for name in STAMPED for step in add_stamps(name))),
        *(FillStamps(name, from_trail=True) for name, known in STAMPED.items() if not known),
        Carry("stamps", fill_remaining, leave_stamps),
        Reshape(*(step for name in STAMPED for step in require_stamps(name))),
    ]
