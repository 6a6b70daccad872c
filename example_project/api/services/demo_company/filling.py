"""Fills an empty company, once and as a whole; the same for the same day."""

from collections.abc import Callable
from datetime import date
from typing import Final

from django.db import transaction

from api.models import User
from django_modernize.context import change_context

from .company import Company
from .findings import add_findings
from .houses import add_houses
from .people import add_people
from .photographs import add_photographs
from .stays import add_stays, change_stays
from .stores import add_stores
from .work import add_past_work, add_work, finish_work, give_work

__all__ = ["DEFAULT_DAYS", "fill_company"]

DEFAULT_DAYS: Final = 180
"""How far the stays reach, back and ahead."""


def fill_company(
    *,
    administrator: User,
    password: str,
    today: date,
    days: int = DEFAULT_DAYS,
    progress: Callable[[str], None] = lambda stage: None,
) -> Company:
    """Fill the company that the import has begun.

    Args:
        administrator: Who sets everything up.
        password: The encoded password of all people.
        today: The day that everything is made up around.
        days: How far stays reach, back and ahead.
        progress: Is told what begins, in a few words.

    Returns:
        The people and houses.

    Everything or nothing is stored. Costs some 30 statements for each thousand stays, and a few for
    each photo and person.
    """
    with transaction.atomic(), change_context(actor=administrator, source="system"):
        progress("People and houses")
        company = Company(today=today, days=days, people=add_people(administrator, password))
        add_houses(company)
        progress("A year of stays, and the work that the rules make of them")
        add_stays(company)
        progress("Who does what")
        add_past_work(company)
        give_work(company)
        add_work(company)
        finish_work(company)
        progress("Photos, stores, and what was found")
        add_photographs(company)
        add_stores(company)
        add_findings(company)
        progress("What people have changed since")
        change_stays(company)
    return company
