"""Finds the Chromium of the machine; none is downloaded."""

import shutil

__all__ = ["BrowserMissing", "find_chromium"]

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ADVICE = (
    "The tests in a browser need Chromium, and this machine has none on its PATH. "
    "On Debian or Ubuntu: apt-get install chromium. To leave them out: "
    "make test ARGS='--ignore=tests/e2e'."
)


class BrowserMissing(RuntimeError):
    """No browser is installed."""


def find_chromium() -> str:
    """Return the path of the browser.

    Raises:
        BrowserMissing: There is none; the message says what to do.
    """
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        raise BrowserMissing(ADVICE)
    return found
