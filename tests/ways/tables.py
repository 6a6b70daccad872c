"""Tables, keys and names of every kind."""

import uuid

from django.db import connection

from django_modernize.audit import history
from tests.testapp.models import (
    Audio,
    Bookcase,
    Media,
    MediaProxy,
    Oddity,
    Reader,
    Seat,
    Survey,
)

from .walk import Gone, created, deleted, forget, key_value, updated, way


@way
def a_key_that_changes(first, second):
    Bookcase.objects.create(code="C")
    forget()
    Bookcase.objects.filter(code="C").update(code="D")
    if connection.vendor == "sqlite":
        return [updated(Bookcase(code="D"), code=("C", "D"))]
    return [created(Bookcase(code="D"), code="D"), deleted(Gone(Bookcase(code="C")), code="C")]


@way
def create_of_a_child_in_two_tables(first, second):
    audio = Audio.objects.create(title="tape", minutes=5)
    return [created(Media(pk=audio.pk), title="tape"), created(audio, minutes=5)]


@way
def save_of_a_child_in_two_tables(first, second):
    audio = Audio.objects.create(title="tape", minutes=5)
    forget()
    audio.title, audio.minutes = "disc", 6
    audio.save()
    return [
        updated(Media(pk=audio.pk), title=("tape", "disc")),
        updated(audio, minutes=(5, 6)),
    ]


@way
def update_of_a_childs_parent(first, second):
    audio = Audio.objects.create(title="tape", minutes=5)
    forget()
    Audio.objects.update(title="disc")
    assert history(audio).count() == 1
    return [updated(Media(pk=audio.pk), title=("tape", "disc"))]


@way
def delete_of_a_child_in_two_tables(first, second):
    audio = Audio.objects.create(title="tape", minutes=5)
    forget()
    gone = [Gone(audio), Gone(Media(pk=audio.pk))]
    audio.delete()
    return [deleted(gone[0], minutes=5), deleted(gone[1], title="tape")]


@way
def save_of_a_proxy(first, second):
    media = MediaProxy.objects.create(title="tape")
    media.title = "disc"
    media.save()
    return [created(media, title="tape"), updated(media, title=("tape", "disc"))]


@way
def values_that_the_database_makes(first, second):
    survey = Survey.objects.create(low=1, high=4)
    Survey.objects.update(high=9)
    return [
        created(survey, low=1, high=4, span=3, unit="cm"),
        updated(survey, high=(4, 9), span=(3, 8)),
    ]


@way
def a_key_of_two_columns(first, second):
    seat = Seat.objects.create(row="A", number=1)
    seat.taken = True
    seat.save()
    other = Seat(row="A", number=2)
    Seat.objects.bulk_create([other])
    gone = Gone(seat)
    seat.delete()
    return [
        created(gone, row="A", number=1, taken=False),
        updated(gone, taken=(False, True)),
        created(other, number=2),
        deleted(gone, taken=True),
    ]


@way
def names_that_want_quoting(first, second):
    oddity = Oddity.objects.create(select="it's", größe=1)
    Oddity.objects.update(größe=2)
    Oddity.objects.bulk_update([oddity], ["select"])
    gone = Gone(oddity)
    oddity.delete()
    return [
        created(gone, select="it's", größe=1),
        updated(gone, größe=(1, 2)),
        deleted(gone, select="it's", größe=2),
    ]


@way
def a_key_that_python_makes(first, second):
    reader = Reader.objects.create(name="Eve")
    Reader.objects.filter(pk=reader.pk).update(name="Eva")
    gone = Gone(reader)
    reader.delete()
    return [
        created(gone, id=key_value(reader.pk or uuid.UUID(gone.key)), name="Eve"),
        updated(gone, name=("Eve", "Eva")),
        deleted(gone, name="Eva"),
    ]


@way
def bulk_operations_on_a_key_of_two_columns(first, second):
    seats = Seat.objects.bulk_create([Seat(row="B", number=n) for n in (1, 2)])
    Seat.objects.filter(row="B").update(taken=True)
    seats[0].taken = False
    Seat.objects.bulk_update(seats[:1], ["taken"])
    return [
        created(seats[0], row="B", number=1, taken=False),
        created(seats[1], row="B", number=2, taken=False),
        updated(seats[0], taken=(False, True)),
        updated(seats[1], taken=(False, True)),
        updated(seats[0], taken=(True, False)),
    ]


@way
def delete_of_a_childs_parent(first, second):
    audio = Audio.objects.create(title="tape", minutes=5)
    forget()
    gone = [Gone(audio), Gone(Media(pk=audio.pk))]
    Media.objects.get(pk=audio.pk).delete()
    return [deleted(gone[0], minutes=5), deleted(gone[1], title="tape")]


@way
def a_child_that_is_kept_without_its_parents_fields(first, second):
    media = Media.objects.create(title="tape")
    forget()
    audio = Audio(media_ptr_id=media.pk, minutes=3)
    audio.save_base(raw=True)
    return [created(audio, minutes=3)]


@way
def update_and_delete_of_a_proxy(first, second):
    media = Media.objects.create(title="tape")
    forget()
    gone = Gone(media)
    MediaProxy.objects.update(title="disc")
    MediaProxy.objects.all().delete()
    return [updated(gone, title=("tape", "disc")), deleted(gone, title="disc")]


@way
def bulk_create_of_values_that_the_database_makes(first, second):
    Survey.objects.bulk_create([Survey(low=1, high=2), Survey(low=1, high=3, unit="m")])
    one, two = Survey.objects.order_by("pk")
    return [created(one, span=1, unit="cm"), created(two, span=2, unit="m")]
