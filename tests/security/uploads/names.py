"""Names that mean to run, to deceive or to lead elsewhere; the content is an honest image."""

from collections.abc import Iterator

from tests import samples
from tests.images import make_png

from .case import Case, refuse

RUNNABLE = (
    *("php", "php5", "phtml", "phar", "asp", "aspx", "jsp", "jspx", "cgi", "pl", "py", "sh"),
    *("exe", "bat", "cmd", "com", "scr", "dll", "so", "js", "mjs", "html", "htm", "xhtml"),
    *("shtml", "svg", "xml", "swf", "jar", "htaccess", "config", "ini", "env", "ps1", "lnk"),
)

DECEIVING = {
    "a NUL before the ending": "shell.php\0.png",
    "a NUL after it": "kitchen.png\0",
    "a line break": "kitchen\n.png",
    "a header": "kitchen.png\r\nContent-Type: text/html",
    "a terminal's command": "\x1b]0;owned\x07kitchen.png",
    "text turned around": "kitchen\u202egnp.exe.png",
    "an isolated direction": "kitchen\u2067.png",
    "an invisible space": "kitchen\u200b.png",
    "a byte order mark": "\ufeffkitchen.png",
    "half a character": "kitchen\udc80.png",
    "a line separator": "kitchen\u2028.png",
}

DISGUISED = {
    "two endings": "kitchen.png.php",
    "a dot at the end": "kitchen.png.",
    "a space at the end": "kitchen.png ",
    "a stream of NTFS": "kitchen.png::$DATA",
    "another stream": "shell.php:kitchen.png:$DATA",
    "wide letters": "kitchen.\uff50\uff4e\uff47",
    "a Cyrillic letter": "kitchen.\u0440ng",
    "a semicolon": "shell.asp;.png;",
    "no ending": "kitchen",
    "a server's settings": ".htaccess",
    "a folder behind it": "kitchen.png/shell.php",
    "a percent sign": "kitchen.php%00",
    "upper and lower case": "shell.pHp",
    "many dots": "kitchen..png..php",
    "a dotless letter": "kitchen.g\u0131f",
}


def list_cases() -> Iterator[Case]:
    image = make_png()
    for ending in RUNNABLE:
        yield refuse("a name that runs", ending, f"kitchen.{ending}", image, "extension")
    for title, name in DECEIVING.items():
        yield refuse("a name that deceives", title, name, image, "name_characters")
    for title, name in DISGUISED.items():
        yield refuse("a disguised ending", title, name, image, "extension")
    yield refuse("no name", "empty", "", image, "name_missing")
    yield refuse("no name", "dots", "..", image, "name_missing")
    yield refuse("an endless name", "300 characters", "x" * 300 + ".png", image, "name_too_long")
    yield from list_mismatches()


def list_mismatches() -> Iterator[Case]:
    images = {
        "png": make_png(),
        "jpg": samples.JPEG,
        "gif": samples.GIF,
        "webp": samples.WEBP,
        "heic": samples.HEIC,
    }
    for real, content in images.items():
        for told in images:
            if real != told:
                title = f"{real} named {told}"
                yield refuse("another type", title, f"kitchen.{told}", content, "type_mismatch")
