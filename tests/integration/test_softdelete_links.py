"""A link that is deleted leads nowhere: on both sides, one by one and fetched together."""

import pytest
from asgiref.sync import async_to_sync
from django.db.models import Count, Prefetch

from django_modernize.softdelete import join_alive
from django_modernize.softdelete.checks import check_models
from tests.testapp.models import Charter, Club, Fellow, Membership, Player, Squad, Squadding

pytestmark = pytest.mark.django_db


@pytest.fixture
def club():
    """A club that ann has left and bob is in, beside another that both are in."""
    ann, bob = (Fellow.objects.create(name=name) for name in ("ann", "bob"))
    club, other = (Club.objects.create(name=name) for name in ("club", "other"))
    for one in (club, other):
        one.members.set([ann, bob])
    Membership.objects.filter(club=club, member=ann).delete()
    return club


def names(rows):
    return sorted(row.name for row in rows)


def test_both_sides_show_living_links_alone(club):
    assert names(club.members.all()) == ["bob"]
    assert names(Fellow.objects.get(name="ann").clubs.all()) == ["other"]
    assert names(club.members.filter(name__startswith="a")) == []
    assert club.members.filter(memberships__role="").count() == 1


def test_counting_and_asking_whether_there_are_any_see_the_same(club):
    assert (club.members.count(), club.members.exists()) == (1, True)
    club.members.clear()
    assert (club.members.count(), club.members.exists()) == (0, False)
    assert Membership.all_objects.filter(club=club).count() == 2


@pytest.mark.parametrize(
    "wanted",
    [
        lambda: "members",
        lambda: Prefetch("members", queryset=Fellow.objects.order_by("name")),
        lambda: Prefetch("members", queryset=Fellow.objects.filter(memberships__role="")),
    ],
    ids=["name", "queryset", "filter over the link"],
)
def test_prefetched_rows_come_by_living_links_and_in_one_query(
    club, wanted, django_assert_num_queries
):
    with django_assert_num_queries(2):
        fetched = {one.name: one for one in Club.objects.prefetch_related(wanted())}
        assert names(fetched["club"].members.all()) == ["bob"]
    assert "ann" in names(fetched["other"].members.all())


def test_the_first_rows_of_each_are_the_first_by_living_links(club):
    first = Prefetch("members", queryset=Fellow.objects.order_by("name")[:1], to_attr="first")
    fetched = {one.name: names(one.first) for one in Club.objects.prefetch_related(first)}
    assert fetched == {"club": ["bob"], "other": ["ann"]}


def test_the_other_side_is_prefetched_too(club):
    fetched = Fellow.objects.prefetch_related("clubs").get(name="ann")
    assert names(fetched.clubs.all()) == ["other"]


def test_a_deleted_link_is_made_anew_and_a_living_one_is_not(club):
    ann = Fellow.objects.get(name="ann")
    club.members.add(ann)
    club.members.set([ann])
    assert names(club.members.all()) == ["ann"]
    club.members.remove(ann)
    assert not club.members.exists()
    assert Membership.all_objects.filter(club=club, member=ann).count() == 2


def test_a_link_that_comes_back_leads_there_again(club):
    Membership.deleted_objects.restore()
    assert names(club.members.all()) == ["ann", "bob"]


def test_async_code_sees_the_same(club):
    async def look():
        return await club.members.acount(), [one.name async for one in club.members.all()]

    assert async_to_sync(look)() == (1, ["bob"])


def test_a_join_sees_living_links_where_that_is_asked_for(club):
    clubs = Club.objects.filter(pk=club.pk)
    assert clubs.get(members__name="ann") == club
    living = clubs.annotate(living=join_alive("membership"))
    assert not living.filter(living__member__name="ann").exists()
    assert clubs.aggregate(number=Count("members")) == {"number": 2}
    assert living.aggregate(number=Count("living")) == {"number": 1}


def test_a_manager_that_is_named_shows_every_link(club):
    assert names(club.members(manager="objects").all()) == ["ann", "bob"]


def test_a_link_of_a_model_to_itself_is_narrowed_where_its_end_has_a_name():
    one, other = Player.objects.create(), Player.objects.create()
    one.rivals.add(other)
    Squadding.objects.all().delete()
    (message,) = [found for found in check_models(None) if found.id == "modernize.W309"]
    assert (message.obj, "Squadding.other" in message.msg) == (Squadding, True)


def test_a_deleted_row_behind_a_link_that_stays_is_left_out_and_comes_back():
    squad, player = Squad.objects.create(), Player.objects.create()
    squad.players.add(player)
    player.delete()
    assert (squad.players.count(), squad.players.exists()) == (0, False)
    assert list(Squad.objects.prefetch_related("players").get().players.all()) == []
    assert list(squad.players(manager="all_objects").all()) == [player]
    player.restore()
    assert list(squad.players.all()) == [player]


@pytest.mark.parametrize(
    "load",
    [
        lambda: Club.objects.get(name="club"),
        lambda: Club.objects.select_related("charter").get(name="club"),
        lambda: Club.objects.prefetch_related("charter").get(name="club"),
    ],
    ids=["by itself", "joined", "prefetched"],
)
def test_a_deleted_row_at_the_other_side_of_one_to_one_is_none(club, load):
    charter = Charter.objects.create(club=club)
    assert load().charter == charter
    charter.delete()
    with pytest.raises(Charter.DoesNotExist):
        load().charter  # noqa: B018
    assert not hasattr(load(), "charter")
    charter.restore()
    assert load().charter == charter
