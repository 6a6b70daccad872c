"""The OpenAPI document."""

from django.core.management import call_command


def test_the_document_validates_without_a_warning(tmp_path):
    target = tmp_path / "schema.yml"
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(target))
    assert "/api/v1/bookings/" in target.read_text()
