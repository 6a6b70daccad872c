"""``inspect_upload``: show step by step why a file would be accepted or refused."""

import json
from argparse import ArgumentParser
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from django.core.files.base import File
from django.core.management.base import BaseCommand, CommandError

from ...uploads import DOCUMENTS, IMAGES, SPREADSHEETS, UploadPolicy, Verdict, inspect
from ...uploads.kinds import SIGNATURE_LENGTH, find_kind

READY_POLICIES: Final = {policy.name: policy for policy in (IMAGES, SPREADSHEETS, DOCUMENTS)}


class Command(BaseCommand):
    """Show the verdict on a file, with the finding of each step."""

    help = "Show why a file would be accepted or refused. Nothing is stored."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument(
            "--policy",
            metavar="NAME",
            help=f"one of {', '.join(READY_POLICIES)}, or the dotted path of your own, such as "
            "shop.uploads.RECEIPTS; by default the built-in policy that fits the content",
        )
        parser.add_argument("--format", choices=("text", "json"), default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        """Inspect the file.

        Raises:
            CommandError: The file or the policy cannot be found, or the file is refused.
        """
        try:
            with options["file"].open("rb") as opened:
                policy = find_policy(options["policy"], opened.read(SIGNATURE_LENGTH))
                verdict = inspect(File(opened), policy)
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be read: {error.strerror}.") from error
        if options["format"] == "json":
            self.stdout.write(json.dumps(verdict.describe(), indent=2))
        else:
            self.stdout.write("\n".join(render_lines(verdict)))
        if not verdict.is_accepted:
            # Set the exit status for scripts. The reason has been printed.
            raise SystemExit(1)


def find_policy(name: str | None, start: bytes) -> UploadPolicy:
    """Return the policy with a name, or the predefined one for the content's signature.

    Raises:
        CommandError: There is none.
    """
    if name is None:
        kind = find_kind(start)
        return next(
            (ready for ready in READY_POLICIES.values() if kind and ready.allows(kind)), IMAGES
        )
    if name in READY_POLICIES:
        return READY_POLICIES[name]
    module, _, attribute = name.rpartition(".")
    try:
        policy = getattr(import_module(module), attribute)
    except (ImportError, AttributeError, ValueError):
        policy = None
    if not isinstance(policy, UploadPolicy):
        raise CommandError(
            f"There is no upload policy {name!r}. Name one of {', '.join(READY_POLICIES)}, or the "
            "path of one of your own, such as shop.uploads.RECEIPTS."
        )
    return policy


def render_lines(verdict: Verdict) -> list[str]:
    """Return a verdict as lines of text."""
    lines = [
        f"{found.step:<10} {found.outcome:<8} {found.detail}".rstrip() for found in verdict.findings
    ]
    result = "accepted" if verdict.is_accepted else f"refused: {verdict.message}"
    return [*lines, f"{'verdict':<10} {result} (policy {verdict.policy})"]
