"""The second language is there in full, and compiled: in AriStay and in the library."""

import ast
import gettext
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django import __file__ as django_file
from django.apps import apps
from django.utils import timezone, translation
from django.utils.formats import date_format

from api.models import (
    Booking,
    BookingImportLog,
    BookingImportPlanRow,
    BookingImportRow,
    CalendarEvent,
)
from api.services.days import name_day, name_day_and_year
from django_modernize.autotasks import Action
from django_modernize.autotasks.forms import describe_counts
from django_modernize.autotasks.subjects import get_subject

ROOT = Path(__file__).parents[2]
MARKS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"}
FOLDERS = [
    ROOT / "example_project" / "locale" / "de" / "LC_MESSAGES",
    ROOT / "src" / "django_modernize" / "locale" / "de" / "LC_MESSAGES",
]
ENTRY = re.compile(
    r'^(?P<context>msgctxt ".*"\n)?'
    r'msgid (?P<id>(?:".*"\n)+)(?:msgid_plural (?P<plural>(?:".*"\n)+))?'
    r'(?P<texts>(?:msgstr(?:\[\d\])? (?:".*"\n?)+)+)',
    re.MULTILINE,
)

BETTER_THAN_DJANGOS = {"Administration", "History", "Save", "Search", "Show all", "Type", "active"}


@pytest.fixture(scope="module", params=FOLDERS, ids=["aristay", "library"])
def folder(request):
    return request.param


def read_entries(folder):
    """Return each text of the source, singular and plural, with its translations."""
    content = (folder / "django.po").read_text()
    for entry in ENTRY.finditer(content):
        texts = re.findall(r'msgstr(?:\[\d\])? ((?:".*"\n?)+)', entry["texts"])
        sources = [entry["id"], entry["plural"] or entry["id"]]
        yield [join(one) for one in sources], [join(text) for text in texts]


def read_texts(folder):
    """Return each text of the source with its translations."""
    return ((sources[0], texts) for sources, texts in read_entries(folder))


def read_catalogue(folder):
    with (folder / "django.mo").open("rb") as file:
        return gettext.GNUTranslations(file)


def list_words_without_context(folder):
    content = (folder / "django.po").read_text()
    return {join(one["id"]) for one in ENTRY.finditer(content) if not one["context"]}


def join(lines):
    return "".join(ast.literal_eval(line) for line in lines.strip().splitlines())


@pytest.fixture(scope="module")
def texts(folder):
    found = dict(read_texts(folder))
    assert len(found) > 200
    return {source: translated for source, translated in found.items() if source}


def test_every_text_has_a_german_one(texts):
    assert [source for source, translated in texts.items() if not all(translated)] == []


def test_no_german_text_is_a_guess_of_the_program(folder):
    assert "fuzzy" not in (folder / "django.po").read_text()


def test_the_german_names_the_same_values(folder):
    def names(text):
        return set(re.findall(r"%\(\w+\)[sd]|%[sd]", text))

    wrong = [
        sources[0]
        for sources, german in read_entries(folder)
        for source, text in zip(sources, german, strict=False)
        if names(source) != names(text)
    ]
    assert wrong == []


def test_what_is_compiled_is_what_is_written(folder, texts):
    compiled = read_catalogue(folder)
    plain = list_words_without_context(folder)
    stale = [
        source
        for source, german in texts.items()
        if source in plain
        and compiled.gettext(source) not in german
        and compiled.ngettext(source, source, 1) not in german
    ]
    assert stale == []


def list_marked(folder):
    """Yield the texts that are marked for translation, of programs and of pages."""
    root = folder.parents[2]
    for path in root.rglob("*.py"):
        if "legacy" not in path.parts:
            yield from list_marked_calls(ast.parse(path.read_text()))
    for path in root.rglob("*.html"):
        yield from re.findall(r"{% translate \"(.*?)\"", path.read_text())


def list_marked_calls(tree):
    for call in ast.walk(tree):
        is_mark = isinstance(call, ast.Call) and getattr(call.func, "id", "") in MARKS
        if is_mark and call.args and isinstance(call.args[0], ast.Constant):
            yield call.args[0].value


def test_every_marked_text_is_in_the_catalogue(folder):
    known = {source for source, _texts in read_texts(folder)}
    assert {text for text in list_marked(folder) if isinstance(text, str)} - known == set()


def list_names():
    for model in apps.get_app_config("api").get_models():
        options = model._meta
        yield from (options.verbose_name, options.verbose_name_plural)
        yield from (field.verbose_name for field in options.fields + options.many_to_many)


def test_what_models_and_fields_are_called_has_a_german_word():
    with translation.override("en"):
        names = {str(name) for name in list_names()}
    known = {source for folder in FOLDERS for source, _texts in read_texts(folder)}
    with translation.override("de"):
        english = {name for name in names - known if translation.gettext(name) == name}
    assert english == set()


def test_what_a_form_says_of_a_field_has_a_german_sentence():
    fields = [
        field
        for model in apps.get_app_config("api").get_models()
        for field in model._meta.local_fields + model._meta.local_many_to_many
        if re.search("[a-z]", str(field.help_text))
    ]
    with translation.override("en"):
        english = {field: str(field.help_text) for field in fields}
    with translation.override("de"):
        same = [str(field) for field in fields if str(field.help_text) == english[field]]
    assert same == []


def test_migrations_do_not_notice_in_which_language_names_are_read():
    with translation.override("de"):
        assert str(Booking._meta.verbose_name_plural) == "Buchungen"
        assert str(Booking._meta.get_field("guest_name").verbose_name) == "Gast"
        _name, _path, _args, options = Booking._meta.get_field("same_day_flag").deconstruct()
        assert options["verbose_name"] == "same-day turnover"


def test_a_german_day_is_written_with_the_name_of_its_month():
    days = [date(2026, month, 3) for month in range(1, 13)]
    with translation.override("de"):
        assert name_day(days[4]) == "3. Mai"
        assert name_day_and_year(days[2]) == "3. März 2026"
        assert [date_format(day, "j. M") for day in days][4] == "3. Mai"


def test_our_words_say_what_djangos_do_where_both_have_them(folder):
    """A word without a context counts on Django's pages too: "may" is a month there."""
    django = Path(django_file).parent
    ours = read_catalogue(folder)
    parts = ("conf", "contrib/admin", "contrib/auth")
    others = [read_catalogue(django / part / "locale/de/LC_MESSAGES") for part in parts]
    other = {
        word
        for word in list_words_without_context(folder) - {""}
        for one in others
        if one.gettext(word) not in (word, ours.gettext(word))
    }
    assert other <= BETTER_THAN_DJANGOS


def test_a_stay_is_named_with_the_days_of_the_reader():
    stay = Booking(
        guest_name="Ada",
        check_in=datetime(2026, 12, 18, 21, tzinfo=UTC),
        check_out=datetime(2026, 12, 21, 15, tzinfo=UTC),
    )
    with translation.override("de"):
        assert str(stay) == "Ada, 18.12.2026 bis 21.12.2026"
    with translation.override("en"):
        assert str(stay) == "Ada, 2026-12-18 to 2026-12-21"


def test_an_import_and_an_event_are_named_with_the_days_of_the_reader():
    log = BookingImportLog(file_name="a.xlsx", imported_at=datetime(2026, 12, 18, 9, 5, tzinfo=UTC))
    event = CalendarEvent(starts_on=date(2026, 12, 18), ends_on=date(2026, 12, 21))
    row = BookingImportRow(row_number=3, outcome="refused")
    with timezone.override(UTC), translation.override("de"):
        assert str(log) == "a.xlsx, 18.12.2026 09:05"
        assert str(event) == "18.12.2026 bis 21.12.2026"
        assert str(row) == "Zeile 3: abgelehnt"
    with timezone.override(UTC), translation.override("en"):
        assert str(log) == "a.xlsx, 2026-12-18 09:05"
        assert str(event) == "2026-12-18 to 2026-12-21"


def test_no_style_sheet_says_words_in_one_language():
    sheets = (ROOT / "example_project" / "api" / "static" / "api").glob("*.css")
    said = [text for one in sheets for text in re.findall(r'content: "(.*?)"', one.read_text())]
    assert said
    assert [text for text in said if re.search(r"[a-z]{2}", text, re.IGNORECASE)] == []


def test_tasks_are_counted_in_words_that_fit_the_number():
    with translation.override("de"):
        assert describe_counts({Action.CREATE: 1}) == "1 neue Aufgabe"
        assert describe_counts({Action.CREATE: 88}) == "88 neue Aufgaben"


def test_a_row_of_an_import_names_fields_as_the_reader_does():
    row = BookingImportPlanRow(changes={"guest_name": ["Ada", "Ada Lee"], "gone_field": ["", "1"]})
    with translation.override("de"):
        assert row.differences == [("Gast", "Ada", "Ada Lee"), ("gone field", "", "1")]
        assert row.takeable == [("guest_name", "Gast"), ("gone_field", "gone field")]


def test_what_rules_compare_has_a_german_name():
    fields = get_subject("booking").fields.values()
    with translation.override("en"):
        english = {field.name: str(field.label) for field in fields}
    with translation.override("de"):
        same = [field.name for field in fields if str(field.label) == english[field.name]]
    assert same == []
