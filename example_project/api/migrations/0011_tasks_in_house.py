"""A task is in the house of its booking, and depends on others by rows that know their own history.

A task on another house than its booking goes to the booking's; one without any house goes into a
house that is made for such tasks. Links that close a circle are set aside.
"""

import django.db.models.deletion
from django.db import migrations, models

from api.modernising.carry import Carry
from api.modernising.reshape import Reshape
from api.modernising.soft_delete import list_marks
from api.modernising.tasks import bring_tasks_home, carry_links_back, carry_links_over
from django_modernize.integrity import NoCycle, SameParent, UniqueAlive
from django_modernize.migrate import AddConstraintSafely

PHASE = "tasks_in_house"


class Migration(migrations.Migration):
    dependencies = [("api", "0010_booking_integrity")]

    operations = [
        Carry(f"{PHASE}: houses", bring_tasks_home),
        Reshape(
            migrations.AlterField(
                "Task",
                "property",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="tasks",
                    to="api.property",
                ),
            )
        ),
        AddConstraintSafely(
            "Task",
            SameParent(
                "booking",
                "property",
                follows=True,
                name="task_in_property_of_booking",
                violation_error_code="other_property",
                violation_error_message="The booking is in another house.",
            ),
        ),
        migrations.CreateModel(
            name="TaskDependency",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                *list_marks().items(),
                (
                    "needed",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="needed_by",
                        to="api.task",
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="dependencies",
                        to="api.task",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "task dependencies",
                "constraints": [
                    UniqueAlive("task", "needed", name="task_dependency_unique"),
                    NoCycle(
                        "task",
                        "needed",
                        condition=models.Q(deleted_at__isnull=True),
                        name="task_dependency_no_cycle",
                        violation_error_message="The tasks would wait for one another: %(path)s.",
                    ),
                ],
            },
        ),
        Carry(f"{PHASE}: links", carry_links_over, carry_links_back),
        migrations.RemoveField("Task", "depends_on"),
        migrations.AddField(
            "Task",
            "depends_on",
            models.ManyToManyField(
                blank=True,
                related_name="dependents",
                through="api.TaskDependency",
                through_fields=("task", "needed"),
                to="api.task",
            ),
        ),
    ]
