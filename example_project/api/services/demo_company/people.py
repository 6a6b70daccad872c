"""Who works in the demo's company, and who owns its houses."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from api.models import Profile, User
from api.models.auth import Role, TaskGroup
from api.services.permission import grant_override

__all__ = ["MANAGER_NAME", "PEOPLE", "People", "add_people"]

MANAGER_NAME: Final = "maria"
"""Whether she is there tells whether the demo was filled."""

# Name, surname, role, team.
PEOPLE: Final = (
    (MANAGER_NAME, "Keller", Role.MANAGER, TaskGroup.GENERAL),
    ("tom", "Okonjo", Role.MANAGER, TaskGroup.MAINTENANCE),
    ("anna", "Lorimer", Role.STAFF, TaskGroup.CLEANING),
    ("ben", "Iverson", Role.STAFF, TaskGroup.CLEANING),
    ("chloe", "Farrow", Role.STAFF, TaskGroup.CLEANING),
    ("dario", "Penrose", Role.STAFF, TaskGroup.CLEANING),
    ("emil", "Greaves", Role.STAFF, TaskGroup.MAINTENANCE),
    ("fay", "Holloway", Role.STAFF, TaskGroup.MAINTENANCE),
    ("gina", "Jessop", Role.STAFF, TaskGroup.LAUNDRY),
    ("hank", "Dunmore", Role.STAFF, TaskGroup.LAWN_POOL),
    ("ivy", "Norwood", Role.STAFF, TaskGroup.GENERAL),
    ("olga", "Ashdown", Role.VIEWER, TaskGroup.NONE),
    ("oscar", "Ellery", Role.VIEWER, TaskGroup.NONE),
    ("vera", "Merriweather", Role.VIEWER, TaskGroup.NONE),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class People:
    """The people by name."""

    administrator: User
    by_name: dict[str, User]
    teams: dict[str, list[User]]

    def __getitem__(self, name: str) -> User:
        return self.by_name[name]

    @property
    def owners(self) -> Sequence[User]:
        """Those who own houses."""
        return [self["olga"], self["oscar"], self["vera"]]


def add_people(administrator: User, password: str) -> People:
    """Make the people of every role, with the same password.

    Args:
        administrator: Who is there already.
        password: Encoded.
    """
    found = dict(User.objects.in_bulk([name for name, *_ in PEOPLE], field_name="username"))
    teams: dict[str, list[User]] = {}
    for name, surname, role, team in PEOPLE:
        person = found.get(name) or _add_person(name, surname, role, team, password)
        found[name] = person
        if role == Role.STAFF:
            teams.setdefault(team, []).append(person)
    people = People(administrator=administrator, by_name=found, teams=teams)
    _add_exceptions(people)
    return people


def _add_person(name: str, surname: str, role: Role, team: TaskGroup, password: str) -> User:
    person = User(
        username=name,
        first_name=name.title(),
        last_name=surname,
        email=f"{name}@example.com",
        password=password,
        is_staff=role == Role.MANAGER,
    )
    person.save()
    profile = Profile.objects.get(user=person)
    profile.role, profile.task_group = role, team
    profile.save()
    return person


def _add_exceptions(people: People) -> None:
    """Grant and deny what the role says otherwise."""
    grant_override(
        actor=people.administrator,
        user=people["anna"],
        permission="api.approve_taskimage",
        is_granted=True,
        reason="Looks after the other cleaners' photos while Maria is on leave.",
    )
    grant_override(
        actor=people.administrator,
        user=people["tom"],
        permission="api.import_bookings",
        is_granted=False,
        reason="Imports are Maria's.",
    )
