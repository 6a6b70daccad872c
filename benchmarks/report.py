"""Measurements as Markdown tables, and as values for JSON."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from .harness import Measure, Result, Sample

__all__ = [
    "Facts",
    "Transcript",
    "describe_facts",
    "describe_results",
    "load_facts",
    "load_results",
    "render_facts",
    "render_results",
    "render_table",
]

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


@dataclass(frozen=True, kw_only=True, slots=True)
class Transcript:
    """What a database said, word for word."""

    title: str
    text: str


def render_results(title: str, results: list[Result]) -> str:
    """Return a table of ratios to the first variant; in brackets that of the least values."""
    rows = [_render_row(result, results[0]) for result in results]
    return f"### {title}\n\n{render_table(HEADINGS, rows)}\n"


def render_facts(facts: Facts | Transcript) -> str:
    """Return a table of figures that are no ratios, or a transcript."""
    if isinstance(facts, Transcript):
        return f"### {facts.title}\n\n```text\n{facts.text}\n```\n"
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


def describe_facts(facts: Facts | Transcript) -> dict[str, Any]:
    """Return figures, or a transcript, as JSON values."""
    if isinstance(facts, Transcript):
        return {"title": facts.title, "text": facts.text}
    rows = [dict(zip(facts.headings, row, strict=True)) for row in facts.rows]
    return {"title": facts.title, "rows": rows}


def describe_results(title: str, results: list[Result]) -> dict[str, Any]:
    """Return everything that was measured, in seconds, as JSON values."""
    return {
        "title": title,
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


def load_results(values: dict[str, Any]) -> list[Result]:
    """Return what :func:`describe_results` wrote down."""
    return [
        Result(
            variant=variant["name"],
            statements=variant["statements"],
            events=variant["events"],
            samples=[
                Sample(wall=sample["wall"], client=sample["client"], server=sample["server"])
                for sample in variant["samples"]
            ],
        )
        for variant in values["variants"]
    ]


def load_facts(values: dict[str, Any]) -> Facts | Transcript:
    """Return what :func:`describe_facts` wrote down."""
    if "text" in values:
        return Transcript(title=values["title"], text=values["text"])
    rows = [tuple(row.values()) for row in values["rows"]]
    return Facts(title=values["title"], headings=tuple(values["rows"][0]), rows=rows)


def _show_ratio(ratio: float | None) -> str:
    return ABSENT if ratio is None else f"{ratio:.2f}"


def _show_milliseconds(seconds: float | None) -> str:
    return ABSENT if seconds is None else f"{seconds * 1000:,.0f}"
