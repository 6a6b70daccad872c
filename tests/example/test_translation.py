"""The second language is there in full, and compiled: in AriStay and in the library."""

import ast
import gettext
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.utils import translation

from api.models import Booking

ROOT = Path(__file__).parents[2]
FOLDERS = [
    ROOT / "example_project" / "locale" / "de" / "LC_MESSAGES",
    ROOT / "src" / "django_modernize" / "locale" / "de" / "LC_MESSAGES",
]
ENTRY = re.compile(
    r'^msgid (?P<id>(?:".*"\n)+)(?:msgid_plural (?P<plural>(?:".*"\n)+))?'
    r'(?P<texts>(?:msgstr(?:\[\d\])? (?:".*"\n?)+)+)',
    re.MULTILINE,
)


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
    with (folder / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    contexts = {"M j", "M j, Y"}
    stale = [
        source
        for source, german in texts.items()
        if source not in contexts
        and compiled.gettext(source) not in german
        and compiled.ngettext(source, source, 1) not in german
    ]
    assert stale == []


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


def test_migrations_do_not_notice_in_which_language_names_are_read():
    with translation.override("de"):
        assert str(Booking._meta.verbose_name_plural) == "Buchungen"
        assert str(Booking._meta.get_field("guest_name").verbose_name) == "Gast"
        _name, _path, _args, options = Booking._meta.get_field("same_day_flag").deconstruct()
        assert options["verbose_name"] == "same-day turnover"
