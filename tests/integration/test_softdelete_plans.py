"""Statements of a deletion are compiled once, are few, and follow models, fields and routers."""

from contextlib import contextmanager

import pytest
from django.db import connection, models
from django.db.models import RestrictedError
from django.test import override_settings

from django_modernize.softdelete import SoftDeleteMixin, statements
from django_modernize.softdelete.deletion_plans import find_plan
from django_modernize.softdelete.previews import count_taken
from tests.isolation import isolate_beside_people
from tests.testapp.models import Album, Chapter, House, Rack, Room, Stay, Track

DEPTH = 5


@contextmanager
def stored(*built):
    """Have tables of some models for a while."""
    with connection.schema_editor() as editor:
        for model in built:
            editor.create_model(model)
    try:
        yield
    finally:
        with connection.schema_editor() as editor:
            for model in reversed(built):
                editor.delete_model(model)


@pytest.fixture
def registry():
    with isolate_beside_people("tests.testapp") as registry:
        yield registry


def build_model(name, *, bases=(SoftDeleteMixin,), **body):
    meta = type("Meta", (), {"app_label": "testapp", "db_table": f"plan_{name.lower()}"})
    return type(name, bases, {"__module__": __name__, "Meta": meta, **body})


def build_chain(depth):
    built = [build_model("Level0")]
    for number in range(1, depth):
        key = models.ForeignKey(built[-1], models.CASCADE, null=True)
        built.append(build_model(f"Level{number}", above=key))
    return built


@pytest.mark.django_db(transaction=True)
def test_a_deletion_costs_two_statements_for_each_model_at_any_depth(
    registry, django_assert_max_num_queries
):
    built = build_chain(DEPTH)
    with stored(*built):
        above = root = built[0].objects.create()
        for model in built[1:]:
            above = model.objects.create(above=above)
        with django_assert_max_num_queries(2 * DEPTH + 2):
            assert root.delete()[0] == DEPTH
        with django_assert_max_num_queries(2 * DEPTH + 2):
            assert root.restore()[0] == DEPTH
        with django_assert_max_num_queries(2 * DEPTH + 2):
            assert built[0].objects.all().delete()[0] == DEPTH


@pytest.mark.django_db
def test_models_without_rows_of_the_deletion_cost_no_statement(django_assert_num_queries):
    album = Album.objects.create(title="album", reserve=None)
    album.delete()
    album.restore()
    # Two to begin and to end; the row; who follows; the keys that lose it.
    with django_assert_num_queries(5):
        album.delete()
    # Two to begin and to end; what was taken; the row.
    with django_assert_num_queries(4):
        album.restore()


@pytest.mark.django_db
def test_what_was_compiled_once_is_not_compiled_again(monkeypatch):
    compiled = []
    compile_query = statements._compile
    monkeypatch.setattr(
        statements, "_compile", lambda *given: compiled.append(given) or compile_query(*given)
    )
    for title in ("first", "second"):
        album = Album.objects.create(title=title, reserve=None)
        Chapter.objects.create(track=Track.objects.create(album=album))
        # As in tests that change the models, which other tests may have done.
        if title == "first":
            album._meta.apps.clear_cache()
        compiled.clear()
        album.delete()
        album.restore()
        assert bool(compiled) is (title == "first")


@pytest.mark.django_db(transaction=True)
def test_a_model_that_comes_later_is_taken_along(registry):
    parent_model = build_model("Early")
    with stored(parent_model):
        parent_model.objects.create().delete()
        key = models.ForeignKey(parent_model, models.CASCADE)
        child_model = build_model("Late", parent=key)
        with stored(child_model):
            parent = parent_model.objects.create()
            child_model.objects.create(parent=parent)
            assert parent.delete()[0] == 2
            assert parent.restore()[0] == 2


class LocalRouter:
    """Says that the second level is somewhere else."""

    def allow_migrate(self, db, app_label, model_name=None, **hints):
        return model_name != "stay"


@pytest.mark.django_db
def test_a_table_that_the_database_does_not_have_is_not_asked():
    assert Stay in find_plan(Room, "default").models[Room].followers
    with override_settings(DATABASE_ROUTERS=[LocalRouter()]):
        assert Stay not in find_plan(Room, "default").models[Room].followers
    assert Stay in find_plan(Room, "default").models[Room].followers
    room = Room.objects.create(house=House.objects.create(name="Lake house"))
    room.delete()
    with override_settings(DATABASE_ROUTERS=[LocalRouter()]):
        assert count_taken(room, room.deletion_id) == {Room: 1}


class PrefixedField(models.CharField):
    """Stores something else than what Python sees."""

    def get_db_prep_value(self, value, connection, prepared=False):
        value = super().get_db_prep_value(value, connection, prepared)
        return None if value is None else f"stored {value}"

    def from_db_value(self, value, expression, connection):
        return value and value.removeprefix("stored ")


@pytest.mark.django_db(transaction=True)
def test_fields_that_prepare_their_values_and_name_their_columns_are_served(registry):
    owner_model = build_model(
        "Owner", code=PrefixedField(primary_key=True, max_length=50, db_column="own code")
    )
    thing_model = build_model(
        "Thing",
        owner=models.ForeignKey(owner_model, models.CASCADE, db_column="of the owner"),
        holder=models.ForeignKey(owner_model, models.SET_NULL, null=True, related_name="held"),
    )
    with stored(owner_model, thing_model):
        first, second = (owner_model.objects.create(code=code) for code in ("a", "b"))
        thing_model.objects.create(owner=first)
        held = thing_model.objects.create(owner=second, holder=first)
        assert first.delete()[0] == 2
        held.refresh_from_db()
        assert held.holder is None
        assert thing_model.objects.get() == held
        assert first.restore()[0] == 2
        held.refresh_from_db()
        assert held.holder == first


@pytest.mark.django_db(transaction=True)
def test_rows_with_a_key_of_two_columns_follow_each_of_two_parents(registry):
    parent_model = build_model("Owner")
    child_model = build_model(
        "Thing",
        pk=models.CompositePrimaryKey("batch", "number"),
        batch=models.CharField(max_length=5),
        number=models.IntegerField(),
        owner=models.ForeignKey(parent_model, models.CASCADE, related_name="+"),
        maker=models.ForeignKey(parent_model, models.CASCADE, related_name="+"),
    )
    with stored(parent_model, child_model):
        first, second = parent_model.objects.create(), parent_model.objects.create()
        child_model.objects.create(batch="a", number=1, owner=first, maker=second)
        child_model.objects.create(batch="a", number=2, owner=second, maker=first)
        child_model.objects.create(batch="b", number=1, owner=second, maker=second)
        assert first.delete()[0] == 3
        assert [row.batch for row in child_model.objects.all()] == ["b"]
        assert first.restore()[0] == 3


@pytest.mark.django_db(transaction=True)
def test_a_child_that_cannot_be_hidden_restricts_unless_django_would_delete_it_along(registry):
    root_model = build_model("Root")
    shelf_model, album_model = (
        build_model(name, root=models.ForeignKey(root_model, models.CASCADE, null=True))
        for name in ("Shelf", "Album")
    )
    use_model = build_model(
        "Use",
        bases=(models.Model,),
        shelf=models.ForeignKey(shelf_model, models.RESTRICT),
        album=models.ForeignKey(album_model, models.CASCADE),
    )
    with stored(root_model, shelf_model, album_model, use_model):
        root = root_model.objects.create()
        shelf = shelf_model.objects.create(root=root)
        use_model.objects.create(shelf=shelf, album=album_model.objects.create(root=root))
        assert root.delete()[0] == 3
        root.restore()
        use_model.objects.create(shelf=shelf, album=album_model.objects.create())
        with pytest.raises(RestrictedError, match=r"Use\.shelf"):
            root.delete()
        assert shelf_model.objects.get() == shelf


@pytest.mark.django_db(transaction=True)
def test_what_points_to_the_table_of_a_parent_without_marks_goes_along(registry):
    media_model = build_model("Media", bases=(models.Model,))
    audio_model = build_model("Audio", bases=(SoftDeleteMixin, media_model))
    tape_model = build_model("Tape", bases=(SoftDeleteMixin, media_model))
    note_model = build_model("Remark", media=models.ForeignKey(media_model, models.CASCADE))
    with stored(media_model, audio_model, tape_model, note_model):
        audio, tape = audio_model.objects.create(), tape_model.objects.create()
        for row in (audio, tape):
            note_model.objects.create(media_id=row.pk)
        # The row of the parent's table is counted, as Django does.
        assert audio.delete()[0] == 3
        assert [note.media_id for note in note_model.objects.all()] == [tape.pk]
        assert audio.restore()[0] == 3
        assert note_model.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_generic_child_of_a_proxy_is_a_child_of_that_name_alone(registry):
    from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
    from django.contrib.contenttypes.models import ContentType

    registry.register_model("contenttypes", ContentType)
    sign_model = build_model(
        "Sign",
        content_type=models.ForeignKey(ContentType, models.CASCADE),
        object_id=models.IntegerField(),
        target=GenericForeignKey(for_concrete_model=False),
    )
    house_model = build_model("House", signs=GenericRelation(sign_model, for_concrete_model=False))
    with stored(sign_model, house_model):
        house = house_model.objects.create()
        kinds = [
            ContentType.objects.get_or_create(app_label="testapp", model=name)[0]
            for name in ("house", "villa")
        ]
        for kind in kinds:
            sign_model.objects.create(content_type=kind, object_id=house.pk)
        assert house.delete()[0] == 2
        assert sign_model.objects.get().content_type == kinds[1]


@pytest.mark.django_db(transaction=True)
def test_two_keys_to_one_model_and_two_trees_are_followed(registry):
    node_model = build_model(
        "Node",
        above=models.ForeignKey("self", models.CASCADE, null=True, related_name="+"),
        beside=models.ForeignKey("self", models.CASCADE, null=True, related_name="+"),
    )
    leaf_model = build_model(
        "Leaf",
        one=models.ForeignKey(node_model, models.CASCADE, null=True, related_name="+"),
        other=models.ForeignKey(node_model, models.CASCADE, null=True, related_name="+"),
    )
    with stored(node_model, leaf_model):
        root = node_model.objects.create()
        above = node_model.objects.create(above=root)
        beside = node_model.objects.create(beside=above)
        leaf_model.objects.create(one=beside)
        leaf_model.objects.create(other=above)
        stays = leaf_model.objects.create()
        assert root.delete() == (5, {"testapp.Node": 3, "testapp.Leaf": 2})
        assert leaf_model.objects.get() == stays
        assert beside.restore()[0] == 5


@pytest.mark.django_db
def test_an_instance_that_knows_of_no_deletion_or_of_an_earlier_one_is_restored():
    rack = Rack.objects.create(name="rack")
    knows_none = Rack.objects.get()
    rack.delete()
    assert knows_none.restore() == (1, {"testapp.Rack": 1})
    rack.delete()
    knows_first = Rack.all_objects.get()
    rack.restore()
    rack.delete()
    assert knows_first.restore() == (1, {"testapp.Rack": 1})
    assert not Rack.objects.get().is_deleted
