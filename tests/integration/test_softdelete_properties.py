"""Any graph, any order of deletions and restores: the database says what a simple model says."""

import pytest
from django.db import transaction
from django.db.models import ProtectedError, RestrictedError
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from django_modernize.softdelete import RestoreConflict
from django_modernize.softdelete.models import DeletionJournal
from tests.graphs import fill_graph, model_specs, stored_graph

pytestmark = pytest.mark.django_db(transaction=True)


def delete_thing(graph, place):
    row = graph.find(place)
    try:
        row.delete()
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


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    # Tables are made for each example: to shrink one takes minutes.
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
@given(specs=model_specs(), data=st.data())
def test_every_graph_does_what_the_rules_say_and_comes_back_as_it_was(specs, data):
    DeletionJournal.objects.all().delete()
    with stored_graph(specs) as graph:
        fill_graph(graph, data)
        world = graph.world
        soft = [place for place, thing in world.things.items() if world.is_soft(thing.model)]
        before = graph.dump()
        for _ in range(data.draw(st.integers(1, 8)) if soft else 0):
            place = data.draw(st.sampled_from(soft))
            unchanged = graph.dump()
            deletion = world.things[place].deletion
            if deletion is not None and data.draw(st.booleans()):
                allowed, done = world.restore(deletion), restore_thing(graph, place)
            else:
                allowed, done = world.delete(place), delete_thing(graph, place)
            assert done == allowed
            assert graph.read_state() == graph.expect_state()
            if not allowed:
                assert graph.dump() == unchanged
        restore_everything(graph, data.draw(st.randoms(use_true_random=False)))
        assert graph.dump() == before
        assert not DeletionJournal.objects.exists()


def restore_everything(graph, random):
    """Restore all that is deleted, in a random order, with the parents that it takes."""
    places = [place for place, thing in graph.world.things.items()]
    random.shuffle(places)
    for place in places:
        row = graph.find(place)
        if getattr(row, "deletion_id", None):
            with transaction.atomic():
                row.restore(with_parents=True)
