"""Stops an upload at the byte limit, before the rest of it is kept anywhere."""

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
    """Stands for a file that was longer than the server takes; nothing of it was kept.

    Args:
        name: The client's name.
        size: The bytes that came until the handler had seen enough.
        field_name: The form's field.
    """

    is_cut_off = True

    def __init__(self, *, name: str | None, size: int, field_name: str | None) -> None:
        super().__init__(BytesIO(), name=name, size=size)
        self.field_name = field_name

    def read(self, *args: Any) -> NoReturn:
        """Refuse, so that no plain field takes it for an empty file."""
        message: Any = MESSAGES[RefusalCode.TOO_LARGE]
        limit = filesizeformat(get_settings().upload_max_bytes)
        raise UploadRejected(message, code=RefusalCode.TOO_LARGE.value, params={"limit": limit})

    # Django's own is overridden with the types of its stubs.
    chunks = read  # type: ignore[assignment]


class UploadLimitHandler(FileUploadHandler):
    """Lets at most ``MODERNIZE["UPLOAD_MAX_BYTES"]`` of each file through to the other handlers.

    It belongs in front of them::

        FILE_UPLOAD_HANDLERS = [
            "django_modernize.uploads.handlers.UploadLimitHandler",
            "django.core.files.uploadhandler.MemoryFileUploadHandler",
            "django.core.files.uploadhandler.TemporaryFileUploadHandler",
        ]

    A longer file arrives as one that every policy refuses with the code ``too_large``. How much of
    a request is read from the network at all is for the web server to say.
    """

    received = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin to count."""
        super().new_file(*args, **kwargs)
        self.received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        """Hand a part on as long as the file is not too long."""
        limit, before = get_settings().upload_max_bytes, self.received
        self.received += len(raw_data)
        if self.received <= limit:
            return raw_data
        if before <= limit:
            self._forget_kept()
        return None

    def file_complete(self, file_size: int) -> Upload | None:
        """Put a mark in place of a file that was too long."""
        if self.received <= get_settings().upload_max_bytes:
            return None
        return CutOffUpload(name=self.file_name, size=self.received, field_name=self.field_name)

    def _forget_kept(self) -> None:
        """Have the handlers behind close what they have spooled."""
        handlers = [] if self.request is None else self.request.upload_handlers
        for handler in handlers:
            if handler is not self:
                handler.upload_interrupted()
