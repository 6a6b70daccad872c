"""The reasons for refusing a file, each with a code and a message."""

from typing import Final

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

__all__ = ["MESSAGES", "TOLERABLE", "RefusalCode"]


class RefusalCode(TextChoices):
    """The reason why a file was refused, given by the first step that objects."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    UNREADABLE = "unreadable"
    NAME_MISSING = "name_missing"
    NAME_CHARACTERS = "name_characters"
    NAME_TOO_LONG = "name_too_long"
    EXTENSION = "extension"
    UNKNOWN_TYPE = "unknown_type"
    TYPE_NOT_ALLOWED = "type_not_allowed"
    TYPE_MISMATCH = "type_mismatch"
    TYPE_DISPUTED = "type_disputed"
    LIBMAGIC_MISSING = "libmagic_missing"
    DECODER_MISSING = "decoder_missing"
    DAMAGED = "damaged"
    TRUNCATED = "truncated"
    UNSUPPORTED = "unsupported"
    SIZE_MISMATCH = "size_mismatch"
    CHECKSUM = "checksum"
    TOO_MANY_PIECES = "too_many_pieces"
    SIDES = "sides"
    PIXELS = "pixels"
    FRAMES = "frames"
    SCANS = "scans"
    UNPACKED_SIZE = "unpacked_size"
    RATIO = "ratio"
    STORED_SIZE = "stored_size"
    ENCRYPTED = "encrypted"
    AMBIGUOUS = "ambiguous"
    ENTRY_NAMES = "entry_names"
    NESTED_ARCHIVE = "nested_archive"
    DOCUMENT_TYPE = "document_type"
    DEPTH = "depth"
    CELLS = "cells"
    PAGES = "pages"
    MACROS = "macros"
    FORMULAS = "formulas"
    EXTERNAL_LINKS = "external_links"
    EMBEDDED_FILES = "embedded_files"
    SCRIPTS = "scripts"
    ACTIONS = "actions"
    FORMS = "forms"
    QUOTA = "quota"
    MALWARE = "malware"
    SCANNER_UNAVAILABLE = "scanner_unavailable"


TOLERABLE: Final = frozenset(
    {
        RefusalCode.MACROS,
        RefusalCode.FORMULAS,
        RefusalCode.EXTERNAL_LINKS,
        RefusalCode.EMBEDDED_FILES,
        RefusalCode.SCRIPTS,
        RefusalCode.ACTIONS,
        RefusalCode.FORMS,
    }
)
"""The capabilities of a file that a policy can allow."""

MESSAGES: Final[dict[RefusalCode, Promise]] = {
    RefusalCode.EMPTY: _("The file is empty."),
    RefusalCode.TOO_LARGE: _("The file is larger than %(limit)s."),
    RefusalCode.UNREADABLE: _("The file could not be read as bytes."),
    RefusalCode.NAME_MISSING: _("The file has no name."),
    RefusalCode.NAME_CHARACTERS: _(
        "The file's name has characters that cannot be seen or that turn the text around."
    ),
    RefusalCode.NAME_TOO_LONG: _("The file's name is longer than %(limit)s characters."),
    RefusalCode.EXTENSION: _(
        "The file's name must end in one of %(allowed)s. Save it as such a type, or rename it."
    ),
    RefusalCode.UNKNOWN_TYPE: _(
        "The content is of no type that is known here. Accepted are files of the types %(allowed)s."
    ),
    RefusalCode.TYPE_NOT_ALLOWED: _(
        "The content is %(found)s, which is not accepted here. Accepted are files of the types "
        "%(allowed)s."
    ),
    RefusalCode.TYPE_MISMATCH: _(
        "The content is %(found)s, and the name says something else. Save it with its own ending."
    ),
    RefusalCode.TYPE_DISPUTED: _("The content is taken for two types at once."),
    RefusalCode.LIBMAGIC_MISSING: _(
        "Files cannot be inspected at the moment: the server lacks a part. Tell who runs it."
    ),
    RefusalCode.DECODER_MISSING: _(
        "Files of this type (%(found)s) cannot be opened on this server. Save it as another type."
    ),
    RefusalCode.DAMAGED: _("The file is damaged: %(problem)s."),
    RefusalCode.TRUNCATED: _("The file ends too early. Send it again."),
    RefusalCode.UNSUPPORTED: _("The file uses what is not accepted here: %(problem)s."),
    RefusalCode.SIZE_MISMATCH: _("The file says one size and has another: %(problem)s."),
    RefusalCode.CHECKSUM: _("A checksum within the file does not fit: it was damaged on its way."),
    RefusalCode.TOO_MANY_PIECES: _("The file consists of more than %(limit)s pieces."),
    RefusalCode.SIDES: _("The image is wider or higher than %(limit)s pixels."),
    RefusalCode.PIXELS: _("The image has more than %(limit)s pixels."),
    RefusalCode.FRAMES: _("The image has more than %(limit)s frames."),
    RefusalCode.SCANS: _("The image is put together from more passes than %(limit)s."),
    RefusalCode.UNPACKED_SIZE: _("Unpacked, the content is larger than %(limit)s."),
    RefusalCode.RATIO: _("A part of the file unpacks to more than %(limit)s times its size."),
    RefusalCode.STORED_SIZE: _("The image stays larger than %(limit)s, however it is saved."),
    RefusalCode.ENCRYPTED: _(
        "The file is encrypted. Remove the password, save it again and send that."
    ),
    RefusalCode.AMBIGUOUS: _("The file can be read in two ways: %(problem)s."),
    RefusalCode.ENTRY_NAMES: _("A part of the file has a name that leads out of it or deceives."),
    RefusalCode.NESTED_ARCHIVE: _("There is an archive within the file."),
    RefusalCode.DOCUMENT_TYPE: _("A part of the file declares a document type or entities."),
    RefusalCode.DEPTH: _("What stands within one another goes deeper than %(limit)s."),
    RefusalCode.CELLS: _(
        "A sheet reaches beyond %(limit)s. Delete the empty rows and columns behind the last one."
    ),
    RefusalCode.PAGES: _("The document has more than %(limit)s pages."),
    RefusalCode.MACROS: _("The file has macros. Save it without them."),
    RefusalCode.FORMULAS: _("A formula starts a program or fetches from elsewhere."),
    RefusalCode.EXTERNAL_LINKS: _("The file refers to files or services elsewhere."),
    RefusalCode.EMBEDDED_FILES: _("There are other files within the file."),
    RefusalCode.SCRIPTS: _("The file has scripts. Print it into a new file to be rid of them."),
    RefusalCode.ACTIONS: _("The file starts programs or sends data when it is opened or used."),
    RefusalCode.FORMS: _("The file has a dynamic form (XFA). Print it into a new file."),
    RefusalCode.QUOTA: _("There is no room for this file: %(used)s of %(limit)s are used."),
    RefusalCode.MALWARE: _("The virus scanner found something in the file."),
    RefusalCode.SCANNER_UNAVAILABLE: _(
        "The virus scanner does not answer, so no file is accepted. Try again later."
    ),
}
"""The messages, with placeholders for the parameters of a refusal."""
