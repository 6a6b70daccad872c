"""A request that writes."""

from django.http import HttpResponse
from django.urls import path

from .models import Note


def write_note(request):
    note, _ = Note.objects.get_or_create(text="hello")
    note.save()
    return HttpResponse(f"{note.author} {note.editor}")


urlpatterns = [path("note", write_note)]
