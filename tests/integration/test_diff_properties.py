"""The diff says what a plain reference says, after any sequence of acts on an instance."""

import copy
import datetime as dt
import json
import pickle

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from django_modernize.diff import NOT_LOADED, track_changes
from tests.testapp.models import Article, Writer

pytestmark = pytest.mark.django_db

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
    "writer": st.none() | st.sampled_from([1, 2]),
}
NAMES = st.sampled_from(sorted(VALUES))
SOME_NAMES = st.lists(NAMES, max_size=4, unique=True)
ASSIGNMENTS = NAMES.flatmap(lambda name: st.tuples(st.just("assign"), st.just(name), VALUES[name]))
WRITES = (
    st.tuples(st.just("save"), st.none() | SOME_NAMES),
    st.tuples(st.just("save_changed")),
    st.tuples(st.just("write_in_bulk"), SOME_NAMES),
)
ACTS_IN_TRANSACTION = st.one_of(
    ASSIGNMENTS,
    ASSIGNMENTS,
    st.tuples(st.just("append_tag"), WORDS),
    st.tuples(st.just("put_extra"), WORDS, JSON),
    st.tuples(st.just("read"), NAMES),
    *WRITES,
    st.tuples(st.just("fail_to_save")),
    st.tuples(st.just("refresh"), st.none() | SOME_NAMES),
    st.tuples(st.just("duplicate"), st.sampled_from([copy.copy, copy.deepcopy])),
)
SIMPLE_ACTS = st.one_of(
    ACTS_IN_TRANSACTION,
    st.tuples(st.just("change_behind"), st.integers(4, 9)),
    st.tuples(st.just("duplicate"), st.none()),
    st.tuples(st.just("load"), SOME_NAMES),
)
ACTS = st.one_of(
    SIMPLE_ACTS,
    SIMPLE_ACTS,
    SIMPLE_ACTS,
    st.tuples(st.just("roll_back"), st.lists(ACTS_IN_TRANSACTION, max_size=4)),
    st.tuples(st.just("track"), st.lists(ACTS_IN_TRANSACTION, max_size=4)),
)


class Undo(Exception):
    """Ends a savepoint."""


def plain(name, value):
    """Return the value in a form in which equal means stored alike."""
    if name == "extra":
        return json.dumps(value, sort_keys=True)
    if name == "scan":
        return str(value)
    return bytes(value) if name == "digest" and value is not None else value


class Reference:
    """Does each act on an instance, and on plain dictionaries beside it."""

    def __init__(self, values):
        self.row = copy.deepcopy(values)
        self.key = Article.objects.create(**attributes(values)).pk
        self.start = None
        self.undo = {}
        self.load([])

    def load(self, deferred):
        self.instance = Article.objects.defer(*deferred).get(pk=self.key)
        self.now = {name: copy.deepcopy(self.row[name]) for name in VALUES if name not in deferred}
        self.known = copy.deepcopy(self.now)

    def assign(self, name, value):
        setattr(self.instance, *attributes({name: copy.deepcopy(value)}).popitem())
        self.now[name] = value

    def append_tag(self, word):
        self.read("tags")
        self.instance.tags.append(word)
        self.now["tags"] = [*self.now["tags"], word]

    def put_extra(self, word, value):
        self.read("extra")
        self.instance.extra[word] = copy.deepcopy(value)
        self.now["extra"] = {**self.now["extra"], word: value}

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

    def write_in_bulk(self, names):
        for name in names:
            self.read(name)
        if names:
            Article.objects.bulk_update([self.instance], names)
        self.write(names)

    def write(self, names):
        for name in names:
            self.undo.setdefault(name, self.known.get(name, NOT_LOADED))
            self.row[name] = copy.deepcopy(self.now[name])
            self.known[name] = copy.deepcopy(self.now[name])

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

    def roll_back(self, acts):
        row, self.undo = copy.deepcopy(self.row), {}
        with pytest.raises(Undo), transaction.atomic():
            self.do_all(acts)
            raise Undo
        self.row = row
        self.known.update(self.undo)

    def track(self, acts):
        self.start = copy.deepcopy(self.now)
        with track_changes(self.instance):
            # A copy would know nothing of the block.
            self.do_all(act for act in acts if act[0] != "duplicate")
        self.start = None

    def do_all(self, acts):
        for name, *arguments in acts:
            getattr(self, name)(*arguments)
            self.compare()

    def compare(self):
        start = self.known if self.start is None else self.start
        expected = self.expected(start)
        assert shown(self.instance.diff) == shown(expected)
        assert self.instance.has_changed is bool(expected)

    def expected(self, start):
        known = {name: start.get(name, NOT_LOADED) for name in self.now}
        return {
            name: (known[name], value)
            for name, value in self.now.items()
            if known[name] is NOT_LOADED or plain(name, known[name]) != plain(name, value)
        }


def attributes(values):
    return {"writer_id" if name == "writer" else name: value for name, value in values.items()}


@settings(max_examples=80, deadline=None)
@given(first=st.fixed_dictionaries(VALUES), acts=st.lists(ACTS, max_size=12))
def test_the_diff_is_that_of_a_plain_reference(first, acts):
    with transaction.atomic():
        Writer.objects.bulk_create([Writer(pk=1, name="a"), Writer(pk=2, name="b")])
        reference = Reference(first)
        reference.do_all(acts)
        transaction.set_rollback(True)


def shown(diff):
    return {
        name: tuple(value if value is NOT_LOADED else plain(name, value) for value in change)
        for name, change in diff.items()
    }
