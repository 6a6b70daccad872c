"""Many-to-many relations whose links can be deleted."""

from django.db import models

from django_modernize.integrity import UniqueAlive
from django_modernize.softdelete import SoftDeleteMixin

__all__ = ["Charter", "Club", "Fellow", "Membership", "Player", "Squad", "Squadding"]


class Fellow(models.Model):
    """Not soft-deletable."""

    name = models.CharField(max_length=20)


class Club(SoftDeleteMixin):
    """Has members, by a link that can be deleted."""

    name = models.CharField(max_length=20)
    members = models.ManyToManyField(Fellow, through="Membership", related_name="clubs")


class Membership(SoftDeleteMixin):
    """The link."""

    club = models.ForeignKey(Club, models.CASCADE)
    member = models.ForeignKey(Fellow, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, default="")

    class Meta:
        constraints = [UniqueAlive("club", "member", name="membership_unique")]


class Charter(SoftDeleteMixin):
    """One for each club."""

    club = models.OneToOneField(Club, models.CASCADE, related_name="charter")


class Player(SoftDeleteMixin):
    """Can be deleted itself."""

    rivals = models.ManyToManyField("self", through="Squadding", through_fields=("one", "other"))


class Squadding(SoftDeleteMixin):
    """The link of a model to itself; one of its ends has no name from the other side."""

    one = models.ForeignKey(Player, models.CASCADE, related_name="squaddings")
    other = models.ForeignKey(Player, models.CASCADE, related_name="+")


class Squad(SoftDeleteMixin):
    """Has players by links that cannot be deleted."""

    players = models.ManyToManyField(Player, related_name="squads")
