"""The command line: ``map``, ``run`` and ``report``."""

import argparse
import sys
import tempfile
from pathlib import Path

from . import __doc__ as description
from .areas import AREAS
from .judging import Copy, draw_sample
from .reach import Reach, draw_map
from .results import HEAD, Verdict, describe_area, keep_verdict, rate_verdicts, read_verdicts


def map_areas(options: argparse.Namespace) -> int:
    """Run the tests of the areas, or those that are named, and note what each reaches."""
    return max(draw_map(area, options.tests or AREAS[area].list_tests()) for area in options.areas)


def judge_areas(options: argparse.Namespace) -> int:
    """Judge what is not judged yet of each area's sample, and report."""
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        copy = Copy(Path(folder))
        for area in options.areas:
            judge_area(area, options, copy)
    return report_areas(options)


def judge_area(area: str, options: argparse.Namespace, copy: Copy) -> None:
    """Judge what is not judged yet of an area's sample, or its survivors again."""
    known, reach = read_verdicts(area), Reach.read(area)
    sample = draw_sample(area, reach, size=options.sample, seed=options.seed)
    waiting = [one for one in sample if is_waiting(known.get(one.key), options)]
    if not waiting:
        return
    with copy.quicken(sorted({test for one in waiting for test in one.list_tests(reach)})):
        for candidate in waiting:
            tests = candidate.list_tests(reach)
            verdict = Verdict(
                key=candidate.key,
                place=f"{candidate.name}:{candidate.mutant.line}",
                kind=candidate.mutant.kind,
                fate=copy.judge(candidate, tests),
                diff=candidate.diff,
            )
            keep_verdict(area, verdict)
            print(f"{verdict.fate:<9} {len(tests):>4} tests  {verdict.place}", flush=True)


def is_waiting(before: Verdict | None, options: argparse.Namespace) -> bool:
    """Tell whether a mutant has to be judged, by what was said of it before."""
    return before is None or (options.survivors and before.fate == "survived")


def report_areas(options: argparse.Namespace) -> int:
    """Print the survivors as diffs, and the table.

    Returns:
        The exit status: 0 if in each area at least the share of the floor died.
    """
    lines, is_below = [HEAD], False
    for area in options.areas:
        known, reach = read_verdicts(area), Reach.read(area)
        sample = draw_sample(area, reach, size=options.sample, seed=options.seed)
        verdicts = [known[one.key] for one in sample if one.key in known]
        for verdict in verdicts:
            if verdict.fate == "survived":
                print(f"\n{verdict.kind}\n{verdict.diff}")
        if verdicts:
            lines.append(describe_area(area, verdicts))
            is_below = is_below or rate_verdicts(verdicts) < options.floor
    print("", *lines, sep="\n")
    return int(is_below)


def parse_arguments(arguments: list[str]) -> argparse.Namespace:
    """Return what the command line asks for."""
    parser = argparse.ArgumentParser(prog="tools.mutation", description=description)
    commands = parser.add_subparsers(required=True)
    for name, act in (("map", map_areas), ("run", judge_areas), ("report", report_areas)):
        command = commands.add_parser(name, help=act.__doc__)
        command.add_argument("areas", nargs="*", default=list(AREAS), help=", ".join(AREAS))
        command.set_defaults(act=act)
        if name == "map":
            command.add_argument("--tests", nargs="*", type=Path, help="files of tests")
            continue
        command.add_argument("--sample", type=int, help="how many mutants, if not all")
        command.add_argument("--seed", type=int, default=1)
        command.add_argument("--floor", type=float, default=85.0, help="percent that have to die")
        command.add_argument("--survivors", action="store_true", help="judge survivors again")
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    """Do what the command line asks for.

    Returns:
        The exit status.
    """
    options = parse_arguments(arguments)
    return int(options.act(options))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
