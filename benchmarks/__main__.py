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
from types import ModuleType

import django

EXAMPLE_FOLDER = Path(__file__).resolve().parent.parent / "example_project"


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """Measurements that are run together."""

    module: str
    meaning: str
    settings: str = "benchmarks.settings"


GROUPS = {
    "save": Group(module="saving", meaning="rows saved one by one, a tenth of --rows"),
    "bulk": Group(module="bulk", meaning="bulk_create, update, bulk_update, delete"),
    "load": Group(module="loading", meaning="rows loaded with ModelDiffMixin"),
    "softdelete": Group(module="softdelete", meaning="a parent deleted, and restored"),
    "storage": Group(module="storage", meaning="bytes of an event"),
    "import": Group(
        module="importing",
        meaning="a workbook imported by AriStay, a tenth of --rows",
        settings="benchmarks.example_settings",
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
    parser.add_argument("--rows", type=_positive, default=10_000, help="how many rows (10000)")
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
    names = options.only or list(GROUPS)
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
    numbers = [f"--rounds={options.rounds}", f"--rows={options.rows}"]
    command = [sys.executable, "-m", "benchmarks", *only, *variants, *numbers]
    return subprocess.run([*command, "--json"] if options.json else command).returncode


def run_here(settings: str, names: Sequence[str], options: argparse.Namespace) -> None:
    """Make the database, run some groups and print what they find."""
    sys.path.insert(0, str(EXAMPLE_FOLDER))
    os.environ["DJANGO_SETTINGS_MODULE"] = settings
    django.setup()
    from .database import describe_database, temporary_database  # needs the settings

    print(f"{describe_database()}, {describe_python()}", file=sys.stderr, flush=True)
    with temporary_database():
        for name in names:
            module = import_module(f".{GROUPS[name].module}", __package__)
            for line in measure_group(module, options):
                print(line, flush=True)


def measure_group(module: ModuleType, options: argparse.Namespace) -> Iterator[str]:
    """Yield what a group finds as Markdown, or as JSON lines."""
    from .harness import choose_variants, run_benchmark  # needs the app registry
    from .report import describe_facts, describe_results, render_facts, render_results

    for benchmark in getattr(module, "list_benchmarks", lambda rows: ())(options.rows):
        chosen = choose_variants(benchmark, options.variant)
        results = run_benchmark(chosen, rounds=options.rounds, progress=show_progress)
        if options.json:
            yield json.dumps(describe_results(benchmark, results))
        else:
            yield render_results(benchmark, results)
    for facts in getattr(module, "list_facts", lambda rows: ())(options.rows):
        yield json.dumps(describe_facts(facts)) if options.json else render_facts(facts)


def show_progress(text: str) -> None:
    """Tell who waits how far the work is, beside what is printed for good."""
    print(text, file=sys.stderr, flush=True)


def describe_python() -> str:
    """Return the versions of Django and Python."""
    return f"Django {django.get_version()}, Python {sys.version.split()[0]}"


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


if __name__ == "__main__":
    sys.exit(main())
