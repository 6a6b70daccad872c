"""Any graph, any order of deletions and restores: the database says what a simple model says."""

import pytest
from django.db import transaction
from django.db.models import ProtectedError, RestrictedError
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from django_modernize.softdelete import RestoreConflict
from django_modernize.softdelete.models import DeletionJournal
from tests.graphs import (
    DATABASE_RULES,
    KeySpec,
    ModelSpec,
    fill_graph,
    model_specs,
    stored_graph,
)

pytestmark = pytest.mark.django_db(transaction=True)


def delete_things(graph, places):
    """Delete one row by itself, several by a queryset."""
    model = graph.models[graph.world.things[places[0]].model]
    rows = model.all_objects.filter(pk__in=[key for _, key in places])
    try:
        (rows if len(places) > 1 else rows.get()).delete()
    except (ProtectedError, RestrictedError):
        return False
    return True


def restore_thing(graph, place):
    try:
        graph.find(place).restore()
    except RestoreConflict as conflict:
        assert conflict.conflicts
        return False
    return True


EXAMPLES = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    # Tables are made for each example: to shrink one takes minutes.
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)


@EXAMPLES
@given(specs=model_specs(), data=st.data())
def test_every_graph_does_what_the_rules_say_and_comes_back_as_it_was(specs, data):
    compare_with_reference(specs, data)


@pytest.mark.needs_django(6, 1, reason="brings rules of the database")
@EXAMPLES
@given(specs=model_specs((*DATABASE_RULES, "CASCADE", "PROTECT", "RESTRICT")), data=st.data())
def test_rules_of_the_database_do_the_same_in_every_graph(specs, data):
    compare_with_reference(specs, data)


def compare_with_reference(specs, data):
    DeletionJournal.objects.all().delete()
    with stored_graph(specs) as graph:
        fill_graph(graph, data)
        world = graph.world
        soft = [place for place, thing in world.things.items() if world.is_soft(thing.model)]
        before, links = graph.dump(), graph.dump_links()
        for _ in range(data.draw(st.integers(1, 8)) if soft else 0):
            place = data.draw(st.sampled_from(soft))
            unchanged = graph.dump()
            deletion = world.things[place].deletion
            if deletion is not None and data.draw(st.booleans()):
                allowed, done = world.restore(deletion), restore_thing(graph, place)
            else:
                places = draw_places(data, world, place, soft)
                allowed, done = world.delete(places), delete_things(graph, places)
            assert done == allowed
            assert graph.read_state() == graph.expect_state()
            assert graph.dump_links() == links
            if not allowed:
                assert graph.dump() == unchanged
        restore_everything(graph, data.draw(st.randoms(use_true_random=False)))
        assert graph.dump() == before
        assert not DeletionJournal.objects.exists()


def draw_places(data, world, place, soft):
    """Return a thing, or several of its model."""
    same = [one for one in soft if world.things[one].model == world.things[place].model]
    more = data.draw(st.lists(st.sampled_from(same), max_size=2))
    return list(dict.fromkeys([place, *more]))


def restore_everything(graph, random):
    """Restore all that is deleted, in a random order, with the parents that it takes."""
    places = [place for place, thing in graph.world.things.items()]
    random.shuffle(places)
    for place in places:
        row = graph.find(place)
        if getattr(row, "deletion_id", None):
            with transaction.atomic():
                row.restore(with_parents=True)


def test_a_tree_with_another_key_to_a_child_by_inheritance_goes_as_a_whole():
    specs = [
        ModelSpec(
            is_soft=True,
            parent=None,
            keys=(KeySpec("tree", 0, "CASCADE"), KeySpec("inherited", 1, "CASCADE")),
            linked=(),
            is_tagged=False,
        ),
        ModelSpec(is_soft=False, parent=0, keys=(), linked=(), is_tagged=False),
    ]
    with stored_graph(specs) as graph:
        node, child = graph.models
        root = child.objects.create()
        below = node.objects.create(tree=node.objects.create(inherited=root))
        last = node.objects.create(inherited=child.objects.create(tree=below))
        node.objects.create(tree=last)
        assert root.delete()[1]["testapp.Graph0"] == 6
        assert root.restore()[1]["testapp.Graph0"] == 6
