"""Finds the house of a label: by name or approved alias, never by a part of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from difflib import get_close_matches
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_noop as _

from api.models import Property, PropertyAlias
from api.models.import_reasons import BY_AND, Saying, quote_names

from .words import label_key

__all__ = ["House", "HouseIndex", "UnknownHouse", "load_houses", "make_house"]

MAX_NAME_LENGTH = 100


class UnknownHouse(Exception):
    """A label means no house, or more than one.

    Args:
        code: A stable word for which of the two.
        saying: What is wrong, as the rest of a sentence.
    """

    def __init__(self, code: str, saying: Saying) -> None:
        super().__init__(saying)
        self.code = code
        self.saying = saying


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class House:
    """A house as an import sees it; two are the same only if they are the same object."""

    pk: int | None
    """The property's primary key; none for one that the import has yet to make."""
    name: str
    """The property's name."""
    check_in_time: time
    """When guests may come, by the house's clock."""
    check_out_time: time
    """When guests have to leave, by the house's clock."""
    zone: ZoneInfo
    """The house's clock."""

    def check_in_at(self, day: date) -> datetime:
        """Return the instant of a check-in on a day."""
        return datetime.combine(day, self.check_in_time, self.zone).astimezone(UTC)

    def check_out_at(self, day: date) -> datetime:
        """Return the instant of a check-out on a day."""
        return datetime.combine(day, self.check_out_time, self.zone).astimezone(UTC)

    def day_of(self, instant: datetime) -> date:
        """Return the day of an instant by the house's clock."""
        return instant.astimezone(self.zone).date()


class HouseIndex:
    """The houses by what they are called.

    Args:
        houses: The houses that exist.
        aliases: Further labels, each with the primary key of its house.
        can_create: Whether a label that means nothing yet makes a house of that name.
        approved: The labels that may make one all the same.
    """

    def __init__(
        self,
        houses: Iterable[House],
        aliases: Iterable[tuple[str, int]] = (),
        *,
        can_create: bool = False,
        approved: Iterable[str] = (),
    ) -> None:
        self.can_create = can_create
        self._approved = frozenset(map(label_key, approved))
        self._suggested: dict[str, House | None] = {}
        self.by_pk = {house.pk: house for house in houses}
        self._by_label: dict[str, list[House]] = {}
        for house in self.by_pk.values():
            self._add_label(house.name, house)
        for label, pk in aliases:
            if pk in self.by_pk:
                self._add_label(label, self.by_pk[pk])

    def find_house(self, label: str) -> House:
        """Return the house that a label means, a new one where that is allowed.

        Raises:
            UnknownHouse: There is none, or more than one.
        """
        houses = self._by_label.get(label_key(label), [])
        if len(houses) > 1:
            names = quote_names([house.name for house in houses], BY_AND)
            message = Saying(_("“%(label)s” may be %(names)s"), {"label": label, "names": names})
            raise UnknownHouse("ambiguous_property", message)
        return houses[0] if houses else self._make_house(label)

    def find_stored(self, labels: Iterable[str]) -> list[House]:
        """Return the stored houses that some labels mean, each once."""
        keys = {label_key(label) for label in labels}
        found = (house for key in keys for house in self._by_label.get(key, []))
        return list({house.pk: house for house in found if house.pk is not None}.values())

    def suggest_house(self, label: str) -> House | None:
        """Return the house whose name or alias is much like a label."""
        key = label_key(label)
        if key not in self._suggested:
            close = get_close_matches(key, self._by_label, n=1, cutoff=0.8)
            self._suggested[key] = self._by_label[close[0]][0] if close else None
        return self._suggested[key]

    def _add_label(self, label: str, house: House) -> None:
        self._suggested.clear()
        houses = self._by_label.setdefault(label_key(label), [])
        if house not in houses:
            houses.append(house)

    def _make_house(self, label: str) -> House:
        if not (self.can_create or label_key(label) in self._approved):
            raise UnknownHouse("unknown_property", self._explain_unknown(label))
        if len(label) > MAX_NAME_LENGTH:
            message = Saying(
                _("a new property's name can have %(most)d characters at most"),
                {"most": MAX_NAME_LENGTH},
            )
            raise UnknownHouse("unknown_property", message)
        fresh = Property(name=label)
        house = make_house(fresh)
        self._add_label(label, house)
        return house

    def _explain_unknown(self, label: str) -> Saying:
        close = self.suggest_house(label)
        if close:
            return Saying(
                _("there is no property or alias “%(label)s”; perhaps “%(close)s” is meant"),
                {
                    "label": label,
                    "close": close.name,
                },
            )
        return Saying(
            _(
                "there is no property or alias “%(label)s”; say which house it means, or that it is"
                " a new one"
            ),
            {"label": label},
        )


def load_houses(
    *,
    can_create: bool,
    lock: bool,
    approved: Iterable[str] = (),
    mapped: Iterable[tuple[str, int]] = (),
) -> HouseIndex:
    """Return the living houses and their aliases, in two queries.

    Args:
        can_create: See :class:`HouseIndex`.
        lock: Whether to keep other imports waiting until the transaction ends; what people do
            with the houses meanwhile goes on.
        approved: Labels that make a house of their name.
        mapped: Further labels, each with the primary key of its house.
    """
    properties = Property.objects.order_by("pk")
    if lock:
        # FOR NO KEY UPDATE: a booking that somebody adds by hand need not wait for the import.
        properties = properties.select_for_update(no_key=True)
    houses = [make_house(one) for one in properties]
    aliases = PropertyAlias.objects.values_list("label", "property_id")
    return HouseIndex(houses, [*aliases, *mapped], can_create=can_create, approved=approved)


def make_house(found: Property) -> House:
    """Return a property as an import sees it."""
    return House(
        pk=found.pk,
        name=found.name,
        check_in_time=found.check_in_time,
        check_out_time=found.check_out_time,
        zone=ZoneInfo(found.time_zone),
    )
