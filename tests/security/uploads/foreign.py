"""Content of another kind under the name of an image."""

import gzip
import io
import struct
import zipfile
from collections.abc import Iterator

from tests import samples
from tests.images import PNG_SIGNATURE

from .case import PAGE, SCRIPT, Case, refuse

PICTURES = {
    "BMP": b"BM" + struct.pack("<IIIIiiHH", 58, 0, 54, 40, 1, 1, 1, 24) + bytes(28),
    "TIFF of Intel": b"II*\0\x08\0\0\0" + bytes(64),
    "TIFF of Motorola": b"MM\0*\0\0\0\x08" + bytes(64),
    "BigTIFF": b"II+\0\x08\0\0\0" + bytes(64),
    "Photoshop": b"8BPS\0\x01" + bytes(64),
    "icon": b"\0\0\x01\0\x01\0" + bytes(64),
    "PostScript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(ls) run\n",
    "SVG": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "AVIF": b"\0\0\0\x20ftypavif\0\0\0\0avifmif1miaf" + bytes(64),
    "JPEG 2000": b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(64),
    "JPEG XL": b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(64),
    "PCX": b"\x0a\x05\x01\x08" + bytes(128),
    "PNM": b"P6 1 1 255\nabc",
    "DDS": b"DDS " + bytes(128),
    "XCF": b"gimp xcf v011\0" + bytes(64),
    "FITS": b"SIMPLE  =                    T" + bytes(64),
    "WMF": b"\xd7\xcd\xc6\x9a" + bytes(64),
    "MNG": b"\x8aMNG\r\n\x1a\n" + bytes(64),
}
PROGRAMS = {
    "Windows": b"MZ\x90\0" + bytes(124),
    "Linux": b"\x7fELF\x02\x01\x01" + bytes(64),
    "macOS": b"\xcf\xfa\xed\xfe" + bytes(64),
    "Java": b"\xca\xfe\xba\xbe\0\0\0\x34" + bytes(64),
    "WebAssembly": b"\0asm\x01\0\0\0" + bytes(64),
    "Android": b"dex\n035\0" + bytes(64),
    "shell": b"#!/bin/sh\nid\n",
    "shortcut": b"L\0\0\0\x01\x14\x02\0" + bytes(64),
}
TEXTS = {
    "PHP": SCRIPT,
    "ASP": b"<% eval request(1) %>",
    "JSP": b"<%@ page import='java.io.*' %>",
    "HTML": PAGE,
    "XML with entities": b"<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><x>&a;</x>",
    "server-side include": b"<!--#exec cmd='id' -->",
    "JavaScript": b"alert(1)//",
    "server settings": b"AddType application/x-httpd-php .png\n",
    "ImageMagick": b"push graphic-context\nfill 'url(https://x/\"|id\")'\npop graphic-context\n",
    "spaces and an image": b"\n\n" + samples.GIF,
    "zeros": bytes(1000),
    "one byte": b"\xff",
}


def make_zip() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("x.php", SCRIPT)
    return target.getvalue()


ARCHIVES = {
    "gzip": gzip.compress(b"x"),
    "7z": b"7z\xbc\xaf\x27\x1c" + bytes(64),
    "RAR": b"Rar!\x1a\x07\x01\0" + bytes(64),
    "xz": b"\xfd7zXZ\0" + bytes(64),
    "bzip2": b"BZh91AY&SY" + bytes(64),
    "zstd": b"\x28\xb5\x2f\xfd" + bytes(64),
    "tar": b"x.php".ljust(257, b"\0") + b"ustar\x0000" + bytes(248),
    "cabinet": b"MSCF" + bytes(64),
}
FILMS = {
    "MP4": b"\0\0\0\x18ftypisom\0\0\x02\0isomiso2" + bytes(64),
    "QuickTime": b"\0\0\0\x14ftypqt  \0\0\0\0qt  " + bytes(64),
    "WebM": b"\x1aE\xdf\xa3" + bytes(64),
    "AVI": b"RIFF\x40\0\0\0AVI LIST" + bytes(64),
    "WAV": b"RIFF\x40\0\0\0WAVEfmt " + bytes(64),
    "MP3": b"ID3\x04\0\0" + bytes(64),
    "Flash": b"FWS\x0a" + bytes(64),
}
SIGNED_SCRIPTS = {
    "GIF": ("a.gif", b"GIF89a" + SCRIPT, "sides"),
    "GIF and a palette": ("a.gif", b"GIF89a\1\0\1\0\x80\0\0" + SCRIPT, "damaged"),
    "JPEG": ("a.jpg", b"\xff\xd8\xff" + SCRIPT, "truncated"),
    "JPEG and JFIF": ("a.jpg", samples.JPEG[:20] + SCRIPT, "damaged"),
    "PNG": ("a.png", PNG_SIGNATURE + SCRIPT, "truncated"),
    "WebP": ("a.webp", b"RIFF\x20\0\0\0WEBP" + SCRIPT, "truncated"),
    "HEIC": ("a.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + SCRIPT, "truncated"),
    "JPEG of a page": ("a.jpg", b"\xff\xd8\xff\xfe\0\x40<!--" + PAGE, "truncated"),
}  # fmt: skip


def list_cases() -> Iterator[Case]:
    threats = {
        "another image decoder": PICTURES,
        "a program": PROGRAMS,
        "a script or a page": TEXTS,
        "an archive": ARCHIVES,
        "a film or a sound": FILMS,
    }
    for threat, contents in threats.items():
        for title, content in contents.items():
            yield refuse(threat, title, "kitchen.jpg", content, "unknown_type")
    for title, (name, content, code) in SIGNED_SCRIPTS.items():
        yield refuse("a script behind a signature", title, name, content, code)
    yield refuse("an archive", "zip", "kitchen.jpg", make_zip(), "type_not_allowed")
    yield refuse("a document", "PDF", "kitchen.jpg", b"%PDF-1.7\n", "type_not_allowed")
    yield refuse("no content", "no byte", "kitchen.jpg", b"", "empty")
    yield refuse(
        "too long",
        "26 MB of zeros behind an image",
        "kitchen.jpg",
        lambda: samples.JPEG + bytes(26 * 1024 * 1024),
        "too_large",
    )
