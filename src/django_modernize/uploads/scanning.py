"""Virus scanners: the protocol they implement, and ClamAV."""

import socket
import struct
from dataclasses import dataclass
from typing import Final, Protocol

from .codes import RefusalCode
from .verdicts import Refusal

__all__ = ["ClamAVScanner", "Scanner"]

CHUNK_BYTES: Final = 64 * 1024
ANSWER_MAX_BYTES: Final = 4096


class Scanner(Protocol):
    """The interface of a malware scanner."""

    def scan(self, content: bytes) -> str:
        """Return the finding to record for harmless content.

        Raises:
            Refusal: Malware was found, or the scanner does not respond.
        """


@dataclass(frozen=True, kw_only=True, slots=True)
class ClamAVScanner:
    """Asks a ClamAV daemon (``INSTREAM``); refuses every file if it does not answer.

    The daemon's ``StreamMaxLength`` has to be at least the policy's ``max_bytes``.
    """

    address: str | tuple[str, int]
    """The path of the daemon's socket (``/run/clamav/clamd.ctl``), or its host and port."""

    timeout: float = 10.0
    """The timeout of each step of the communication, in seconds."""

    def scan(self, content: bytes) -> str:
        """See :meth:`Scanner.scan`."""
        try:
            answer = self._converse(content)
        except OSError as error:
            raise Refusal(RefusalCode.SCANNER_UNAVAILABLE) from error
        if answer.endswith(b" FOUND"):
            raise Refusal(RefusalCode.MALWARE)
        if answer != b"stream: OK":
            raise Refusal(RefusalCode.SCANNER_UNAVAILABLE)
        return "clean, says ClamAV"

    def _converse(self, content: bytes) -> bytes:
        with self._connect() as link:
            link.sendall(b"zINSTREAM\0")
            view = memoryview(content)
            for start in range(0, len(view), CHUNK_BYTES):
                chunk = view[start : start + CHUNK_BYTES]
                link.sendall(struct.pack("!I", len(chunk)))
                link.sendall(chunk)
            link.sendall(struct.pack("!I", 0))
            return _read_answer(link)

    def _connect(self) -> socket.socket:
        if isinstance(self.address, tuple):
            return socket.create_connection(self.address, timeout=self.timeout)
        link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        link.settimeout(self.timeout)
        try:
            link.connect(self.address)
        except OSError:
            link.close()
            raise
        return link


def _read_answer(link: socket.socket) -> bytes:
    answer = b""
    while b"\0" not in answer and len(answer) < ANSWER_MAX_BYTES:
        received = link.recv(ANSWER_MAX_BYTES)
        if not received:
            break
        answer += received
    return answer.partition(b"\0")[0].strip()
