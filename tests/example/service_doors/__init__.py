"""Every service that takes an actor: how it is called, and what the matrix has to say to it.

A new service needs an entry in the module of its area, or ``test_services_walk.py`` fails.
"""

from importlib import import_module
from inspect import isfunction, signature
from pkgutil import walk_packages

from api import services
from tests.example.service_doors import bookings, houses, imports, people, tasks

DOORS = {**bookings.DOORS, **houses.DOORS, **imports.DOORS, **people.DOORS, **tasks.DOORS}
"""Each by the module and the name of the service."""

FRAMES = {
    "accounts.invites.find_code": "is made of the actor's own order, and tells of no other",
    "calendars.publishing.find_token": "is made of the actor's own order, and tells of no other",
    "acting.acting_as": "says in whose name something is done, and asks nothing",
    "excel_import.log.open_log": "writes down an import that is running",
}
"""What takes an actor and is no door, and why."""


def list_services() -> list[str]:
    """Return each public function of the services that takes an actor."""
    found = []
    for module in walk_packages(services.__path__, "api.services."):
        if "demo_" in module.name:
            continue
        for name, one in vars(import_module(module.name)).items():
            if not isfunction(one) or one.__module__ != module.name or name.startswith("_"):
                continue
            if "actor" in signature(one).parameters:
                found.append(f"{module.name.removeprefix('api.services.')}.{name}")
    return found
