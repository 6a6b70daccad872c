"""libmagic as a second opinion on the type of a file, never the only one."""

import logging
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Any, Final

from ..conf import get_settings
from .codes import RefusalCode
from .verdicts import Refusal

__all__ = ["INSTALL_HINT", "Opinion", "ask_libmagic", "explain_absence"]

logger = logging.getLogger(__name__)

LOOKED_AT: Final = 4096
"""How many bytes libmagic reads. More would take time without helping to detect these types."""

INSTALL_HINT: Final = (
    "Run: pip install 'django-modernize[uploads]', and the library itself: apt-get install "
    "libmagic1 (Debian), apk add libmagic (Alpine), brew install libmagic (macOS). Or do without "
    'libmagic: MODERNIZE = {"UPLOAD_LIBMAGIC": "optional"}.'
)

_lock = Lock()
"""libmagic's cookie must not be used by several threads at once, and the module functions of
python-magic share one that is created without a lock."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """libmagic's result for a file."""

    content_type: str

    @property
    def is_known(self) -> bool:
        """Whether libmagic recognized the type."""
        return self.content_type != "application/octet-stream"


def ask_libmagic(content: bytes) -> Opinion | None:
    """Return libmagic's opinion, or ``None`` if it is neither installed nor required.

    Raises:
        Refusal: libmagic is required but not installed, or it fails.
    """
    with _lock:
        try:
            cookie = _open_cookie()
        except (ImportError, OSError, AttributeError) as error:
            if get_settings().upload_libmagic == "required":
                logger.error("Uploads are refused, libmagic is missing. %s", INSTALL_HINT)
                raise Refusal(RefusalCode.LIBMAGIC_MISSING) from error
            return None
        try:
            return Opinion(cookie.from_buffer(content[:LOOKED_AT]))
        # An error in the library must not let a file pass.
        except Exception as error:
            raise Refusal(RefusalCode.TYPE_DISPUTED) from error


def explain_absence() -> str | None:
    """Return why libmagic cannot be used, or ``None`` if it can."""
    try:
        with _lock:
            _open_cookie()
    except (ImportError, OSError, AttributeError) as error:
        return str(error)
    return None


@cache
def _open_cookie() -> Any:
    # Imported on first use, since the import itself fails if the library is missing.
    import magic

    # The package of the same name by libmagic's own authors has no such class.
    return magic.Magic(mime=True)
