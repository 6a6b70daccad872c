"""An upload handler that stops at the byte limit, before the rest is stored anywhere."""

from io import BytesIO
from typing import TYPE_CHECKING, Any, NoReturn

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.template.defaultfilters import filesizeformat

from ..conf import get_settings
from ..exceptions import UploadRejected
from .codes import MESSAGES, RefusalCode

if TYPE_CHECKING:
    Upload = UploadedFile[Any]
else:
    Upload = UploadedFile

__all__ = ["CutOffUpload", "UploadLimitHandler"]


class CutOffUpload(Upload):
    """A placeholder for a file that exceeded the limit, without any content.

    Args:
        name: The client's name.
        size: The number of bytes received before the handler stopped.
        field_name: The name of the form field.
    """

    is_cut_off = True

    def __init__(self, *, name: str | None, size: int, field_name: str | None) -> None:
        super().__init__(BytesIO(), name=name, size=size)
        self.field_name = field_name

    def read(self, *args: Any) -> NoReturn:
        """Refuse, so that a plain field does not treat it as an empty file."""
        message: Any = MESSAGES[RefusalCode.TOO_LARGE]
        limit = filesizeformat(get_settings().upload_max_bytes)
        raise UploadRejected(message, code=RefusalCode.TOO_LARGE.value, params={"limit": limit})

    # Override chunks() with the type that Django's stubs declare.
    chunks = read  # type: ignore[assignment]


class UploadLimitHandler(FileUploadHandler):
    """Pass at most ``MODERNIZE["UPLOAD_MAX_BYTES"]`` of each file to the other handlers.

    Put it before the others::

        FILE_UPLOAD_HANDLERS = [
            "django_modernize.uploads.handlers.UploadLimitHandler",
            "django.core.files.uploadhandler.MemoryFileUploadHandler",
            "django.core.files.uploadhandler.TemporaryFileUploadHandler",
        ]

    A larger file arrives as a placeholder that every policy refuses with the code ``too_large``.
    Configure the web server to limit how much of a request is read from the network at all.
    """

    received = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Start counting bytes."""
        super().new_file(*args, **kwargs)
        self.received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        """Pass on a chunk unless the file exceeds the limit."""
        limit, before = get_settings().upload_max_bytes, self.received
        self.received += len(raw_data)
        if self.received <= limit:
            return raw_data
        if before <= limit:
            self._forget_kept()
        return None

    def file_complete(self, file_size: int) -> Upload | None:
        """Return a placeholder for a file that exceeded the limit."""
        if self.received <= get_settings().upload_max_bytes:
            return None
        return CutOffUpload(name=self.file_name, size=self.received, field_name=self.field_name)

    def _forget_kept(self) -> None:
        """Make the following handlers close what they have spooled."""
        handlers = [] if self.request is None else self.request.upload_handlers
        for handler in handlers:
            if handler is not self:
                handler.upload_interrupted()
