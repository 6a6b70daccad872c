"""Draws bar charts as SVG on the server, without scripts; a table repeats the data in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

__all__ = ["Bar", "Part", "draw_bars"]

HEIGHT: Final = 120
LABEL_HEIGHT: Final = 26
SLOT: Final = 24
GAP: Final = 5
FEWEST: Final = 20
"""How many bars there is room for at least, so that a few are not broad."""


@dataclass(frozen=True, slots=True)
class Part:
    """A segment of a bar, with the CSS class of its color."""

    value: float
    kind: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar, with its label and its description."""

    label: str
    words: str
    parts: tuple[Part, ...]
    is_marked: bool = False

    @property
    def total(self) -> float:
        """The height of the bar."""
        return sum(part.value for part in self.parts)


def draw_bars(bars: Sequence[Bar], *, title: str, top: float | None = None) -> SafeString:
    """Return a bar chart that starts at zero.

    Args:
        bars: The bars, from left to right.
        title: What the chart shows, for screen readers.
        top: The value at the upper edge; by default that of the highest bar.
    """
    highest = top or max((bar.total for bar in bars), default=0) or 1
    width = max(len(bars), FEWEST) * SLOT
    drawn = format_html_join(
        "", "{}", ((_draw_bar(number, bar, highest),) for number, bar in enumerate(bars))
    )
    return format_html(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">'
        '<line class="base" x1="0" y1="{}" x2="{}" y2="{}"/>{}</svg>',
        width,
        HEIGHT + LABEL_HEIGHT,
        title,
        *(HEIGHT, width, HEIGHT),
        drawn,
    )


def _draw_bar(number: int, bar: Bar, highest: float) -> SafeString:
    left = number * SLOT + GAP / 2
    pieces, below = [], float(HEIGHT)
    for part in bar.parts:
        height = round(part.value / highest * (HEIGHT - 4), 1)
        below = round(below - height, 1)
        pieces.append((part.kind, left, below, SLOT - GAP, height))
    rectangles = format_html_join(
        "", '<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>', pieces
    )
    return format_html(
        '<g{}><title>{}</title>{}<text x="{}" y="{}">{}</text></g>',
        mark_safe(' class="marked"') if bar.is_marked else "",
        bar.words,
        rectangles,
        left + (SLOT - GAP) / 2,
        HEIGHT + LABEL_HEIGHT - 6,
        bar.label,
    )
