"""Small charts as inline SVG: lines with bands and points with bars, drawn with classes so that the page's style sheet colours them, in light and dark."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 460, 330
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 12, 44


@dataclass(frozen=True, slots=True)
class Point:
    """A point with its interval (None: none) and what the mouse shows of it."""

    x: float
    y: float
    low: float | None = None
    high: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    """Points in the order of x; `style` is the class that colours them, `band` draws intervals as a band instead of bars."""

    name: str
    points: tuple[Point, ...]
    style: str = "a"
    band: bool = False


@dataclass(frozen=True, slots=True)
class Axis:
    """What an axis shows: its title and its ticks as (value, text); the first and the last tick are its ends."""

    title: str
    ticks: tuple[tuple[float, str], ...]

    def share(self, value: float) -> float:
        """Return where a value lies between the ends, cut to [0, 1]."""
        first, last = self.ticks[0][0], self.ticks[-1][0]
        return min(1.0, max(0.0, (value - first) / ((last - first) or 1.0)))


def percent_axis(title: str, least: float = 0.0) -> Axis:
    """Return an axis of shares to 100 %, from a round one at or under `least`."""
    step = 20 if least < 0.2 else 10 if least < 0.6 else 5
    start = min(int(100 * max(0.0, least)) // step * step, 100 - 2 * step)
    return Axis(title, tuple((k / 100, f"{k} %") for k in range(start, 101, step)))


def chart(title: str, x: Axis, y: Axis, series: Sequence[Series], lines: Sequence[tuple[Point, Point, str]] = ()) -> str:
    """Return an SVG element.

    Parameters
    ----------
    title : str
        What the chart shows, for those who cannot see it.
    x, y : Axis
    series : sequence of Series
    lines : sequence of (Point, Point, str)
        Straight lines for comparison, with the text at their second end.
    """

    def at(px: float, py: float) -> tuple[float, float]:
        return LEFT + x.share(px) * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - y.share(py) * (HEIGHT - TOP - BOTTOM)

    parts = [f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{html.escape(title)}">']
    for value, text in y.ticks:
        _, v = at(x.ticks[0][0], value)
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{v:.1f}" y2="{v:.1f}"/>')
        parts.append(_text(LEFT - 6, v + 4, text, "end"))
    for value, text in x.ticks:
        h, _ = at(value, y.ticks[0][0])
        parts.append(f'<line class="grid" x1="{h:.1f}" x2="{h:.1f}" y1="{HEIGHT - BOTTOM}" y2="{HEIGHT - BOTTOM + 4}"/>')
        parts.append(_text(h, HEIGHT - BOTTOM + 17, text, "end" if value == x.ticks[-1][0] else "middle"))
    parts.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6, x.title, "middle"))
    middle = (TOP + HEIGHT - BOTTOM) / 2
    parts.append(f'<text transform="translate(11 {middle:.0f}) rotate(-90)" text-anchor="middle">{html.escape(y.title)}</text>')
    for start, end, text in lines:
        (x1, y1), (x2, y2) = at(start.x, start.y), at(end.x, end.y)
        parts.append(f'<line class="aid" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>')
        parts.append(_text(x2 - 4, y2 + 14, text, "end"))
    for one in series:
        parts += _series(one, at)
    return "".join([*parts, "</svg>"])


def legend(series: Sequence[Series]) -> str:
    """Return the names of the series with their colours, as an HTML list."""
    items = "".join(
        f'<li><svg class="key" viewBox="0 0 10 10"><circle class="dot {s.style}" cx="5" cy="5" r="4"/></svg> {html.escape(s.name)}</li>' for s in series
    )
    return f'<ul class="legend">{items}</ul>'


def _series(series: Series, at) -> list[str]:
    places = [at(p.x, p.y) for p in series.points]
    ends = [(at(p.x, p.low), at(p.x, p.high)) for p in series.points if p.low is not None and p.high is not None]
    drawn = []
    if series.band and len(ends) > 1:
        outline = [low for low, _ in ends] + [high for _, high in reversed(ends)]
        drawn.append(f'<polygon class="band {series.style}" points="{_points(outline)}"/>')
    elif not series.band:
        drawn += [f'<line class="bar {series.style}" x1="{a:.1f}" y1="{b:.1f}" x2="{c:.1f}" y2="{d:.1f}"/>' for (a, b), (c, d) in ends]
    drawn.append(f'<polyline class="curve {series.style}" points="{_points(places)}"/>')
    for point, (h, v) in zip(series.points, places, strict=True):
        drawn.append(f'<circle class="dot {series.style}" cx="{h:.1f}" cy="{v:.1f}" r="3"><title>{html.escape(point.note)}</title></circle>')
    return drawn


def _points(places: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{h:.1f},{v:.1f}" for h, v in places)


def _text(h: float, v: float, text: str, anchor: str) -> str:
    return f'<text x="{h:.1f}" y="{v:.1f}" text-anchor="{anchor}">{html.escape(text)}</text>'
