"""ClamAV is asked by its own protocol, and no answer means no."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from django_modernize.uploads import IMAGES, ClamAVScanner, inspect
from tests.images import make_png, upload

TEST_VIRUS = b"a harmless mark"
"""Stands for the test file that scanners agree on, which a scanner of this machine would find."""


def receive(link: socket.socket, count: int) -> bytes:
    received = b""
    while len(received) < count:
        more = link.recv(count - len(received))
        if not more:
            return received
        received += more
    return received


def answer(link: socket.socket, reply: bytes | None) -> None:
    """Do what the daemon does with ``INSTREAM``: chunks with their length, then an empty one."""
    with link:
        assert receive(link, 10) == b"zINSTREAM\0"
        content = b""
        while length := struct.unpack("!I", receive(link, 4))[0]:
            content += receive(link, length)
        if reply is None:
            reply = b"stream: Eicar-Test FOUND\0" if TEST_VIRUS in content else b"stream: OK\0"
        link.sendall(reply)


@contextmanager
def daemon(address: str | tuple[str, int], reply: bytes | None = None) -> Iterator[ClamAVScanner]:
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as server:
        server.bind(address)
        server.listen(1)
        server.settimeout(10)

        def serve() -> None:
            link, _ = server.accept()
            answer(link, reply)

        thread = threading.Thread(target=serve)
        thread.start()
        bound = address if isinstance(address, str) else server.getsockname()
        yield ClamAVScanner(address=bound, timeout=60)
        thread.join()


def judge(scanner: ClamAVScanner, content: bytes = make_png()):
    return inspect(upload(content), IMAGES.replace(scanner=scanner))


@pytest.fixture(params=["tcp", "unix"])
def address(request, tmp_path: Path) -> str | tuple[str, int]:
    return ("127.0.0.1", 0) if request.param == "tcp" else str(tmp_path / "clamd.ctl")


def test_a_clean_file_is_accepted(address):
    with daemon(address) as scanner:
        verdict = judge(scanner, make_png(300, 300, shade=5))
    assert verdict.is_accepted
    assert verdict.findings[-1].detail == "clean, says ClamAV"


def test_a_file_with_malware_is_refused_and_not_named_what(address):
    with daemon(address, b"stream: Win.Test.EICAR_HDB-1 FOUND\0") as scanner:
        verdict = judge(scanner)
    assert verdict.code == "malware"
    assert "EICAR" not in verdict.message + verdict.findings[-1].detail


@pytest.mark.parametrize(
    "reply",
    [b"", b"\0", b"INSTREAM size limit exceeded. ERROR\0", b"stream: OKAY\0", b"x" * 9000],
)
def test_an_answer_that_is_not_understood_refuses(address, reply):
    with daemon(address, reply) as scanner:
        assert judge(scanner).code == "scanner_unavailable"


@pytest.mark.parametrize("address", ["/nowhere/clamd.ctl", ("127.0.0.1", 1)])
def test_no_daemon_refuses(address):
    assert judge(ClamAVScanner(address=address, timeout=1)).code == "scanner_unavailable"


def test_a_daemon_that_never_answers_refuses_after_the_timeout(tmp_path):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "clamd.ctl"))
        server.listen(1)
        scanner = ClamAVScanner(address=str(tmp_path / "clamd.ctl"), timeout=0.1)
        assert judge(scanner).code == "scanner_unavailable"
