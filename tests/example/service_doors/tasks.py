"""The doors to tasks, their photos and checklists, and the rules and schedules that make them."""

from datetime import date
from typing import Any

from api import models
from api.models.auth import Role
from api.models.checklist import ItemType
from api.services import (
    checklist,
)
from api.services import task as tasks
from api.services import task_image as photos
from api.services.task_template import changing, schedules
from tests.example.rows import Corner, take_photo
from tests.example.service_doors.door import Door, about_own, about_task, delete, holds


def make_checklist(corner: Corner) -> Any:
    """Make a task's checklist of one item to check."""
    item = corner.make(models.ChecklistItem, item_type=ItemType.CHECK)
    return corner.make(models.TaskChecklist, template=item.template)


def answer_item(actor: Any, row: Any, corner: Corner) -> Any:
    """Check the item of a task's checklist."""
    item = row.template.items.get()
    return checklist.answer_item(actor=actor, task=row.task, item=item, is_done=True)


def make_task_and_worker(corner: Corner) -> Any:
    """Make a task, and somebody who may be given it."""
    person = corner.get(models.User)
    models.Profile.objects.filter(user=person).update(role=Role.STAFF)
    return corner.make(models.Task)


DOORS: dict[str, Door] = {
    "checklist.answer_item": Door(
        go=answer_item,
        asks=("api.change_task", "api.change_checklistresponse"),
        model=models.TaskChecklist,
        make=make_checklist,
    ),
    "task.assigning.assign_task": about_task(
        "api.assign_task",
        lambda actor, row, corner: tasks.assign_task(
            actor=actor, task=row, assignee=corner.get(models.User)
        ),
        make=make_task_and_worker,
    ),
    "task.assigning.assign_to_me": about_task(
        "api.change_task", lambda actor, row, corner: tasks.assign_to_me(actor=actor, task=row)
    ),
    "task.assigning.mute_task": about_task(
        "api.view_task", lambda actor, row, corner: tasks.mute_task(actor=actor, task=row)
    ),
    "task.assigning.unmute_task": about_task(
        "api.view_task", lambda actor, row, corner: tasks.unmute_task(actor=actor, task=row)
    ),
    "task.attention.notify_manager": about_task(
        "api.view_task",
        lambda actor, row, corner: tasks.notify_manager(actor=actor, task=row, message="Come"),
    ),
    "task.dependencies.add_dependency": Door(
        go=lambda actor, row, corner: tasks.add_dependency(
            actor=actor, task=row, needed=corner.get(models.Task)
        ),
        asks=("api.add_taskdependency", "api.change_task"),
        model=models.Task,
        needs=(models.Task,),
    ),
    "task.dependencies.remove_dependency": Door(
        go=lambda actor, row, corner: tasks.remove_dependency(
            actor=actor, task=row.task, needed=row.needed
        ),
        asks=("api.change_taskdependency", "api.change_task"),
        model=models.TaskDependency,
    ),
    "task.editing.create_task": Door(
        go=lambda actor, row, corner: tasks.create_task(actor=actor, title="Sweep", property=row),
        asks=("api.add_task",),
        model=models.Property,
    ),
    "task.editing.change_task": about_task(
        "api.change_task",
        lambda actor, row, corner: tasks.change_task(actor=actor, task=row, title="Mop"),
    ),
    "task.editing.duplicate_task": about_task(
        "api.add_task", lambda actor, row, corner: tasks.duplicate_task(actor=actor, task=row)
    ),
    "task.editing.attach_fields": about_task(
        "api.change_task", lambda actor, row, corner: tasks.attach_fields(actor=actor, task=row)
    ),
    "task.statuses.set_status": about_task(
        "api.change_task",
        lambda actor, row, corner: tasks.set_status(actor=actor, task=row, status="in_progress"),
    ),
    "task.statuses.set_statuses": about_task(
        "api.change_task",
        lambda actor, row, corner: tasks.set_statuses(
            actor=actor, tasks=[row], status="in_progress"
        ),
    ),
    "task.statuses.count_by_status": about_task(
        "api.view_task",
        lambda actor, row, corner: tasks.count_by_status(
            actor=actor, tasks=models.Task.objects.filter(pk=row.pk)
        ),
        did=lambda result, row: sum(result.values()) == 1,
    ),
    "task.timer.start_timer": about_task(
        "api.change_task", lambda actor, row, corner: tasks.start_timer(actor=actor, task=row)
    ),
    "task.timer.stop_timer": about_own(
        lambda actor, row, corner: tasks.stop_timer(actor=actor),
        model=models.TaskWork,
        make=lambda corner: corner.make(models.TaskWork, ended_at=None),
        did=lambda result, row: result == row,
    ),
    "task_template.changing.list_rules": Door(
        go=lambda actor, row, corner: changing.list_rules(actor=actor),
        asks=("api.view_autotasktemplate",),
        model=models.AutoTaskTemplate,
        did=holds,
    ),
    "task_template.changing.save_rule": Door(
        go=lambda actor, row, corner: changing.save_rule(actor=actor, rule=row),
        asks=("api.change_autotasktemplate",),
        model=models.AutoTaskTemplate,
    ),
    "task_template.changing.switch_rule": Door(
        go=lambda actor, row, corner: changing.switch_rule(actor=actor, rule=row, is_active=False),
        asks=("api.change_autotasktemplate",),
        model=models.AutoTaskTemplate,
    ),
    "task_template.changing.run_rule": Door(
        go=lambda actor, row, corner: changing.run_rule(actor=actor, rule=row),
        asks=("api.change_autotasktemplate",),
        model=models.AutoTaskTemplate,
    ),
    "task_template.schedules.list_schedules": Door(
        go=lambda actor, row, corner: schedules.list_schedules(actor=actor),
        asks=("api.view_scheduletemplate",),
        model=models.ScheduleTemplate,
        did=holds,
    ),
    "task_template.schedules.create_schedule": Door(
        go=lambda actor, row, corner: schedules.create_schedule(
            actor=actor,
            values={
                "name": "Pool",
                "property": corner.house,
                "rule": "FREQ=DAILY",
                "first_day": date(2027, 1, 1),
                "title": "Clean the pool",
            },
        ),
        asks=("api.add_scheduletemplate",),
    ),
    "task_template.schedules.change_schedule": Door(
        go=lambda actor, row, corner: schedules.change_schedule(
            actor=actor, schedule=row, values={"title": "Clean the pool"}
        ),
        asks=("api.change_scheduletemplate",),
        model=models.ScheduleTemplate,
    ),
    "task_template.schedules.switch_schedule": Door(
        go=lambda actor, row, corner: schedules.switch_schedule(
            actor=actor, schedule=row, is_active=False
        ),
        asks=("api.change_scheduletemplate",),
        model=models.ScheduleTemplate,
    ),
    "task_image.add_image": about_task(
        "api.add_taskimage",
        lambda actor, row, corner: photos.add_image(actor=actor, task=row, image=take_photo()),
    ),
    "task_image.review_images": Door(
        go=lambda actor, row, corner: photos.review_images(
            actor=actor, images=[row], status="approved"
        ),
        asks=("api.approve_taskimage",),
        model=models.TaskImage,
    ),
    "task_image.set_primary": Door(
        go=lambda actor, row, corner: photos.set_primary(actor=actor, image=row),
        asks=("api.add_taskimage",),
        model=models.TaskImage,
    ),
    "task_image.delete_image": Door(
        go=lambda actor, row, corner: photos.delete_image(actor=actor, image=row),
        asks=("api.delete_taskimage",),
        model=models.TaskImage,
    ),
    "task_image.restore_image": Door(
        go=lambda actor, row, corner: photos.restore_image(actor=actor, image=row),
        asks=("api.restore_deleted",),
        model=models.TaskImage,
        make=lambda corner: delete(corner, models.TaskImage),
    ),
}
"""Each by the module and the name of the service."""
