"""AriStay has none of the habits that it had."""

from io import StringIO

from django.core.management import call_command


def test_the_doctor_finds_nothing():
    output = StringIO()
    call_command("modernize_doctor", stdout=output)
    assert output.getvalue() == "Nothing found.\n"
