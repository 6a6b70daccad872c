"""How Sphinx builds the documentation: ``make docs``."""

import os
import sys
from pathlib import Path

import django

ROOT = Path(__file__).resolve().parent.parent
# The reference imports the models, so an application registry has to stand.
sys.path.insert(0, str(ROOT))
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
django.setup()

from django_modernize import __version__  # noqa: E402 - after the registry

project = "django-modernize"
author = "The django-modernize founders"
copyright = f"2026, {author}"
release = version = __version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
]
myst_enable_extensions = ["colon_fence", "deflist", "fieldlist"]
myst_heading_anchors = 3
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]

autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
napoleon_numpy_docstring = False

# Links between pages are checked by every build; these, by `make links`, have nobody to answer.
linkcheck_ignore = [r"https?://(127\.0\.0\.1|localhost|aristay\.example|host)\b"]

html_theme = "furo"
html_title = f"django-modernize {release}"
