"""One context tells who changes something, from where and why."""

import asyncio
import pickle
import threading
import uuid

import pytest
from django.test import override_settings
from django.utils.functional import SimpleLazyObject

from django_modernize.context import ChangeContext, change_context, get_context
from django_modernize.exceptions import InvalidContext, SettingsError
from tests.testapp.models import Ledger, Person


def test_without_a_context_the_source_is_the_default_and_the_actor_nobody():
    context = get_context()
    assert (context.source, context.actor, context.actor_id, context.actor_label) == (
        "system",
        None,
        None,
        "",
    )


def test_nested_contexts_inherit_what_they_do_not_name():
    with change_context(source="api", reason="outer") as outer:
        with change_context(reason="inner") as inner:
            assert get_context() is inner
            assert (inner.source, inner.reason) == ("api", "inner")
        assert get_context() is outer
    assert get_context().source == "system"


def test_the_context_ends_with_an_exception():
    with pytest.raises(ZeroDivisionError), change_context(reason="lost"):
        1 / 0  # noqa: B018
    assert get_context().reason == ""


def test_a_nested_context_can_name_nobody():
    with change_context(actor=Person(pk=1, username="ann")):
        with change_context(actor=None):
            assert get_context().actor_id is None
        assert get_context().actor_id == 1


def test_decorated_functions_run_in_their_context_each_time():
    @change_context(reason="decorated")
    def read(depth=0):
        return (get_context().reason, *(read(depth - 1) if depth else ()))

    assert read(depth=2) == ("decorated",) * 3
    assert get_context().reason == ""


def test_decorated_coroutine_functions_run_in_their_context():
    @change_context(reason="async")
    async def read():
        await asyncio.sleep(0)
        return get_context().reason

    async def read_both():
        with change_context(reason="other"):
            return await asyncio.gather(read(), read())

    assert asyncio.iscoroutinefunction(read)
    assert asyncio.run(read_both()) == ["async", "async"]


def test_a_thread_starts_without_the_context():
    seen = []
    with change_context(reason="here"):
        thread = threading.Thread(target=lambda: seen.append(get_context().reason))
        thread.start()
        thread.join()
    assert seen in ([""], ["here"])  # Python 3.14's free-threaded build hands it over
    assert seen


def test_a_context_can_be_handed_over_whole():
    context = ChangeContext(source="api", reason="why", request_id=uuid.uuid4())
    with change_context(reason="elsewhere"), change_context(context):
        assert get_context() == context


def test_a_context_survives_serialisation_without_looking_a_user_up():
    context = ChangeContext(
        actor=Person(pk=7, username="ann"),
        source="channel",
        reason="why",
        request_id=uuid.uuid4(),
        ip_address="2001:db8:0::1",
        user_agent="Browser",
    )
    for copy in (
        ChangeContext.from_dict(context.to_dict()),
        pickle.loads(pickle.dumps(context)),
        ChangeContext.from_dict(context.to_dict()).replace(),
    ):
        assert copy == context
        assert (copy.actor_id, copy.actor_label) == (7, "ann")


def test_an_anonymous_user_is_nobody():
    from django.contrib.auth.models import AnonymousUser

    context = ChangeContext(actor=AnonymousUser())
    assert (context.actor, context.actor_id, context.actor_label) == (None, None, "")


def test_a_callable_actor_is_asked_each_time():
    users = iter([None, Person(pk=3, username="late")])
    context = ChangeContext(actor=lambda: next(users))
    assert context.actor_id is None
    assert context.actor_id == 3


def test_an_actor_without_a_user_row_has_a_label():
    assert ChangeContext(actor_label="nightly import").actor_label == "nightly import"


def test_a_new_actor_does_not_keep_the_old_label():
    context = ChangeContext(actor_label="cron").replace(actor=Person(pk=1, username="ann"))
    assert context.actor_label == "ann"


ANN, BOB = Person(pk=1, username="ann"), Person(pk=2, username="bob")


@pytest.mark.parametrize("principal", [BOB, "bob", lambda: BOB])
def test_who_acts_for_somebody_else_is_the_actor_and_the_label_tells_both(principal):
    with change_context(actor=ANN), change_context(on_behalf_of=principal):
        context = get_context()
    for same in (context, ChangeContext.from_dict(context.to_dict())):
        assert (same.actor_id, same.actor_label) == (1, "ann as bob")


def test_who_acts_for_nobody_else_has_the_usual_label():
    for principal in (None, ANN, lambda: None):
        assert ChangeContext(actor=ANN, on_behalf_of=principal).actor_label == "ann"


def test_a_system_can_act_for_somebody():
    context = ChangeContext(actor_label="nightly import", on_behalf_of=BOB)
    assert (context.actor_id, context.actor_label) == (None, "nightly import as bob")


def test_a_new_actor_does_not_act_for_whom_the_old_one_did():
    with change_context(actor=ANN, on_behalf_of="eve"), change_context(actor=BOB):
        assert get_context().actor_label == "bob"


def test_two_long_names_are_cut_to_what_an_event_holds():
    context = ChangeContext(actor_label="a" * 150, on_behalf_of="b" * 150)
    assert len(context.actor_label) == 150


def test_a_lazy_user_is_not_looked_up_before_something_is_written():
    looked_up = []
    user = SimpleLazyObject(lambda: looked_up.append(1) or ANN)
    with change_context(actor=user):
        assert looked_up == []
        assert get_context().actor_id == 1


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"source": "fax"}, "source 'fax' is not known"),
        ({"source": 5}, "source must be text"),
        ({"source": "x" * 51}, "at most 50"),
        ({"reason": None}, "reason must be text, not NoneType"),
        ({"reason": "nul \x00"}, "NUL"),
        ({"request_id": "17"}, "request_id must be a UUID"),
        ({"ip_address": "localhost"}, "must be an IP address"),
        ({"user_agent": b"x"}, "user_agent must be text"),
        ({"actor_label": "x" * 151}, "at most 150"),
        ({"reason": "half \ud83d"}, "half a surrogate pair"),
        ({"actor": "ann"}, "actor must be a user, a callable or None, not str"),
        ({"actor": Ledger(pk=1)}, "actor is a Ledger, and its primary key would be mistaken for"),
        ({"on_behalf_of": 7}, "on_behalf_of must be a user"),
        ({"on_behalf_of": "x" * 151}, "at most 150"),
    ],
)
def test_a_context_that_could_not_travel_is_refused_where_it_is_set(values, message):
    with pytest.raises(InvalidContext, match=message):
        change_context(**values)


def test_an_unknown_source_is_refused_with_the_line_that_would_add_it():
    with pytest.raises(InvalidContext, match=r'MODERNIZE = \{"SOURCES": \{\'fax\''):
        ChangeContext(source="fax")
    with override_settings(MODERNIZE={"SOURCES": {"fax": "Fax"}}):
        assert ChangeContext(source="fax").source == "fax"


def test_a_context_cannot_be_changed():
    with pytest.raises(AttributeError, match=r"change_context\(reason=...\)"):
        ChangeContext().reason = "changed"


def test_a_long_user_agent_is_cut_and_not_refused():
    assert len(ChangeContext(user_agent="x" * 2000).user_agent) == 500


@override_settings(MODERNIZE={"DEFAULT_SORUCE": "system"})
def test_a_misspelt_setting_is_refused_by_name():
    with pytest.raises(SettingsError, match="DEFAULT_SORUCE"):
        ChangeContext()


def test_contexts_that_say_the_same_are_equal_and_count_once():
    request_id = uuid.uuid4()
    one, two = (ChangeContext(reason="same", request_id=request_id) for _ in range(2))
    assert one == two
    assert len({one, two}) == 1
    assert one != ChangeContext(reason="other", request_id=request_id)
    assert one != "same"


def test_a_context_shows_whence_and_why_and_nobody_s_name():
    person = Person(pk=1, username="ann")
    shown = repr(ChangeContext(actor=person, source="api", reason="moved"))
    assert shown == "ChangeContext(source='api', reason='moved', request_id=None)"


@pytest.mark.django_db
def test_an_actor_who_is_known_by_key_alone_is_looked_up():
    person = Person.objects.create(username="ann")
    handed = ChangeContext.from_dict(ChangeContext(actor=person).to_dict())
    assert handed.actor == person
    person.delete()
    assert handed.actor is None
