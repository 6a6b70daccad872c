"""The diff says what a plain reference says, after any sequence of acts on an instance."""

import copy
import datetime as dt
import json
import pickle

import pytest
from django.core.files.base import ContentFile
from django.db import IntegrityError, models, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from django_modernize.diff import NOT_LOADED, track_changes
from tests.testapp.models import Article, Writer

if hasattr(Article, "words"):
    from django.db.backends.postgresql.psycopg_any import DateRange

# Real transactions, so that not only savepoints are rolled back.
pytestmark = pytest.mark.django_db(transaction=True)

WORDS = st.text("abc", min_size=1, max_size=3)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(0, 1) | WORDS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(WORDS, inner, max_size=2),
    max_leaves=4,
)
VALUES = {
    "title": WORDS,
    "pages": st.integers(-3, 3),
    "price": st.none() | st.decimals(-1, 1, places=2),
    "rating": st.none() | st.sampled_from([0.5, -1.25]),
    "is_open": st.booleans(),
    "printed_on": st.none() | st.dates(dt.date(2026, 1, 1), dt.date(2026, 1, 3)),
    "printed_at": st.none()
    | st.datetimes(dt.datetime(2026, 1, 1), dt.datetime(2026, 1, 2), timezones=st.just(dt.UTC)),
    "opens_at": st.none() | st.times(dt.time(9), dt.time(10)),
    "address": st.none() | st.sampled_from(["192.0.2.1", "2001:db8::1"]),
    "link": st.sampled_from(["", "https://a.test/"]),
    "mail": st.sampled_from(["", "a@b.test"]),
    "slug": st.sampled_from(["", "a-b"]),
    "rank": st.integers(0, 2),
    "weight": st.integers(0, 2),
    "reads_in": st.none() | st.timedeltas(dt.timedelta(0), dt.timedelta(1)),
    "token": st.uuids(),
    "extra": st.dictionaries(WORDS, JSON, max_size=2),
    "tags": st.lists(WORDS, max_size=3),
    "digest": st.none() | st.binary(max_size=2),
    "scan": WORDS,
    "photo": WORDS,
    "shelf": st.sampled_from(["", "/a"]),
    "body": WORDS,
    "issue": st.integers(-1, 1),
    "copies": st.integers(0, 2),
    "readers": st.integers(0, 2),
    "level": st.integers(6, 8),
    "writer": st.none() | st.sampled_from([1, 2]),
    "editor": st.none() | st.sampled_from([1, 2]),
}
if hasattr(Article, "words"):
    DAYS = st.dates(dt.date(2026, 1, 1), dt.date(2026, 1, 3))
    VALUES |= {
        "words": st.lists(WORDS, max_size=2),
        "grid": st.sampled_from([[], [[1, 2]], [[1], [2]]]),
        "season": st.none() | DAYS.map(lambda day: DateRange(day, day + dt.timedelta(2))),
    }
FILES = ("scan", "photo")
LISTS = sorted({"tags", "words"} & VALUES.keys())
KEYS = st.sets(st.sampled_from([1, 2])).map(sorted).map(tuple)
NAMES = st.sampled_from(sorted(VALUES))
SOME_NAMES = st.lists(NAMES, max_size=4, unique=True)
ASSIGNMENTS = NAMES.flatmap(lambda name: st.tuples(st.just("assign"), st.just(name), VALUES[name]))
WRITES = (
    st.tuples(st.just("save"), st.none() | SOME_NAMES),
    st.tuples(st.just("save_changed")),
    st.tuples(st.just("write_in_bulk"), SOME_NAMES),
)
PLAIN_ACTS = st.one_of(
    ASSIGNMENTS,
    ASSIGNMENTS,
    st.tuples(st.just("append"), st.sampled_from(LISTS), WORDS),
    st.tuples(st.just("put_extra"), WORDS, JSON),
    st.tuples(st.just("read"), NAMES),
    st.tuples(st.just("upload"), st.sampled_from(FILES), WORDS),
    st.tuples(st.just("link"), KEYS),
    *WRITES,
    st.tuples(st.just("fail_to_save")),
    st.tuples(st.just("refresh"), st.none() | SOME_NAMES),
    st.tuples(st.just("duplicate"), st.sampled_from([copy.copy, copy.deepcopy])),
)
SAVEPOINTS = st.tuples(
    st.sampled_from(["roll_back", "keep"]), st.lists(PLAIN_ACTS, min_size=1, max_size=3)
)
ACTS_IN_TRANSACTION = st.one_of(PLAIN_ACTS, PLAIN_ACTS, PLAIN_ACTS, SAVEPOINTS)
SIMPLE_ACTS = st.one_of(
    PLAIN_ACTS,
    st.tuples(st.just("change_behind"), st.integers(4, 9)),
    st.tuples(st.just("duplicate"), st.none()),
    st.tuples(st.just("load"), SOME_NAMES),
)
TRANSACTIONS = st.tuples(
    st.sampled_from(["roll_back", "keep"]), st.lists(ACTS_IN_TRANSACTION, min_size=1, max_size=5)
)
ACTS = st.one_of(
    SIMPLE_ACTS,
    SIMPLE_ACTS,
    SIMPLE_ACTS,
    TRANSACTIONS,
    st.tuples(st.just("track"), st.lists(PLAIN_ACTS, max_size=4)),
)


class Undo(Exception):
    """Ends a savepoint."""


class Unstored(str):
    """The name of a file that is not stored yet: another file may have the same."""


def stored(value):
    """Return what the row has of a value."""
    return str(value) if type(value) is Unstored else copy.deepcopy(value)


def differs(name, old, new):
    if old is NOT_LOADED or type(new) is Unstored:
        return old is not new
    return plain(name, old) != plain(name, new)


def plain(name, value):
    """Return the value in a form in which equal means stored alike."""
    if name == "extra":
        return json.dumps(value, sort_keys=True)
    if name in FILES:
        return str(value)
    return bytes(value) if name == "digest" and value is not None else value


class Reference:
    """Does each act on an instance, and on plain dictionaries beside it."""

    def __init__(self, values, *, unnamed):
        values = {**values, **({"level": 7} if "level" in unnamed else {})}
        self.row = copy.deepcopy(values)
        self.instance = Article.objects.create(
            **attributes({name: value for name, value in values.items() if name not in unnamed})
        )
        self.key = self.instance.pk
        self.now, self.known = copy.deepcopy(values), copy.deepcopy(values)
        self.links = ()
        self.start = None
        self.undo = []

    def load(self, deferred):
        self.instance = Article.objects.defer(*deferred).get(pk=self.key)
        self.now = {name: copy.deepcopy(self.row[name]) for name in VALUES if name not in deferred}
        self.known = copy.deepcopy(self.now)
        assert self.instance.double == self.row["copies"] * 2

    def assign(self, name, value):
        setattr(self.instance, *attributes({name: copy.deepcopy(value)}).popitem())
        self.now[name] = value

    def append(self, name, word):
        self.read(name)
        getattr(self.instance, name).append(word)
        self.now[name] = [*self.now[name], word]

    def put_extra(self, word, value):
        self.read("extra")
        self.instance.extra[word] = copy.deepcopy(value)
        self.now["extra"] = {**self.now["extra"], word: value}

    def upload(self, name, word):
        setattr(self.instance, name, ContentFile(b"new", name=word))
        # Django makes a file of the model's own of it when it is read.
        assert getattr(self.instance, name).name == word
        self.now[name] = Unstored(word)

    def note_stored_files(self, names):
        """Take the names that the storage gave to the files which were to be saved."""
        for name in FILES:
            if name in names and type(self.now.get(name)) is Unstored:
                self.now[name] = getattr(self.instance, name).name

    def link(self, keys):
        self.instance.judges.set(keys)
        self.links = keys

    def read(self, name):
        getattr(self.instance, *attributes({name: None}))
        if name not in self.now:
            self.now[name] = self.known[name] = copy.deepcopy(self.row[name])
            self.learn(name)

    def save(self, names):
        for name in names or ():
            self.read(name)
        self.instance.save(update_fields=names)
        self.write(self.now if names is None else names)

    def save_changed(self):
        changed = set(self.expected(self.known))
        assert self.instance.save_changed() is bool(changed)
        self.write(changed)

    def fail_to_save(self):
        self.read("pages")
        pages, self.instance.pages = self.instance.pages, None
        with pytest.raises(IntegrityError), transaction.atomic():
            self.instance.save()
        self.instance.pages = pages
        self.note_stored_files(self.now)

    def write_in_bulk(self, names):
        for name in names:
            self.read(name)
        if names:
            Article.objects.bulk_update([self.instance], names)
        # Django stores no file then.
        self.write(names, stores_files=False)

    def write(self, names, *, stores_files=True):
        if stores_files:
            self.note_stored_files(names)
        for name in names:
            for undo in self.undo:
                undo.setdefault(name, self.known.get(name, NOT_LOADED))
            self.row[name] = self.known[name] = stored(self.now[name])

    def refresh(self, names):
        self.instance.refresh_from_db(fields=names)
        for name in list(self.now) if names is None else names:
            self.now[name] = copy.deepcopy(self.row[name])
            self.known[name] = copy.deepcopy(self.row[name])
            self.learn(name)

    def learn(self, name):
        if self.start is not None:
            self.start.setdefault(name, copy.deepcopy(self.row[name]))

    def change_behind(self, pages):
        Article.objects.filter(pk=self.key).update(pages=pages)
        self.row["pages"] = pages

    def duplicate(self, function):
        function = function or (lambda instance: pickle.loads(pickle.dumps(instance)))
        self.instance = function(self.instance)
        if function is not copy.copy:
            # Django's files leave their content behind, and take themselves for stored.
            self.now.update((name, str(self.now[name])) for name in FILES if name in self.now)

    def roll_back(self, acts):
        row, links = copy.deepcopy(self.row), self.links
        self.undo.append({})
        with pytest.raises(Undo), transaction.atomic():
            self.do_all(acts)
            raise Undo
        self.row, self.links = row, links
        self.known.update(self.undo.pop())

    def keep(self, acts):
        self.undo.append({})
        with transaction.atomic():
            self.do_all(acts)
        self.undo.pop()

    def track(self, acts):
        self.start, self.first_links = dict(self.now), self.links
        with track_changes(self.instance, relations=["judges"]):
            # A copy would know nothing of the block.
            self.do_all(act for act in acts if act[0] != "duplicate")
        self.start = None

    def do_all(self, acts):
        for name, *arguments in acts:
            getattr(self, name)(*arguments)
            self.compare()

    def compare(self):
        start = self.known if self.start is None else self.start
        diff = self.instance.diff
        assert self.instance.has_changed is bool(diff)
        if self.start is not None:
            # The database changes it with the copies, and each Django asks for it at another time.
            diff.pop("double", None)
        assert shown(diff) == shown(self.expected(start))

    def expected(self, start):
        known = {name: start.get(name, NOT_LOADED) for name in self.now}
        changes = {
            name: (known[name], value)
            for name, value in self.now.items()
            if differs(name, known[name], value)
        }
        if start is self.start and self.links != self.first_links:
            changes["judges"] = (self.first_links, self.links)
        return changes


def attributes(values):
    keys = {"writer": "writer_id", "editor": "editor_id"}
    return {keys.get(name, name): value for name, value in values.items()}


def shown(diff):
    return {
        name: tuple(value if value is NOT_LOADED else plain(name, value) for value in change)
        for name, change in diff.items()
    }


@settings(max_examples=60, deadline=None)
@given(
    first=st.fixed_dictionaries(VALUES),
    unnamed=st.sets(st.just("level")),
    acts=st.lists(ACTS, max_size=12),
)
def test_the_diff_is_that_of_a_plain_reference(first, unnamed, acts):
    Writer.objects.bulk_create(
        [Writer(pk=1, name="a"), Writer(pk=2, name="b")], ignore_conflicts=True
    )
    try:
        Reference(first, unnamed=unnamed).do_all(acts)
    finally:
        Article.objects.all().delete()


def test_the_model_has_a_field_of_every_type():
    present = [type(field) for field in Article._meta.get_fields(include_hidden=True)]
    # The keys of a row, which the database or Django itself gives.
    keys = {models.AutoField, models.SmallAutoField, models.OrderWrt}
    keys.add(getattr(models, "CompositePrimaryKey", None))
    missing = {
        kind
        for kind in vars(models).values()
        if isinstance(kind, type)
        and issubclass(kind, models.Field)
        and kind.system_check_removed_details is None
        and not any(issubclass(one, kind) for one in present)
    }
    assert missing <= keys
