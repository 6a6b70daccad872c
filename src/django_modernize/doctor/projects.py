"""The part of a project to examine: its own applications, their models and source files."""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import django
from django.apps import AppConfig, apps
from django.db.models import Field, Model

from .sources import Declaration, Place, SourceFile

__all__ = ["Project", "find_own_applications"]

LEFT_OUT: Final = ("migrations", "tests", "test", "__pycache__", "node_modules", ".venv")
"""Folders whose files describe the past, or contain bad habits on purpose."""


class Project:
    """The project that the rules examine.

    Args:
        configs: The applications to examine.
    """

    def __init__(self, configs: Iterable[AppConfig]) -> None:
        self.configs = tuple(configs)
        self._sources: dict[Path, SourceFile] = {}
        self._by_module: dict[str, SourceFile | None] = {}
        self._declarations: dict[tuple[type[Model], str], Declaration | None] = {}

    @cached_property
    def roots(self) -> dict[Path, str]:
        """The folders of the applications, with the names of their packages."""
        return {Path(config.path).resolve(): config.name for config in self.configs}

    @cached_property
    def models(self) -> tuple[type[Model], ...]:
        """The models of the applications that have their own table and are written by hand."""
        return tuple(
            model
            for config in self.configs
            for model in config.get_models()
            if model._meta.managed and not model._meta.proxy
        )

    @cached_property
    def source_files(self) -> tuple[SourceFile, ...]:
        """The applications' Python files, without migrations and tests."""
        paths = {path for root in self.roots for path in root.rglob("*.py") if is_code(path, root)}
        return tuple(self.read_source(path) for path in sorted(paths))

    def read_source(self, path: Path) -> SourceFile:
        """Return a source file, reading each file only once."""
        if path not in self._sources:
            self._sources[path] = SourceFile(path, self._name_module(path))
        return self._sources[path]

    def _name_module(self, path: Path) -> str:
        for root, name in self.roots.items():
            if path.is_relative_to(root):
                parts = [name, *path.relative_to(root).with_suffix("").parts]
                return ".".join(parts).removesuffix(".__init__")
        return ""

    def find_source(self, owner: type | Any) -> SourceFile | None:
        """Return the file that a class or function comes from."""
        name = getattr(owner, "__module__", None) or ""
        if name not in self._by_module:
            path = getattr(sys.modules.get(name), "__file__", None) or ""
            is_source = path.endswith(".py") and Path(path).exists()
            self._by_module[name] = self.read_source(Path(path).resolve()) if is_source else None
        return self._by_module[name]

    def find_place(self, model: type[Model], field: Field[Any, Any] | None = None) -> Place:
        """Return where a field is declared, or else where its model is."""
        declaration = self.find_declaration(model, field) if field is not None else None
        if declaration:
            return declaration.place
        source = self.find_source(model)
        if source is None:
            return self.locate_module(model)
        node = source.find_class(model.__qualname__)
        return source.find_place(node) if node else Place(path=source.path)

    def locate_module(self, owner: Any) -> Place:
        """Return the first line of the module that a class or function comes from."""
        source = self.find_source(owner)
        return Place(path=source.path if source else Path(owner.__module__.replace(".", "/")))

    def find_declaration(self, model: type[Model], field: Field[Any, Any]) -> Declaration | None:
        """Return the statement that declares a field, in the model or in one of its bases."""
        key = model, field.name
        if key not in self._declarations:
            found = (self._search_class(owner, field.name) for owner in model.__mro__)
            self._declarations[key] = next(filter(None, found), None)
        return self._declarations[key]

    def _search_class(self, owner: type, name: str) -> Declaration | None:
        source = self.find_source(owner)
        node = source.find_class(owner.__qualname__) if source else None
        return source.find_declaration(node, name) if source and node else None

    def list_fields(self) -> Iterator[tuple[type[Model], Field[Any, Any]]]:
        """Yield the models' fields that the applications declare, not a package's base class."""
        for model in self.models:
            for field in model._meta.local_fields:
                if not field.auto_created and self.declares(model, field):
                    yield model, field

    def declares(self, model: type[Model], field: Field[Any, Any]) -> bool:
        """Return whether an application declares a field, and so could change it."""
        declaration = self.find_declaration(model, field)
        return declaration is None or bool(declaration.source.module_name)

    def list_fields_with_links(self) -> Iterator[tuple[type[Model], Field[Any, Any]]]:
        """Yield the same as :meth:`list_fields`, and many-to-many fields."""
        yield from self.list_fields()
        for model in self.models:
            for field in model._meta.local_many_to_many:
                yield model, field

    def is_own(self, model: type[Model]) -> bool:
        """Return whether a model is examined."""
        return model in self.models

    def owns_module(self, name: str) -> bool:
        """Return whether a module belongs to one of the applications."""
        packages = [config.name for config in self.configs]
        return any(name == package or name.startswith(f"{package}.") for package in packages)


def find_own_applications() -> list[AppConfig]:
    """Return the applications that belong to the project, not to an installed package."""
    installed = {Path(sysconfig.get_path(name)).resolve() for name in ("purelib", "platlib")}
    foreign = {*installed, Path(django.__file__).parent, Path(__file__).parent.parent}
    return [
        config
        for config in apps.get_app_configs()
        if not any(Path(config.path).resolve().is_relative_to(folder) for folder in foreign)
    ]


def is_code(path: Path, root: Path) -> bool:
    """Return whether a file is the application's code: neither migration nor test."""
    parts = path.relative_to(root).parts
    return not any(part in LEFT_OUT for part in parts[:-1]) and not (
        path.name.startswith("test_") or path.name in ("tests.py", "conftest.py")
    )
