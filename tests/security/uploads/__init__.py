"""Bad files, made by script: nothing harmful is stored, and each says what has to become of it."""

from . import foreign, gif, heic, jpeg, metadata, names, pdf, png, webp, xlsx
from .case import Case

__all__ = ["CASES", "Case"]

MODULES = (names, foreign, jpeg, png, gif, webp, heic, metadata, xlsx, pdf)
CASES: list[Case] = [case for module in MODULES for case in module.list_cases()]
"""Every bad file; the threats are those of OWASP's cheat sheet, and what decoders stumble over."""
