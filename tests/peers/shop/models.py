"""Models that ask what changed, in each package's words."""

from dirtyfields import DirtyFieldsMixin
from django.db import models
from django_currentuser.db.models import CurrentUserField
from django_lifecycle import AFTER_UPDATE, LifecycleModelMixin, hook
from model_utils import Choices, FieldTracker


class Customer(models.Model):
    STATUS = Choices("new", "old")

    name = models.CharField(max_length=20)
    status = models.CharField(choices=STATUS, default=STATUS.new, max_length=5)
    name_tracker = FieldTracker()

    def describe_change(self):
        return (self.name_tracker.has_changed("name"), self.name_tracker.previous("name"))


class Order(models.Model):
    customer = models.ForeignKey(Customer, models.CASCADE)
    total = models.IntegerField(default=0)
    note = models.CharField(max_length=20, blank=True)
    tracker: FieldTracker = FieldTracker(["total", "customer_id"])

    def save(self, *args, **kwargs):
        if self.pk and self.tracker.has_changed("total"):
            self.note = f"was {self.tracker.previous('total')}"
        super().save(*args, **kwargs)


class Article(DirtyFieldsMixin, models.Model):
    FIELDS_TO_CHECK = ["title", "stock"]

    title = models.CharField(max_length=20)
    stock = models.IntegerField(default=0)
    hits = models.IntegerField(default=0)

    def describe_change(self):
        changed = "title" in self.get_dirty_fields(), "stock" not in self.get_dirty_fields()
        return (self.is_dirty(), self.is_dirty(check_relationship=True), *changed)


class Parcel(LifecycleModelMixin, models.Model):
    state = models.CharField(max_length=10, default="packed")
    sent = models.IntegerField(default=0)

    @hook(AFTER_UPDATE, when="state", was="packed", is_now="sent")
    def count_sending(self):
        Parcel.objects.filter(pk=self.pk).update(sent=models.F("sent") + 1)

    def describe_change(self):
        return (self.has_changed("state"), self.initial_value("state"))


class Note(models.Model):
    text = models.CharField(max_length=20)
    author = CurrentUserField(on_delete=models.SET_NULL, related_name="notes_written")
    editor = CurrentUserField(on_delete=models.SET_NULL, related_name="+", on_update=True)
