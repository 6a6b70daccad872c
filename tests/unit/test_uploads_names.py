"""A client's name is text; it never leads anywhere and never deceives."""

import re

import pytest

from django_modernize.uploads.names import clean_name, make_stored_name
from django_modernize.uploads.verdicts import Refusal


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("kitchen.jpg", "kitchen.jpg"),
        ("../../etc/cron.d/kitchen.jpg", "kitchen.jpg"),
        ("C:\\Users\\ann\\kitchen.jpg", "kitchen.jpg"),
        ("..\\..\\kitchen.jpg", "kitchen.jpg"),
        ("/etc/passwd/kitchen.jpg", "kitchen.jpg"),
        (".kitchen.jpg", "kitchen.jpg"),
        ("...kitchen.jpg", "kitchen.jpg"),
        ("con.jpg", "_con.jpg"),
        ("LPT1.backup.jpg", "_LPT1.backup.jpg"),
        ("<img src=x onerror=alert(1)>.jpg", "_img src=x onerror=alert(1)_.jpg"),
        ("a`id`.jpg", "a_id_.jpg"),
        ("$(reboot).jpg", "_(reboot).jpg"),
        ("a;b&c|d.jpg", "a_b_c_d.jpg"),
        ("%2e%2e%2fetc.jpg", "_2e_2e_2fetc.jpg"),
        ("shell.php.jpg", "shell.php.jpg"),
        ("Ku\u0308che.JPG", "Küche.JPG"),
        ("家.jpg", "家.jpg"),
        ("👩\u200d🍳.jpg", "👩\u200d🍳.jpg"),
        ("Screenshot 2026-11-26 at 9.41\u202fAM.png", "Screenshot 2026-11-26 at 9.41\u202fAM.png"),
    ],
)
def test_a_name_is_kept_as_text_without_folders_and_without_what_a_shell_obeys(given, text):
    assert clean_name(given).text == text


@pytest.mark.parametrize(
    "given",
    [
        "shell.php\0.jpg",
        "kitchen\n.jpg",
        "kitchen\r\nX-Header: 1.jpg",
        "kitchen\x1b[31m.jpg",
        "kitchen\x7f.jpg",
        "kitchen\x85.jpg",
        "kitchen\u2028.jpg",
        "gpj.\u202eexe.jpg",
        "kitchen\u2066.jpg",
        "kitchen\u200f.jpg",
        "kitchen\ufeff.jpg",
        "kitchen\u200b.jpg",
        "kitchen\u00ad.jpg",
        "kitchen\ud800.jpg",
        "evil\0/kitchen.jpg",
    ],
)
def test_a_name_with_characters_that_deceive_is_refused(given):
    with pytest.raises(Refusal) as caught:
        clean_name(given)
    assert caught.value.code == "name_characters"


@pytest.mark.parametrize("given", [None, "", ".", "..", "...", "photos/", "/", " . "])
def test_no_name_is_refused(given):
    with pytest.raises(Refusal) as caught:
        clean_name(given)
    assert caught.value.code == "name_missing"


def test_an_endless_name_is_refused_and_one_of_255_characters_is_not():
    assert clean_name("x" * 251 + ".jpg").extension == "jpg"
    with pytest.raises(Refusal) as caught:
        clean_name("x" * 252 + ".jpg")
    assert caught.value.code == "name_too_long"


@pytest.mark.parametrize(
    ("given", "extension"),
    [
        ("a.JPG", "jpg"),
        ("a.jpg.php", "php"),
        ("a", ""),
        (".htaccess", ""),
        (".jpg", ""),
        ("a.jpg.", ""),
        ("a.php ", "php "),
        ("a.php::$DATA", "php::$data"),
        ("a.\uff4ap\uff47", "\uff4ap\uff47"),
        ("a.jpg/b.php", "php"),
    ],
)
def test_the_ending_is_what_follows_the_last_dot(given, extension):
    assert clean_name(given).extension == extension


def test_stored_names_are_random_and_sharded():
    names = {make_stored_name("jpg") for _ in range(100)}
    assert len(names) == 100
    for name in names:
        assert re.fullmatch(r"([0-9a-f]{2})/([0-9a-f]{2})/\1\2[0-9a-f]{28}\.jpg", name)
