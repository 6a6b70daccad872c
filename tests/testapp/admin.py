"""Admin pages of the test models."""

from django.contrib import admin

from django_modernize.audit.admin import AuditedAdminMixin
from django_modernize.integrity.admin import ConstraintAdminMixin
from django_modernize.softdelete.admin import SoftDeleteAdminMixin

from .models import Album, Book, Bookcase, House, Loan, Papers, Photo, Reservation, Track


@admin.register(House)
class HouseAdmin(AuditedAdminMixin, SoftDeleteAdminMixin, admin.ModelAdmin):
    """The simplest use of the mixin."""

    list_display = ("name",)


admin.site.register(Papers)
admin.site.register(Photo)


class TrackInline(admin.TabularInline):
    """Rows that can be deleted, on the page of another."""

    model = Track
    fields = ("title",)
    extra = 0


@admin.register(Album)
class AlbumAdmin(SoftDeleteAdminMixin, admin.ModelAdmin):
    """Can be chosen by what is typed, and has rows of another model on its page."""

    fields = ("title",)
    ordering = ("title",)
    search_fields = ("title",)
    inlines = (TrackInline,)


@admin.register(Track)
class TrackAdmin(SoftDeleteAdminMixin, admin.ModelAdmin):
    """Chooses an album by what is typed."""

    autocomplete_fields = ("album",)


class LoanInline(admin.TabularInline):
    """Rows of another model on the page of a book."""

    model = Loan
    extra = 0


@admin.register(Book)
class BookAdmin(admin.ModelAdmin):
    """A page with links and rows of another model."""

    fields = ("title", "pages", "tags")
    inlines = (LoanInline,)
    actions = ("shorten",)

    @admin.action(description="Shorten")
    def shorten(self, request, queryset):
        """Change rows in one statement."""
        queryset.update(pages=1)


@admin.register(Bookcase)
class BookcaseAdmin(admin.ModelAdmin):
    """A list whose rows are changed in place."""

    list_display = ("code", "room")
    list_editable = ("room",)


@admin.register(Reservation)
class ReservationAdmin(ConstraintAdminMixin, admin.ModelAdmin):
    """A form that leaves the judgement to the database: the status is not on it."""

    fields = ("lodging", "check_in", "check_out", "badge")
    list_display = ("id", "check_out")
    list_editable = ("check_out",)
