"""Measurements as Markdown tables, and as values for JSON."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from .harness import Benchmark, Measure, Result

__all__ = ["Facts", "describe_facts", "describe_results", "render_facts", "render_results"]

MEASURES: Final[tuple[Measure, ...]] = ("wall", "processor", "client", "server")
HEADINGS = (
    "variant",
    "wall",
    "processor",
    "client",
    "server",
    "statements",
    "events",
    "wall, ms",
)
ABSENT = "-"
NO_EVENT = "no event"


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """Figures that are compared with nothing."""

    title: str
    headings: tuple[str, ...]
    rows: list[tuple[str, ...]]


def render_results(benchmark: Benchmark, results: list[Result]) -> str:
    """Return a table of ratios to the first variant; in brackets that of the least values."""
    rows = [_render_row(result, results[0]) for result in results]
    return f"### {benchmark.title}\n\n{render_table(HEADINGS, rows)}\n"


def render_facts(facts: Facts) -> str:
    """Return a table of figures that are no ratios."""
    return f"### {facts.title}\n\n{render_table(facts.headings, facts.rows)}\n"


def render_table(headings: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Return a Markdown table with the first column to the left and the others to the right."""
    rule = ("---", *("---:" for _ in headings[1:]))
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (headings, rule, *rows))


def _render_row(result: Result, base: Result) -> tuple[str, ...]:
    if result.events == 0:
        # What a recorder costs that records nothing is no figure.
        return (result.variant, NO_EVENT, *(ABSENT for _ in HEADINGS[2:]))
    wall, processor, client, server = (
        _show_ratio(result.compare(base, measure)) for measure in MEASURES
    )
    return (
        result.variant,
        wall,
        f"**{processor}** ({_show_ratio(result.compare_least(base, 'processor'))})",
        client,
        server,
        f"{result.statements:,}",
        ABSENT if result.events is None else f"{result.events:,}",
        _show_milliseconds(result.typical("wall")),
    )


def describe_facts(facts: Facts) -> dict[str, Any]:
    """Return figures as JSON values."""
    rows = [dict(zip(facts.headings, row, strict=True)) for row in facts.rows]
    return {"title": facts.title, "rows": rows}


def describe_results(benchmark: Benchmark, results: list[Result]) -> dict[str, Any]:
    """Return everything that was measured, in seconds, as JSON values."""
    return {
        "group": benchmark.group,
        "title": benchmark.title,
        "variants": [
            {
                "name": result.variant,
                "statements": result.statements,
                "events": result.events,
                "samples": [
                    {measure: getattr(sample, measure) for measure in MEASURES}
                    for sample in result.samples
                ],
            }
            for result in results
        ],
    }


def _show_ratio(ratio: float | None) -> str:
    return ABSENT if ratio is None else f"{ratio:.2f}"


def _show_milliseconds(seconds: float | None) -> str:
    return ABSENT if seconds is None else f"{seconds * 1000:,.0f}"
