"""What became of the mutants, kept from run to run."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import sqrt
from pathlib import Path
from typing import Final

from .areas import WORK

__all__ = ["HEAD", "Verdict", "describe_area", "keep_verdict", "rate_verdicts", "read_verdicts"]

HEAD: Final = f"{'area':<12}{'judged':>7}{'died':>7}{'percent':>9}   95 % between"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of one mutant."""

    key: str
    place: str
    kind: str
    fate: str
    diff: str


def _name_file(area: str) -> Path:
    return WORK / f"{area}.jsonl"


def keep_verdict(area: str, verdict: Verdict) -> None:
    """Add a verdict to those of its area."""
    with _name_file(area).open("a") as results:
        results.write(json.dumps(asdict(verdict)) + "\n")


def read_verdicts(area: str) -> dict[str, Verdict]:
    """Return the last word on each mutant of an area, by the mutant's key."""
    if not _name_file(area).exists():
        return {}
    lines = _name_file(area).read_text().splitlines()
    return {verdict.key: verdict for verdict in (Verdict(**json.loads(line)) for line in lines)}


def rate_verdicts(verdicts: Sequence[Verdict]) -> float:
    """Return how many died, in percent."""
    return 100 * sum(one.fate != "survived" for one in verdicts) / len(verdicts)


def bound_rate(percent: float, count: int) -> tuple[float, float]:
    """Return between which bounds the rate of all mutants lies with a confidence of 95 %.

    >>> [round(bound) for bound in bound_rate(90, 60)]
    [80, 95]
    """
    z, rate = 1.96, percent / 100
    middle = rate + z * z / (2 * count)
    spread = z * sqrt(rate * (1 - rate) / count + z * z / (4 * count * count))
    scale = (1 + z * z / count) / 100
    return (middle - spread) / scale, (middle + spread) / scale


def describe_area(area: str, verdicts: Sequence[Verdict]) -> str:
    """Return an area's line of the table."""
    died = sum(one.fate != "survived" for one in verdicts)
    rate = rate_verdicts(verdicts)
    low, high = bound_rate(rate, len(verdicts))
    return f"{area:<12}{len(verdicts):>7}{died:>7}{rate:>9.1f}{low:>9.0f} and {high:.0f}"
