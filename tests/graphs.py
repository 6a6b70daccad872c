"""Random model graphs with rows, and a simple model of what soft delete does to them.

The reference knows nothing of databases: an object is a dictionary, a deletion a number.
"""

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.db import connection, models
from hypothesis import strategies as st

from django_modernize.softdelete import SoftDeleteMixin
from tests.isolation import isolate_beside_people

FIRST_ROW = 1


def cascade_and_more(collector, field, rows, using):
    """Do what a project's own rule would: one of Django's, and something else."""
    models.CASCADE(collector, field, rows, using)


RULES: dict[str, Any] = {
    "CASCADE": models.CASCADE,
    "PROTECT": models.PROTECT,
    "RESTRICT": models.RESTRICT,
    "SET_NULL": models.SET_NULL,
    "SET_DEFAULT": models.SET_DEFAULT,
    "SET": models.SET(FIRST_ROW),
    "DO_NOTHING": models.DO_NOTHING,
    "OWN_CASCADE": cascade_and_more,
}
DATABASE_RULES: dict[str, Any] = {
    name: getattr(models, name)
    for name in ("DB_CASCADE", "DB_SET_NULL", "DB_SET_DEFAULT")
    if hasattr(models, name)
}
REPLACEMENTS = {"SET_NULL": None, "SET_DEFAULT": FIRST_ROW, "SET": FIRST_ROW}
BINDING = ("CASCADE", "PROTECT", "RESTRICT")


@dataclass(frozen=True)
class KeySpec:
    """A foreign key of a random model."""

    name: str
    target: int
    on_delete: str

    @property
    def rule(self):
        """What the reference calls it: it means the same, whoever acts on it."""
        return self.on_delete.removeprefix("DB_").removeprefix("OWN_")


@dataclass(frozen=True)
class ModelSpec:
    """A random model; it inherits from another one's table, or is on its own."""

    is_soft: bool
    parent: int | None
    keys: tuple[KeySpec, ...]
    linked: tuple[int, ...]
    is_tagged: bool


@dataclass
class Thing:
    """One object of a random model, with the keys of its model and of its parents."""

    model: int
    keys: dict[str, int | None]
    deletion: int | None = None


@dataclass
class World:
    """The reference: what there is, and what deletions replaced."""

    specs: list[ModelSpec]
    things: dict[tuple[int, int], Thing]
    """By the model at the top of the inheritance, and the primary key."""

    tags: dict[int, tuple[tuple[int, int], int | None]] = field(default_factory=dict)
    """Generic children: what each is tied to, and its deletion."""

    journal: list[list[Any]] = field(default_factory=list)
    """Deletion, thing, key, old value, new value."""

    deletions: int = 0

    def top(self, model):
        parent = self.specs[model].parent
        return model if parent is None else self.top(parent)

    def lineage(self, model):
        parent = self.specs[model].parent
        return [model] if parent is None else [model, *self.lineage(parent)]

    def is_soft(self, model):
        return any(self.specs[one].is_soft for one in self.lineage(model))

    def keys_of(self, thing):
        return [key for one in self.lineage(thing.model) for key in self.specs[one].keys]

    def pointers(self, places):
        """Yield everything that points to some things: where it is, it, and by which key."""
        for place, thing in self.things.items():
            for key in self.keys_of(thing):
                value = thing.keys[key.name]
                if value is not None and (self.top(key.target), value) in places:
                    yield place, thing, key

    def follow(self, places):
        taken = set(places)
        while True:
            more = {
                place
                for place, thing, key in self.pointers(taken)
                if key.rule == "CASCADE" and self.is_soft(thing.model) and thing.deletion is None
            } - taken
            if not more:
                return taken
            taken |= more

    def delete(self, places):
        """Delete what lives of some things, and return whether it was allowed."""
        living = {place for place in places if self.things[place].deletion is None}
        if not living:
            return True
        taken = self.follow(living)
        going = taken | {place for place, _, key in self.pointers(taken) if key.rule == "CASCADE"}
        for other, thing, key in self.pointers(taken):
            stays = other not in (taken if self.is_soft(thing.model) else going)
            if thing.deletion is None and stands_in_the_way(key.rule, stays):
                return False
        self.deletions += 1
        for one in taken:
            self.things[one].deletion = self.deletions
        self._replace_keys(taken)
        for tag, (tied, deletion) in self.tags.items():
            if deletion is None and tied in taken:
                self.tags[tag] = (tied, self.deletions)
        return True

    def _replace_keys(self, taken):
        for other, thing, key in list(self.pointers(taken)):
            if key.rule in REPLACEMENTS and other not in taken:
                new = REPLACEMENTS[key.rule]
                self.journal.append([self.deletions, other, key.name, thing.keys[key.name], new])
                thing.keys[key.name] = new

    def restore(self, deletion):
        """Restore, and return whether nothing was in the way."""
        back = [thing for thing in self.things.values() if thing.deletion == deletion]
        if any(self._is_blocked(thing, key) for thing in back for key in self.keys_of(thing)):
            return False
        for thing in back:
            thing.deletion = None
        for tag, (tied, own) in self.tags.items():
            if own == deletion:
                self.tags[tag] = (tied, None)
        for entry in [entry for entry in self.journal if entry[0] == deletion]:
            self._undo(entry)
        return True

    def _is_blocked(self, thing, key):
        parent = self.things.get((self.top(key.target), thing.keys[key.name]))
        if key.rule not in BINDING or parent is None or not self.is_soft(key.target):
            return False
        return parent.deletion not in (None, thing.deletion)

    def _undo(self, entry):
        _, place, name, old, new = entry
        later = self.journal[self.journal.index(entry) + 1 :]
        follower = next((one for one in later if one[1:3] == [place, name]), None)
        if follower is None:
            if self.things[place].keys[name] == new:
                self.things[place].keys[name] = old
        elif follower[3] == new:
            follower[3] = old
        self.journal.remove(entry)


def stands_in_the_way(rule, stays):
    return rule == "PROTECT" or (rule == "RESTRICT" and stays)


@st.composite
def model_specs(draw, rules=tuple(RULES)):
    """Draw the models of a graph, with keys of these rules."""
    count = draw(st.integers(2, 4))
    specs: list[ModelSpec] = []
    for position in range(count):
        parent = draw(st.sampled_from([None, None, None, *range(position)]))
        specs.append(
            ModelSpec(
                # The mixin belongs on the topmost model; modernize.W304 says so.
                is_soft=parent is None and draw(st.sampled_from([True, True, True, False])),
                parent=parent,
                keys=tuple(
                    KeySpec(
                        f"key_{position}_{number}",
                        draw(st.integers(0, count - 1)),
                        draw(st.sampled_from(rules)),
                    )
                    for number in range(draw(st.integers(0, 2)))
                ),
                linked=tuple(draw(st.sets(st.integers(0, count - 1), max_size=1))),
                is_tagged=parent is None and draw(st.booleans()),
            )
        )
    return [replace(spec, keys=tuple(fit_key(key, specs) for key in spec.keys)) for spec in specs]


def fit_key(key, specs):
    """Return the key with a rule that its target allows: row 1 is one of the topmost model."""
    if key.rule in ("SET", "SET_DEFAULT") and specs[key.target].parent is not None:
        return replace(key, on_delete="SET_NULL")
    return key


@dataclass
class Graph:
    """A random graph in the database, beside its reference."""

    world: World
    models: list[type[models.Model]]
    tag: type[models.Model]

    def tables(self):
        for model in (*self.models, self.tag):
            yield model
            yield from (field.remote_field.through for field in model._meta.local_many_to_many)

    def dump(self):
        """Return every column of every row of every table."""
        return {table._meta.label: dump_table(table) for table in self.tables()}

    def dump_links(self):
        """Return every row of the tables of links, which no deletion may change."""
        return [
            dump_table(field.remote_field.through)
            for model in self.models
            for field in model._meta.local_many_to_many
        ]

    def find(self, place):
        thing = self.world.things[place]
        return self.models[thing.model]._base_manager.get(pk=place[1])

    def read_state(self):
        """Return what the reference knows, as the database has it."""
        groups: dict[Any, list[Any]] = {}
        keys = {}
        for place, thing in self.world.things.items():
            row = self.find(place)
            keys[place] = {name: getattr(row, f"{name}_id") for name in thing.keys}
            if self.world.is_soft(thing.model) and row.deletion_id:
                groups.setdefault(row.deletion_id, []).append(place)
        for tag in self.tag._base_manager.order_by("pk"):
            if tag.deletion_id:
                groups.setdefault(tag.deletion_id, []).append(tag.pk)
        return keys, sorted(map(repr, groups.values()))

    def expect_state(self):
        groups: dict[int, list[Any]] = {}
        for place, thing in self.world.things.items():
            if thing.deletion:
                groups.setdefault(thing.deletion, []).append(place)
        for tag, (_, deletion) in sorted(self.world.tags.items()):
            if deletion:
                groups.setdefault(deletion, []).append(tag)
        keys = {place: dict(thing.keys) for place, thing in self.world.things.items()}
        return keys, sorted(map(repr, groups.values()))


def dump_table(table):
    return sorted(map(repr, table._base_manager.values_list()))


def build_key(key):
    options: dict[str, Any] = {"null": True, "related_name": "+"}
    if key.rule == "SET_DEFAULT":
        options["db_default" if key.on_delete.startswith("DB_") else "default"] = FIRST_ROW
    rules = {**RULES, **DATABASE_RULES}
    return models.ForeignKey(f"testapp.Graph{key.target}", rules[key.on_delete], **options)


def build_models(specs):
    """Return the classes of a graph; call it inside ``isolate_apps()``."""

    class Tag(SoftDeleteMixin):
        content_type = models.ForeignKey(ContentType, models.CASCADE, related_name="+")
        object_id = models.CharField(max_length=20)
        tied_to = GenericForeignKey()

        class Meta:
            app_label = "testapp"
            db_table = "graph_tag"

    built: list[type[models.Model]] = []
    for position, spec in enumerate(specs):
        base = models.Model if spec.parent is None else built[spec.parent]
        inherits_marks = issubclass(base, SoftDeleteMixin)
        bases = (SoftDeleteMixin, base) if spec.is_soft and not inherits_marks else (base,)
        meta = {"app_label": "testapp", "db_table": f"graph_{position}"}
        body: dict[str, Any] = {"__module__": __name__, "Meta": type("Meta", (), meta)}
        for key in spec.keys:
            body[key.name] = build_key(key)
        for target in spec.linked:
            body[f"linked_{position}"] = models.ManyToManyField(
                f"testapp.Graph{target}", related_name="+", symmetrical=False
            )
        if spec.is_tagged:
            body[f"tags_{position}"] = GenericRelation(Tag)
        built.append(type(f"Graph{position}", bases, body))
    return built, Tag


@contextmanager
def stored_graph(specs):
    """Make the tables of a graph, and drop them at the end."""
    with isolate_beside_people("tests.testapp"):
        built, tag = build_models(specs)
        with connection.schema_editor() as editor:
            for model in (*built, tag):
                editor.create_model(model)
        # One that is made in a transaction which is rolled back stays in Django's cache.
        ContentType.objects.clear_cache()
        for model in built:
            ContentType.objects.get_for_model(model)
        try:
            yield Graph(World(list(specs), {}), built, tag)
        finally:
            with connection.schema_editor() as editor:
                for model in (tag, *reversed(built)):
                    editor.delete_model(model)


def fill_graph(graph, data):
    """Store rows with random keys; the first row of each model on its own has the key 1."""
    world = graph.world
    for position in range(len(world.specs)):
        for _ in range(data.draw(st.integers(1, 3))):
            thing = Thing(position, {})
            thing.keys = {key.name: None for key in world.keys_of(thing)}
            row = graph.models[position](**{f"{name}_id": None for name in thing.keys})
            row.save()
            world.things[world.top(position), row.pk] = thing
    for place, thing in world.things.items():
        draw_keys(graph, place, thing, data)
        draw_links(graph, place, thing, data)


def draw_keys(graph, place, thing, data):
    world, row = graph.world, graph.find(place)
    for key in world.keys_of(thing):
        fitting = [
            other[1]
            for other, candidate in world.things.items()
            if key.target in world.lineage(candidate.model) and other[0] == world.top(key.target)
        ]
        thing.keys[key.name] = data.draw(st.sampled_from([None, *fitting, *fitting]))
        setattr(row, f"{key.name}_id", thing.keys[key.name])
    row.save()


def draw_links(graph, place, thing, data):
    world, row = graph.world, graph.find(place)
    for one in world.lineage(thing.model):
        for target in world.specs[one].linked:
            getattr(row, f"linked_{one}").set(graph.models[target]._base_manager.all()[:2])
    top = world.top(thing.model)
    if world.specs[top].is_tagged and data.draw(st.booleans()):
        content_type = ContentType.objects.get_for_model(graph.models[top])
        tag = graph.tag.objects.create(content_type=content_type, object_id=str(place[1]))
        world.tags[tag.pk] = (place, None)
