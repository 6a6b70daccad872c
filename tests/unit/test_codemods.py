"""Code of other packages is brought over where names suffice, and nothing else is touched."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from django_modernize.codemods.rewriting import rewrite_source


def rewritten(text):
    return rewrite_source(text.encode())[0].decode()


def remarks(text):
    return [(remark.line, remark.text) for remark in rewrite_source(text.encode())[1]]


DIRTY = """\
from dirtyfields import DirtyFieldsMixin

class Ünit(DirtyFieldsMixin, models.Model):  # ä comment stays
    name = models.CharField()

    def act(self):
        if self.is_dirty():   # layout  stays
            self.save_dirty_fields()
        return self.is_dirty(check_relationship=True)
"""
CLEAN = """\
from django_modernize.models import ModelDiffMixin

class Ünit(ModelDiffMixin, models.Model):  # ä comment stays
    name = models.CharField()

    def act(self):
        if self.has_changed:   # layout  stays
            self.save_changed()
        return self.has_changed
"""
TRACKER = """\
from model_utils import FieldTracker

class A(models.Model):
    name = models.CharField()
    tracker = FieldTracker(fields=["name"])

class B(Base):
    tracker = FieldTracker()

if a.tracker.has_changed("name") and not a.tracker.previous("name"):
    pass
"""
UNTRACKED = """\
from django_modernize.models import ModelDiffMixin

class A(ModelDiffMixin, models.Model):
    name = models.CharField()
    diff_fields = ["name"]

class B(ModelDiffMixin, Base):
    pass

if (a.get_field_diff("name") is not None) and not a.previous("name"):
    pass
"""
LIFECYCLE = """\
from django_lifecycle import LifecycleModelMixin

class A(LifecycleModelMixin, models.Model):
    pass

if a.has_changed("name"):
    print(a.initial_value("name"))
"""
CYCLELESS = """\
from django_modernize.models import ModelDiffMixin

class A(ModelDiffMixin, models.Model):
    pass

if (a.get_field_diff("name") is not None):
    print(a.previous("name"))
"""
CURRENT = """\
from django_currentuser.db.models import CurrentUserField

by = CurrentUserField(related_name="+", on_update=True)
"""
STAMPED = """\
from django_modernize.stamps.fields import UserStampField

by = UserStampField(related_name="+", on_change=True)
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [(DIRTY, CLEAN), (TRACKER, UNTRACKED), (LIFECYCLE, CYCLELESS), (CURRENT, STAMPED)],
    ids=["dirtyfields", "FieldTracker", "lifecycle", "currentuser"],
)
def test_names_are_replaced_and_all_else_stays(before, after):
    assert rewritten(before) == after
    assert rewritten(after) == after


@pytest.mark.parametrize(
    "text",
    [
        "form.has_changed()\n",
        "obj.other.previous('a')\n",
        "field.has_changed(initial, data)\n",
        "a.is_dirty(check_m2m={})\n",
        "cache.previous('a')\n",
        "class A(FieldTracker):\n    tracker = FieldTracker()\n",
        "from other import DirtyFieldsMixin\n\nclass A(DirtyFieldsMixin):\n    pass\n",
        "from .dirtyfields import DirtyFieldsMixin\n",
    ],
)
def test_what_only_looks_alike_is_left_alone(text):
    assert rewritten(text) == text


def test_what_names_do_not_suffice_for_is_listed():
    found = remarks(
        "from model_utils.models import TimeStampedModel\n"
        "from model_utils import FieldTracker as Tracker\n"
        "a.get_dirty_fields()\n"
        "a.tracker.changed()\n"
        "from django_lifecycle import hook\n"
    )
    assert [line for line, _ in found] == [1, 2, 3, 4, 5]
    assert "rename them in a migration" in found[0][1]
    assert "under its own name" in found[1][1]


def test_a_tracker_of_any_name_is_found_and_what_has_no_name_here_is_listed():
    text = (
        "from model_utils import FieldTracker\n"
        "class A(models.Model):\n"
        '    """Says something."""\n'
        "    watch: FieldTracker = FieldTracker()\n"
        "a.watch.has_changed('name')\n"
        "with a.watch:\n"
        "    a.watch.current()\n"
        "'name' in a.watch.changed()\n"
    )
    assert rewritten(text) == (
        "from django_modernize.models import ModelDiffMixin\n"
        "class A(ModelDiffMixin, models.Model):\n"
        '    """Says something."""\n'
        "(a.get_field_diff('name') is not None)\n"
        "with a.watch:\n"
        "    a.watch.current()\n"
        "'name' in a.diff\n"
    )
    assert remarks(text) == [
        (6, "watch: ask the instance, or write with track_changes(obj)"),
        (7, "current(): the instance has no tracker any more"),
    ]


def test_two_trackers_become_one_diff_of_all_fields():
    text = (
        "from model_utils import FieldTracker\n"
        "class A(models.Model):\n"
        "    one = FieldTracker(fields=['name'])\n"
        "    two = FieldTracker()\n"
    )
    assert rewritten(text).splitlines()[1:] == [
        "class A(ModelDiffMixin, models.Model):",
        "    pass",
        "    pass",
    ]


def test_a_child_of_a_model_with_a_diff_inherits_it():
    text = (
        "from model_utils import FieldTracker\n"
        "class A(models.Model):\n"
        "    tracker = FieldTracker()\n"
        "class B(A):\n"
        "    tracker = FieldTracker()\n"
    )
    assert "class B(A):" in rewritten(text)


def test_the_other_names_of_an_import_stay():
    assert rewritten("from model_utils import Choices, FieldTracker as T, FieldTracker\n") == (
        "from model_utils import Choices, FieldTracker as T\n"
        "from django_modernize.models import ModelDiffMixin\n"
    )
    assert rewritten("if a:\n    from model_utils import Choices, FieldTracker\n") == (
        "if a:\n    from model_utils import Choices\n"
        "    from django_modernize.models import ModelDiffMixin\n"
    )
    commented = "from model_utils import (\n    Choices,  # why\n    FieldTracker,\n)\n"
    assert rewritten(commented) == commented


HOOKED = """\
from django_lifecycle import LifecycleModelMixin, hook

class A(LifecycleModelMixin, models.Model):
    @hook("after_save")
    def act(self):
        pass
"""


def test_a_model_keeps_its_base_while_there_are_hooks():
    kept = rewritten(HOOKED)
    assert "class A(LifecycleModelMixin, ModelDiffMixin, models.Model):" in kept
    assert rewritten(kept) == kept
    freed = kept.replace(", hook", "").replace('    @hook("after_save")\n', "")
    assert rewritten(freed).startswith(
        "from django_modernize.models import ModelDiffMixin\n\nclass A(ModelDiffMixin, "
    )


@pytest.mark.parametrize("asker", ["    def ask(self):", "def ask(self):"])
def test_what_a_hook_may_call_asks_as_before_since_the_diff_is_gone_when_it_runs(asker):
    asking = f'{asker}\n        return self.has_changed("n"), self.initial_value("n")\n'
    assert rewritten(HOOKED + asking).endswith(asking)
    assert rewritten(asking.strip() + "\n").endswith(
        'return (self.get_field_diff("n") is not None), self.previous("n")\n'
    )


def test_a_hook_in_another_file_keeps_the_base_too(tmp_path):
    (tmp_path / "base.py").write_text(LIFECYCLE, encoding="utf-8")
    (tmp_path / "models.py").write_text("from django_lifecycle import hook\n", encoding="utf-8")
    call_command("modernize_codemod", tmp_path, write=True, stdout=StringIO())
    changed = (tmp_path / "base.py").read_text(encoding="utf-8")
    assert "class A(LifecycleModelMixin, ModelDiffMixin, models.Model):" in changed


def test_the_middleware_in_the_settings_is_replaced():
    assert rewritten(
        "MIDDLEWARE = ['django_currentuser.middleware.ThreadLocalUserMiddleware']\n"
    ) == ('MIDDLEWARE = ["django_modernize.middleware.ChangeContextMiddleware"]\n')


def test_a_field_that_is_told_neither_of_deletion_nor_of_its_way_back_is_listed():
    text = "from django_currentuser.db.models import CurrentUserField\na = CurrentUserField({})\n"
    assert "on_delete" in remarks(text.format(""))[0][1]
    assert not remarks(text.format("on_delete=models.CASCADE, related_name='a'"))


def test_the_command_shows_changes_and_makes_them_only_when_told(tmp_path):
    file = tmp_path / "models.py"
    file.write_text(DIRTY, encoding="utf-8")
    out = StringIO()
    call_command("modernize_codemod", tmp_path, stdout=out)
    assert "+from django_modernize.models import ModelDiffMixin" in out.getvalue()
    assert file.read_text(encoding="utf-8") == DIRTY
    call_command("modernize_codemod", file, write=True, stdout=out)
    assert file.read_text(encoding="utf-8") == CLEAN


def test_the_command_leaves_alone_what_is_no_python(tmp_path):
    file = tmp_path / "models.py"
    file.write_text("def (", encoding="utf-8")
    errors = StringIO()
    call_command("modernize_codemod", file, write=True, stderr=errors)
    assert "left alone" in errors.getvalue()
    assert file.read_text(encoding="utf-8") == "def ("


def test_the_command_says_which_path_is_missing(tmp_path):
    with pytest.raises(CommandError, match="nowhere"):
        call_command("modernize_codemod", tmp_path / "nowhere")


def test_a_package_that_is_imported_as_a_whole_is_listed():
    assert remarks("import os\nimport model_utils.fields\n") == [
        (2, "model_utils.fields: imported as a whole; a migration may do so while it is there")
    ]


def test_a_name_that_is_no_base_and_no_call_is_replaced_or_listed():
    assert rewritten(
        "from dirtyfields import DirtyFieldsMixin\nisinstance(a, DirtyFieldsMixin)\n"
    ) == ("from django_modernize.models import ModelDiffMixin\nisinstance(a, ModelDiffMixin)\n")
    assert remarks("from model_utils import FieldTracker\nkind = FieldTracker\n") == [
        (2, "FieldTracker: no longer imported here")
    ]


def test_a_base_that_keeps_its_hooks_stays_also_where_it_is_only_named():
    text = f"{HOOKED}\nisinstance(a, LifecycleModelMixin)\n"
    assert rewritten(text).endswith("isinstance(a, LifecycleModelMixin)\n")


def test_the_settings_of_dirty_fields_are_renamed_or_listed():
    text = DIRTY.replace(
        "    name = models.CharField()\n",
        "    FIELDS_TO_CHECK = ['name']\n    ENABLE_M2M_CHECK = True\n",
    )
    assert "    diff_fields = ['name']\n" in rewritten(text)
    assert (5, "ENABLE_M2M_CHECK: write with track_changes(obj, relations=[...])") in remarks(text)


def test_each_hook_is_listed_with_the_method_that_it_runs():
    decorated = HOOKED.replace('    @hook("', '    @cached\n    @hook("')
    assert (5, "hook of A.act: write a receiver in its place") in remarks(decorated)


def test_a_call_that_passes_by_hooks_is_listed():
    assert remarks("a.save(skip_hooks=True)\n") == [
        (1, "skip_hooks: let the receiver ask for another sign")
    ]


def test_a_name_that_is_sought_in_something_else_is_left_alone():
    text = "'a' in names\n'a' in obj.names()\n"
    assert rewritten(text) == text


def test_a_tracker_leaves_neither_a_gap_nor_a_broken_line():
    text = (
        "from model_utils import FieldTracker\n"
        "class A(models.Model):\n"
        "    name = models.CharField()\n"
        "\n"
        "    tracker = FieldTracker()\n"
        "\n"
        "    age = models.IntegerField()\n"
        "class B(models.Model):\n"
        "    name = models.CharField(); tracker = FieldTracker()\n"
    )
    assert rewritten(text).splitlines()[1:] == [
        "class A(ModelDiffMixin, models.Model):",
        "    name = models.CharField()",
        "",
        "    age = models.IntegerField()",
        "class B(ModelDiffMixin, models.Model):",
        "    name = models.CharField(); pass",
    ]


def test_an_edit_within_another_waits_for_the_next_run():
    text = "from model_utils import FieldTracker\na.tracker.previous(b.tracker.previous('x'))\n"
    once = rewritten(text)
    assert once.splitlines()[1] in {
        "a.previous(b.tracker.previous('x'))",
        "a.tracker.previous(b.previous('x'))",
    }
    assert rewritten(once).splitlines()[1] == "a.previous(b.previous('x'))"
