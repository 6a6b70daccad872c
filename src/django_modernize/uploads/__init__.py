"""Secure uploads: inspected by content, rebuilt, and served privately."""

from ..exceptions import UnjudgedUpload, UploadRejected
from .codes import RefusalCode
from .fields import SecureFileField, SecureImageField
from .forms import SecureFormField
from .inspection import ainspect, inspect
from .policies import DOCUMENTS, IMAGES, SPREADSHEETS, UploadPolicy
from .quotas import Quota
from .scanning import ClamAVScanner
from .verdicts import Finding, Verdict

__all__ = [
    "DOCUMENTS",
    "IMAGES",
    "SPREADSHEETS",
    "ClamAVScanner",
    "Finding",
    "Quota",
    "RefusalCode",
    "SecureFileField",
    "SecureFormField",
    "SecureImageField",
    "UnjudgedUpload",
    "UploadPolicy",
    "UploadRejected",
    "Verdict",
    "ainspect",
    "inspect",
]
