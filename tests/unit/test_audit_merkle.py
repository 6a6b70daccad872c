"""The tree behind a seal, and the digests that are its leaves."""

import json
from hashlib import sha256, shake_256

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from django_modernize.audit.changes import (
    join_members,
    parse_changes,
    render_changes,
    split_members,
)
from django_modernize.audit.ledger import batches
from django_modernize.audit.ledger.batches import digest_contexts, digest_events
from django_modernize.audit.ledger.digests import (
    SALT_BYTES,
    EventRow,
    derive_salts,
    digest_context,
    digest_event,
    digest_parts,
    find_context,
    seal_salt,
)
from django_modernize.audit.ledger.manifests import pack_manifest, split_digests, unpack_manifest
from django_modernize.audit.ledger.merkle import compute_root, find_path, follow_path

LEAVES = st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=70)
NAMES = st.text(max_size=4)
SALTS = st.binary(min_size=16, max_size=16)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def split_tree(leaves):
    """Return the root as RFC 6962 defines it: split at the largest power of two below the size."""
    if len(leaves) == 1:
        return leaves[0]
    size = 1
    while size * 2 < len(leaves):
        size *= 2
    return sha256(b"\x01" + split_tree(leaves[:size]) + split_tree(leaves[size:])).digest()


@given(LEAVES)
def test_the_root_is_that_of_the_standard(leaves):
    assert compute_root(leaves) == split_tree(leaves)


@given(LEAVES, st.data())
def test_each_leaf_leads_to_the_root_and_another_does_not(leaves, data):
    index = data.draw(st.integers(0, len(leaves) - 1))
    path = find_path(leaves, index)
    assert follow_path(leaves[index], path) == compute_root(leaves)
    other = sha256(leaves[index]).digest()
    assert follow_path(other, path) != compute_root(leaves)


@given(st.lists(st.integers(1, 2**40), unique=True, max_size=50).map(sorted))
def test_a_manifest_gives_back_what_was_put_in(numbers):
    leaves = [sha256(str(number).encode()).digest() for number in numbers]
    unpacked, digests = unpack_manifest(pack_manifest(numbers, leaves))
    assert (unpacked, split_digests(digests)) == (numbers, leaves)


def test_a_manifest_that_was_cut_is_refused():
    manifest = pack_manifest([1, 2], [bytes(32), bytes(32)])
    for length in (4, 12, len(manifest) - 1):
        with pytest.raises(ValueError, match=r"cannot be read|a different number"):
            unpack_manifest(manifest[:length])


@given(st.lists(st.text(), min_size=1, max_size=8), SALTS, st.data())
def test_erasing_values_changes_no_digest(parts, salt, data):
    erased = data.draw(st.sets(st.integers(0, len(parts) - 1)))
    kept_salt = seal_salt(parts, salt, erased)
    left = ["gone" if position in erased else part for position, part in enumerate(parts)]
    assert digest_parts(left, kept_salt) == digest_parts(parts, salt)


@given(st.lists(st.text(), min_size=2, max_size=8), SALTS)
def test_values_can_be_erased_one_after_the_other(parts, salt):
    once = seal_salt(parts, salt, [0])
    twice = seal_salt(["gone", *parts[1:]], once, [1])
    assert digest_parts(["gone", "gone", *parts[2:]], twice) == digest_parts(parts, salt)


@given(st.text(), st.text(), SALTS)
def test_an_erased_value_cannot_be_put_back_as_another(part, other, salt):
    kept = seal_salt([part, "kept"], salt, [0])
    if other != "kept":
        assert digest_parts([part, other], kept) != digest_parts([part, "kept"], salt)


@given(SALTS, st.integers(1, 2**40))
def test_the_digest_of_an_event_depends_on_its_number(salt, number):
    event = EventRow(number, "header", None, '{"a":[1,2]}', salt)
    assert digest_event(event, b"") != digest_event(event._replace(id=number + 1), b"")


@st.composite
def write_changes(draw):
    """Return the text and the salt of an event, some of whose values may be erased."""
    members = draw(st.lists(st.tuples(NAMES, JSON), max_size=4))
    pieces = [f"{json.dumps(name)}:{json.dumps(value)}" for name, value in members]
    text = join_members(draw(st.sampled_from(["", "", "new", "old"])), pieces)
    salt = draw(SALTS)
    if pieces and draw(st.booleans()):
        salt = seal_salt(pieces, salt, draw(st.sets(st.integers(0, len(pieces) - 1))))
    return text, salt


@example(("old a:s(1)", bytes(16)), "", None, 1)
@example(('new a:s,b:j("1,2",3)', bytes(16)), "", 1, 1)
@given(
    write_changes()
    | st.tuples(
        # What no trigger writes, but whoever owns the database may.
        st.sampled_from(
            ["", "{}", "{", '{"new":{', '{"new":{}}', "[1]", "\udcff\udcfe", '{"a":1,\n "b"']
        )
        | st.text(max_size=9),
        st.binary(max_size=34),
    ),
    st.text(max_size=9),
    st.sampled_from([None, 1, 2]),
    st.integers(),
)
def test_the_quick_way_gives_the_digest_of_the_plain_one(content, header, context_id, number):
    changes, salt = content
    event = EventRow(number, header, context_id, changes, salt)
    contexts = {1: digest_context(1, ["somebody"], b"")}
    expected = digest_event(event, find_context(context_id, contexts))
    assert digest_events([event], contexts, b"") == [expected]
    if len(salt) == SALT_BYTES:
        assert digest_events([event._replace(salt=None)], contexts, salt) == [expected]


LIKELY_CHANGES = st.sampled_from(
    [
        '{"a":[1,2]}',
        '{"b":["x","é"]}',
        '{"c":[null,{"d":{"e":1}}]}',
        "new a:s(1)",
        '{"new":{"a":1}}',
        '{"a":[1,2],\n "b":[3,4]}',
        "{}",
        "",
        "{\0}",
        '{"new":{"a"}}',
        # Put together with others these look as if they were other members, or fewer.
        '{"a":1}\0{"b":2}',
        '{"a":1',
        '"b":2}',
    ]
)


@given(
    st.lists(st.tuples(LIKELY_CHANGES, st.none() | SALTS), min_size=1, max_size=9),
    st.sampled_from([1, 300]),
    SALTS,
)
def test_many_events_have_the_digests_of_each(contents, times, salt):
    events = [
        (number, "a,b", None, changes, own)
        for number, (changes, own) in enumerate(contents * times)
    ]
    expected = [
        digest_event(EventRow(number, header, None, changes, own or salt), b"")
        for number, header, _, changes, own in events
    ]
    assert digest_events(events, {}, salt * len(events)) == expected


@pytest.mark.parametrize("changes", ['{"a":1}\0{"b":2}', '{"a":[1,2],\n "b":[3,4]}', "new a:s(1)"])
def test_an_event_that_looks_like_several_has_its_own_digest(changes):
    event = EventRow(1, "a,b", None, changes, bytes(SALT_BYTES))
    expected = [digest_event(event, b"")]
    assert digest_events([event._replace(salt=None)], {}, bytes(SALT_BYTES)) == expected


def test_two_halves_of_an_event_are_not_taken_for_one():
    events = [(1, "a,b", None, '{"a":1', None), (2, "a,b", None, '"b":2}', None)]
    salt = bytes(SALT_BYTES)
    expected = [digest_event(EventRow(*event[:4], salt), b"") for event in events]
    assert digest_events(events, {}, salt * 2) == expected


def test_only_events_that_are_not_like_the_others_are_hashed_singly(monkeypatch):
    singly = []

    def digest_singly(event, context):
        singly.append(event.id)
        return digest_event(event, context)

    monkeypatch.setattr(batches, "digest_event", digest_singly)
    alike = [(number, "a,b", None, '{"a":[1,2]}', None) for number in range(1, 10)]
    digest_events(alike, {}, bytes(SALT_BYTES * 9))
    assert singly == []
    alike[3] = (4, "a,b", None, '{"a":[1,2],\n "b":[3,4]}', None)
    alike[5] = (6, "a,b", None, '{"a":[1,2]}', bytes(SALT_BYTES))
    digest_events(alike, {}, bytes(SALT_BYTES * 9))
    assert singly == [4, 6]


def test_bytes_that_are_no_text_have_the_digest_of_these_bytes():
    salt = bytes(SALT_BYTES)
    expected = sha256(bytes(32) + b"\xff").digest()
    assert digest_parts(["\udcff"], salt) == [expected]


@given(st.lists(st.text(), min_size=5, max_size=5), SALTS | st.just(b""), st.integers(1, 2**62))
def test_many_contexts_have_the_digests_of_each(values, salt, number):
    expected = digest_context(number, values, salt)
    assert digest_contexts([(number, *values, salt or None)]) == {number: expected}
    erased = seal_salt(values, salt, [0])
    assert digest_contexts([(number, "gone", *values[1:], erased)]) == {number: expected}


@given(st.integers(2, 40), SALTS)
def test_no_two_values_of_an_event_have_the_same_salt(count, salt):
    assert len({*derive_salts(salt, count), salt}) == count + 1


def test_a_digest_is_what_it_was_on_the_day_the_format_was_fixed():
    salt, context = bytes(range(16)), sha256(b"context").digest()
    one = EventRow(7, "header", 1, '{"a":[1,2]}', salt)
    member = sha256(salt + bytes(16) + b'"a":[1,2]').digest()
    assert digest_event(one, context) == sha256(b"\x007,header,,1," + context + member).digest()
    two = EventRow(8, "header", 1, '{"new":{"a":1,\n "b":2}}', salt)
    stream = shake_256(salt).digest(64)
    members = sha256(stream[:32] + b'"a":1').digest() + sha256(stream[32:] + b'"b":2').digest()
    assert digest_event(two, context) == sha256(b"\x008,header,new,2," + context + members).digest()


@given(st.dictionaries(st.text(), st.tuples(JSON, JSON).map(list), max_size=5))
def test_changes_survive_being_written_and_taken_apart(changes):
    text = render_changes(changes)
    side, members = split_members(text)
    assert parse_changes(text) == changes
    assert join_members(side, members) == text
    assert side == ""
    assert len(members) == len(changes)


@given(st.dictionaries(st.text(), JSON, min_size=1, max_size=5), st.sampled_from(["new", "old"]))
def test_values_of_one_side_are_taken_apart_with_and_without_line_feeds(values, side):
    bare = ",".join(f"{json.dumps(name)}:{json.dumps(value)}" for name, value in values.items())
    text = f'{{"{side}":{{{bare}}}}}'
    assert split_members(text) == (
        side,
        [f"{json.dumps(name)}:{json.dumps(value)}" for name, value in values.items()],
    )
