"""A mixed day of many people on AriStay as it is deployed, and what it costs.

``python -m load [--people 50] [--seconds 180] [--soak] [--fault NAME] [--write]``. It starts a
PostgreSQL, gunicorn with the settings of production and a worker of its own, fills the demo's
company, and lets people of every kind work. Any answer that is not as expected is a failure.
"""

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tools.postgres import leave_tidily

from .faults import FAULTS, causing
from .report import Measured, read_measured, render
from .serving import ROOT, Site, run_site
from .watching import Reading, render_processor, render_readings, watching

__all__ = ["main"]

PAGE: Final = ROOT / "docs" / "development" / "load.md"
PEOPLE: Final = Path(__file__).with_name("people.py")
ARRIVALS: Final = 2
"""How many people come in a second."""


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(prog="python -m load", description=__doc__)
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--seconds", type=int, default=180)
    parser.add_argument(
        "--soak", action="store_true", help="write what grew into the page, not how long it took"
    )
    parser.add_argument("--fault", choices=FAULTS, help="what goes wrong in the middle of it")
    parser.add_argument("--write", action="store_true", help=f"write the figures into {PAGE.name}")
    parser.add_argument("--logs", type=Path, help="a folder to keep the logs of the servers in")
    return parser


def let_people_work(site: Site, people: int, seconds: int) -> Measured:
    """Let locust's people work, and return what they noted."""
    command = [
        *(sys.executable, "-m", "locust", "--locustfile", str(PEOPLE), "--headless"),
        *(
            "--users",
            str(people),
            "--spawn-rate",
            str(ARRIVALS),
            "--run-time",
            f"{seconds + people // ARRIVALS}s",
        ),
        *("--host", site.address, "--only-summary", "--loglevel", "WARNING"),
        *("--stop-timeout", "20"),
    ]
    environ = os.environ | {
        "ARISTAY_DEMO_PASSWORD": site.password,
        "LOAD_FOLDER": str(site.folder),
        "PYTHONPATH": str(ROOT),
    }
    subprocess.run(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return read_measured(site.folder / "samples.json", people=people)


def run(options: argparse.Namespace) -> tuple[Measured, list[Reading], list[str]]:
    """Start everything, let people work, and return what they, the watcher and the fault saw."""
    people, seconds = options.people, options.seconds
    with run_site(people) as site:
        print(f"{people} people work for {seconds} s", flush=True)
        with (
            causing(options.fault, site, after=people / ARRIVALS + seconds / 3) as seen,
            watching(site, every=max(5.0, seconds / 60)) as readings,
        ):
            measured = let_people_work(site, people, seconds)
        if options.logs:
            for path in site.folder.glob("*.log"):
                shutil.copy(path, options.logs)
    return measured, readings, seen


def write_part(name: str, text: str) -> None:
    """Put a text between its two marks in the page."""
    page = PAGE.read_text()
    marks = f"<!-- {name} -->", f"<!-- end of {name} -->"
    pattern = re.compile(f"({re.escape(marks[0])}\n).*?({re.escape(marks[1])})", re.DOTALL)
    PAGE.write_text(pattern.sub(lambda found: f"{found[1]}\n{text}\n\n{found[2]}", page))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the load.

    Returns:
        The exit status: 0 only if nothing failed but what a fault had to.
    """
    signal.signal(signal.SIGTERM, leave_tidily)
    options = build_parser().parse_args(arguments)
    measured, readings, seen = run(options)
    head, _, table = render(measured).partition("\n\n")
    said = "\n\n".join([f"{head} {render_processor(readings, measured.all_count)}", table])
    grown = render_readings(readings)
    print("\n".join(["", said, "", grown, "", *seen]))
    for failure, count in Counter(measured.failures).most_common(20):
        print(f"Failed {count} times: {failure}", file=sys.stderr)
    if options.write and options.soak:
        write_part("soak", f"{said.splitlines()[0]}\n\n{grown}")
    elif options.write:
        write_part("load", said)
    # Whoever takes the database away expects to hear that it is away.
    expected = "503" if options.fault == "database" else None
    return int(any(expected is None or expected not in one for one in measured.failures))


if __name__ == "__main__":
    sys.exit(main())
