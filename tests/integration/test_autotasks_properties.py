"""Any sequence of changes, locks and repetitions leaves the tasks of a plain reference."""

import datetime
from dataclasses import dataclass, field

from django.utils import timezone
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from django_modernize.autotasks.running import follow_changes, run_subject
from django_modernize.autotasks.subjects import get_subject
from tests.integration.test_autotasks_planning import make_template
from tests.testapp.models import Duty, DutyTemplate, Venue, Visit

START = timezone.now().replace(microsecond=0) + datetime.timedelta(days=30)
VISITS = st.integers(0, 2)
STEPS = st.one_of(
    st.tuples(st.just("set"), VISITS, st.sampled_from(["a", "b"]), st.just("guest")),
    st.tuples(st.just("set"), VISITS, st.integers(0, 4), st.just("nights")),
    st.tuples(st.just("set"), VISITS, st.sampled_from(["booked", "cancelled"]), st.just("status")),
    st.tuples(st.just("move"), VISITS, st.none() | st.integers(0, 3)),
    st.tuples(st.just("delete"), VISITS),
    st.tuples(st.just("restore"), VISITS),
    st.tuples(st.just("lock"), VISITS, st.sampled_from(["due_at", "title"])),
    st.tuples(st.just("finish"), VISITS),
    st.tuples(st.just("remove"), VISITS),
    st.tuples(st.just("rename"), st.sampled_from(["Clean {guest}", "Scrub {guest}"])),
    st.tuples(st.just("again")),
    st.tuples(st.just("end"), VISITS, st.integers(-2, 1)),
    st.tuples(st.just("put_off"), VISITS),
)
DAY = datetime.timedelta(days=1)


@dataclass
class Expected:
    """One task as it has to be, by the plainest rules there are."""

    made: bool = False
    exists: bool = False
    cancelled_by_rule: bool = False
    status: str = "pending"
    title: str = ""
    due_at: datetime.datetime | None = None
    latest_at: datetime.datetime | None = None
    locked: set = field(default_factory=set)

    def follow(self, visit, template):
        wanted = is_wanted(visit)
        if not self.made and wanted:
            self.made = self.exists = True
        elif not self.exists or self.is_left_alone(wanted):
            return
        elif not wanted:
            self.cancelled_by_rule, self.status = True, "cancelled"
            return
        self.cancelled_by_rule, self.status = False, "pending"
        if "title" not in self.locked:
            self.title = template.replace("{guest}", visit["guest"])
        # Due a day before, at most two days later and never after the end of the stay.
        due_at = visit["starts"] - DAY
        self.latest_at = min(due_at + 2 * DAY, visit["ends"])
        if "due_at" not in self.locked and not self.is_in_window(due_at):
            self.due_at = min(due_at, self.latest_at)

    def is_in_window(self, due_at):
        earliest_at = min(due_at, self.latest_at)
        return self.due_at is not None and earliest_at <= self.due_at <= self.latest_at

    def is_left_alone(self, wanted):
        if self.cancelled_by_rule:
            return not wanted or self.status != "cancelled"
        return self.status != "pending"


def is_wanted(visit):
    lives = not visit["deleted"] and visit["status"] != "cancelled"
    return lives and visit["starts"] is not None and (visit["nights"] or 0) > 1


class SequenceTests(TestCase):
    @settings(max_examples=40, deadline=None)
    @given(st.lists(STEPS, max_size=14))
    @example([("put_off", 0), ("set", 0, "b", "guest"), ("move", 0, 3)])
    def test_tasks_are_those_of_the_reference(self, steps):
        self.template = make_template(
            conditions={"field": "nights", "is": "more", "value": 1},
            title="Clean {guest}",
            local_time=None,
            days_later=2,
            not_after="ends",
        )
        self.text = "Clean {guest}"
        self.expected = [Expected() for _ in range(3)]
        self.facts = [
            {
                "starts": START,
                "ends": START + DAY,
                "guest": "a",
                "nights": 2,
                "status": "booked",
                "deleted": False,
            }
            for _ in range(3)
        ]
        venue = Venue.objects.create(name="Barn")
        with follow_changes():
            self.visits = Visit.objects.bulk_create(
                [
                    Visit(venue=venue, starts=START, ends=START + DAY, guest="a", nights=2)
                    for _ in range(3)
                ]
            )
        self.compare(steps[:0])
        for number, (name, *arguments) in enumerate(steps, 1):
            getattr(self, f"do_{name}")(*arguments)
            self.compare(steps[:number])

    def compare(self, done):
        for visit, facts, expected in zip(self.visits, self.facts, self.expected, strict=True):
            expected.follow(facts, self.text)
            # The deletion of a visit empties the key, so the record is asked.
            duty = Duty.objects.filter(dutyrecord__subject_id=str(visit.pk)).first()
            assert (duty is not None) is expected.exists, done
            if duty is not None:
                found = duty.status, duty.title, duty.due_at, duty.latest_at
                wanted = expected.status, expected.title, expected.due_at, expected.latest_at
                assert found == wanted, done
        assert Duty.objects.count() == sum(one.exists for one in self.expected), done

    def change(self, index, **values):
        self.facts[index] |= values
        with follow_changes():
            Visit.all_objects.filter(pk=self.visits[index].pk).update(**values)

    def do_set(self, index, value, name):
        self.change(index, **{name: value})

    def do_move(self, index, days):
        starts = None if days is None else START + datetime.timedelta(days=days)
        self.change(index, starts=starts)

    def do_end(self, index, days):
        self.change(index, ends=START + days * DAY)

    def do_put_off(self, index):
        """Put a task off to the end of its window, in a project where that locks nothing."""
        expected = self.expected[index]
        if expected.exists:
            expected.due_at = expected.latest_at
            self.find_duties(index).update(due_at=expected.due_at)

    def do_delete(self, index):
        self.facts[index]["deleted"] = True
        with follow_changes():
            Visit.objects.filter(pk=self.visits[index].pk).delete()

    def do_restore(self, index):
        self.facts[index]["deleted"] = False
        with follow_changes():
            Visit.deleted_objects.filter(pk=self.visits[index].pk).restore()

    def find_duties(self, index):
        return Duty.objects.filter(dutyrecord__subject_id=str(self.visits[index].pk))

    def do_lock(self, index, name):
        self.expected[index].locked.add(name)
        self.find_duties(index).update(locked=sorted(self.expected[index].locked))
        if not self.expected[index].exists:
            self.expected[index].locked.clear()

    def do_finish(self, index):
        self.find_duties(index).update(status="done")
        self.expected[index].status = "done" if self.expected[index].exists else "pending"

    def do_remove(self, index):
        self.find_duties(index).delete()
        self.expected[index].exists = False

    def do_rename(self, text):
        template = DutyTemplate.objects.get(pk=self.template.pk)
        template.title = self.text = text
        template.save()
        run_subject(get_subject("visit"))

    def do_again(self):
        run_subject(get_subject("visit"))
