"""The command: ``python -m benchmarks``."""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import django

EXAMPLE_FOLDER = Path(__file__).resolve().parent.parent / "example_project"


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """Measurements that are run together."""

    module: str
    meaning: str
    settings: str = "benchmarks.settings"
    rows: int = 10_000
    """How many, unless told."""

    is_usual: bool = True
    """Whether it runs when no group is named; what takes long does not."""


GROUPS = {
    "save": Group(module="saving", meaning="rows saved one by one, a tenth of --rows"),
    "bulk": Group(module="bulk", meaning="bulk_create, update, bulk_update, delete"),
    "load": Group(module="loading", meaning="rows loaded with ModelDiffMixin"),
    "track": Group(
        module="tracking",
        meaning="what knowing the changes costs, beside the peers that tell them",
        settings="benchmarks.tracker_settings",
    ),
    "softdelete": Group(
        module="softdelete",
        meaning="rows hidden, restored, listed and purged, beside the peers that hide rows",
        settings="benchmarks.hider_settings",
    ),
    "read": Group(module="reading", meaning="the history of one object, and its page in the admin"),
    "ledger": Group(
        module="ledger",
        meaning="events sealed and verified, a million unless told",
        rows=1_000_000,
        is_usual=False,
    ),
    "scale": Group(
        module="scale",
        meaning="questions to 10,000 events and up to ten million, with their plans",
        rows=10_000_000,
        is_usual=False,
    ),
    "writers": Group(
        module="writers",
        meaning="four concurrent writers with and without tamper evidence, PostgreSQL only",
        is_usual=False,
    ),
    "partitions": Group(
        module="partitions",
        meaning="100,000 events in one table and in monthly partitions, PostgreSQL only",
        rows=100_000,
        is_usual=False,
    ),
    "uploads": Group(module="uploads", meaning="photos of 3 MB, a thousandth of --rows"),
    "storage": Group(module="storage", meaning="bytes of an event"),
    "integrity": Group(
        module="overlaps",
        meaning="conflicts among up to a million stays, and inserts into 100,000",
        rows=1_000_000,
        is_usual=False,
    ),
    "autotasks": Group(
        module="rules",
        meaning="twenty of AriStay's rules over --rows bookings, planned, applied and beside saves",
        settings="benchmarks.example_settings",
    ),
    "import": Group(
        module="importing",
        meaning="a workbook imported by AriStay, a tenth of --rows",
        settings="benchmarks.example_settings",
    ),
    "import-large": Group(
        module="importing_large",
        meaning="CSV files of --rows bookings and a tenth of it, to the undo: time and memory",
        settings="benchmarks.example_settings",
        rows=100_000,
        is_usual=False,
    ),
}


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Measure the library against plain Django, in the same run and in turns.\n\n"
        "DATABASE_URL names the database, a SQLite file unless told. Nothing in it is touched:\n"
        "the measurements make a database of their own beside it, and drop it at the end.",
        epilog="groups:\n"
        + "\n".join(f"  {name:<12}{group.meaning}" for name, group in GROUPS.items()),
    )
    parser.add_argument(
        "--only",
        action="append",
        choices=GROUPS,
        metavar="GROUP",
        help="measure this group alone; may be given several times",
    )
    parser.add_argument(
        "--variant",
        action="append",
        metavar="TEXT",
        help="measure, beside the first variant of all, only those whose name contains this; may "
        "be given several times",
    )
    parser.add_argument("--rounds", type=_positive, default=7, help="runs of each variant (7)")
    parser.add_argument(
        "--rows", type=_positive, help="how many rows, or events (10000 unless a group says more)"
    )
    parser.add_argument(
        "--json", action="store_true", help="print every sample, in seconds, as JSON lines"
    )
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Returns:
        The exit status.
    """
    options = build_parser().parse_args(arguments)
    names = options.only or [name for name, group in GROUPS.items() if group.is_usual]
    by_settings: dict[str, list[str]] = {}
    for name in names:
        by_settings.setdefault(GROUPS[name].settings, []).append(name)
    if len(by_settings) > 1:
        return max(run_alone(chosen, options) for chosen in by_settings.values())
    ((settings, chosen),) = by_settings.items()
    run_here(settings, chosen, options)
    return 0


def run_alone(names: Sequence[str], options: argparse.Namespace) -> int:
    """Run some groups in a process of their own, since a process has one set of settings."""
    only = [argument for name in names for argument in ("--only", name)]
    variants = [f"--variant={text}" for text in options.variant or ()]
    numbers = [f"--rounds={options.rounds}"]
    if options.rows:
        numbers.append(f"--rows={options.rows}")
    command = [sys.executable, "-m", "benchmarks", *only, *variants, *numbers]
    return subprocess.run([*command, "--json"] if options.json else command).returncode


def run_here(settings: str, names: Sequence[str], options: argparse.Namespace) -> None:
    """Make the database, run some groups and print what they find."""
    sys.path.insert(0, str(EXAMPLE_FOLDER))
    os.environ["DJANGO_SETTINGS_MODULE"] = settings
    django.setup()
    from .database import temporary_database  # needs the settings

    show_progress(describe_surroundings())
    with temporary_database():
        for name in names:
            for line in measure_group(name, options):
                print(line, flush=True)


def measure_group(name: str, options: argparse.Namespace) -> Iterator[str]:
    """Yield what a group finds as Markdown, or as JSON lines."""
    from .harness import choose_variants, run_benchmark  # needs the app registry
    from .report import describe_facts, describe_results, render_facts, render_results

    module = import_module(f".{GROUPS[name].module}", __package__)
    rows = options.rows or GROUPS[name].rows
    about = {"group": name, "made_with": describe_surroundings()}
    for benchmark in getattr(module, "list_benchmarks", lambda rows: ())(rows):
        chosen = choose_variants(benchmark, options.variant)
        results = run_benchmark(chosen, rounds=options.rounds, progress=show_progress)
        if options.json:
            yield json.dumps(about | describe_results(chosen.title, results))
        else:
            yield render_results(chosen.title, results)
    for facts in getattr(module, "list_facts", lambda rows: ())(rows):
        yield json.dumps(about | describe_facts(facts)) if options.json else render_facts(facts)


def show_progress(text: str) -> None:
    """Tell who waits how far the work is, beside what is printed for good."""
    print(text, file=sys.stderr, flush=True)


def describe_surroundings() -> str:
    """Return the versions of the database, Django and Python."""
    from .database import describe_database  # needs the settings

    python = sys.version.split()[0]
    return f"{describe_database()}, Django {django.get_version()}, Python {python}"


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


if __name__ == "__main__":
    sys.exit(main())
