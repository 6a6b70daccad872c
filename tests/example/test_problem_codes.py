"""Whatever word something is refused with stands in the documentation and the OpenAPI document."""

import ast
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pytest
from django.apps import apps
from drf_spectacular.generators import SchemaGenerator
from rest_framework.exceptions import APIException

from api import models, rest, services
from api.rest.codes import PROBLEM_CODES, VALUE_CODES
from api.rest.failure import DETAILS
from django_modernize import autotasks
from django_modernize.uploads.codes import RefusalCode

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "api/rest.md").read_text()
UPLOADS = (DOCS / "features/uploads.md").read_text()

OF_FRAMEWORKS = {"invalid", "invalid_choice", "required", "unique"}
"""What Django and its REST framework say of any value."""

NEVER_ANSWERED = {
    "throttled": "answered as the problem of that name",
    "rules_invalid": "of files of rules, which the admin and a command read",
}


@cache
def read_modules(*packages):
    """Return what is written in the modules of some packages."""
    files = [file for one in packages for file in sorted(Path(one.__path__[0]).rglob("*.py"))]
    # Pages have words of their own, which stay where they are shown.
    return [ast.parse(file.read_text()) for file in files if not {"admin", "forms"} & {*file.parts}]


def name_of(call):
    """Return what a call calls; the base of an error is called by the name of its own method."""
    return getattr(call.func, "attr", None) or getattr(call.func, "id", "")


def list_sayers(module):
    """Return the functions of a module whose first argument is a code."""
    return {
        one.name
        for one in ast.walk(module)
        if isinstance(one, ast.FunctionDef) and one.args.args and one.args.args[0].arg == "code"
    }


def list_given(modules, kinds):
    """Yield the words that are given to what makes errors: second, or by the name ``code``."""
    for call in list_calls(modules):
        given = [one.value for one in call.keywords if one.arg == "code"]
        yield from name_words([*given, *call.args[1:2]] if name_of(call) in kinds else [])


def list_said(modules):
    """Yield the words that are given first to helpers whose first argument is a code."""
    for module in modules:
        sayers = list_sayers(module)
        for call in list_calls([module]):
            yield from name_words(call.args[:1] if name_of(call) in sayers else [])


def list_calls(modules):
    return (one for module in modules for one in ast.walk(module) if isinstance(one, ast.Call))


def name_words(arguments):
    return (one.value for one in arguments if isinstance(one, ast.Constant) and one.value)


def list_kinds(base):
    for kind in base.__subclasses__():
        yield kind
        yield from list_kinds(kind)


def collect_problems():
    """Return the codes of all problems: those of states, of the framework, and of failures."""
    for found in walk_packages(rest.__path__, "api.rest."):
        import_module(found.name)
    ours = ("api.", "rest_framework.", "django_modernize.")
    kinds = [one for one in list_kinds(APIException) if one.__module__.startswith(ours)]
    return {
        *list_given(read_modules(services, models, rest), {"StateRefused", "build_problem"}),
        *(one.default_code for one in kinds),
        *(code for code, _words in DETAILS.values()),
    }


def collect_values():
    """Return the codes of what is wrong with values."""
    constraints = [
        one for model in apps.get_app_config("api").get_models() for one in model._meta.constraints
    ]
    named = {one.violation_error_code for one in constraints} - {None}
    modules = read_modules(services, models, rest, autotasks)
    # An error of our own tells its word to the one that it is derived from.
    given = {*list_given(modules, {"ValidationError", "__init__"}), *list_said(modules)}
    return {*named, *given} - OF_FRAMEWORKS - NEVER_ANSWERED.keys() - set(RefusalCode.values)


def test_all_problems_are_listed():
    assert collect_problems() == PROBLEM_CODES


def test_all_that_is_said_of_values_is_listed():
    assert collect_values() - PROBLEM_CODES == VALUE_CODES


@pytest.mark.parametrize("code", sorted({*PROBLEM_CODES, *VALUE_CODES}))
def test_a_code_is_in_the_documentation(code):
    assert f"`{code}`" in PAGE


@pytest.mark.parametrize("code", RefusalCode.values)
def test_a_code_of_a_file_is_in_the_documentation(code):
    assert f"`{code}`" in UPLOADS


def test_the_codes_are_in_the_openapi_document():
    schemas = SchemaGenerator().get_schema(request=None, public=True)["components"]["schemas"]
    problem, error = (schemas[name]["properties"]["code"] for name in ("Problem", "Error"))
    assert set(problem["x-extensible-enum"]) == PROBLEM_CODES
    assert set(error["x-extensible-enum"]) == {*VALUE_CODES, *RefusalCode.values}
