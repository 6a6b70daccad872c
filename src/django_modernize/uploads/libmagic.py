"""libmagic's opinion of a file: the second one, never the only one."""

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
"""How many bytes libmagic gets to see: more cost time and tell nothing about these types."""

INSTALL_HINT: Final = (
    "Run: pip install 'django-modernize[uploads]', and the library itself: apt-get install "
    "libmagic1 (Debian), apk add libmagic (Alpine), brew install libmagic (macOS). Or do without "
    'the second opinion: MODERNIZE = {"UPLOAD_LIBMAGIC": "optional"}.'
)

_lock = Lock()
"""libmagic's cookie must not be used by two threads at once; python-magic's own functions of the
module share one that is made without a lock."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What libmagic says of a file."""

    content_type: str

    @property
    def is_known(self) -> bool:
        """Whether it knows the type at all."""
        return self.content_type != "application/octet-stream"


def ask_libmagic(content: bytes) -> Opinion | None:
    """Return libmagic's opinion, ``None`` where it is not installed and not required.

    Raises:
        Refusal: It is not installed and required, or it fails.
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
        # What the library says is no reason to let a file pass.
        except Exception as error:
            raise Refusal(RefusalCode.TYPE_DISPUTED) from error


def explain_absence() -> str | None:
    """Return why libmagic cannot be used, ``None`` if it can."""
    try:
        with _lock:
            _open_cookie()
    except (ImportError, OSError, AttributeError) as error:
        return str(error)
    return None


@cache
def _open_cookie() -> Any:
    # Imported on first use: the import itself fails where the library is missing.
    import magic

    # Another package of the same name, that of libmagic's own makers, has no such class.
    return magic.Magic(mime=True)
