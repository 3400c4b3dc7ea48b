"""Plots as PNG, for formats that cannot show SVG; the same data and the same axes as :mod:`tagger.writing.charts` draws."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from tagger.retrain.appendix.blocks import Plot
from tagger.writing.charts import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, Series

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

SCALE, FINE = 2, 2  # pixels for each unit of the chart, and how much finer it is drawn before it is smoothed
INK, SOFT, LINE, BAND, BAR = "#0b5a8a", "#59626c", "#d5d8d5", "#d8e5ed", "#6d9bb9"


def png(plot: Plot) -> bytes:
    """Return a plot as PNG (920 x 660 pixels); needs Pillow. The same plot gives the same bytes."""
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (WIDTH * SCALE * FINE, HEIGHT * SCALE * FINE), "white")
    _Drawing(ImageDraw.Draw(image), plot).draw()
    sideways = _sideways(plot.y.title)
    image.paste(sideways, (round(3 * SCALE * FINE), round((TOP + HEIGHT - BOTTOM) / 2 * SCALE * FINE - sideways.height / 2)))
    out = io.BytesIO()
    image.reduce(FINE).save(out, "PNG")
    return out.getvalue()


def _font():
    from PIL import ImageFont

    return ImageFont.load_default(12 * SCALE * FINE)


def _sideways(text: str):
    from PIL import Image, ImageDraw

    left, top, right, bottom = _font().getbbox(text)
    image = Image.new("RGB", (int(right - left) + 4, int(bottom - top) + 8), "white")
    ImageDraw.Draw(image).text((2 - left, 4 - top), text, fill=SOFT, font=_font())
    return image.rotate(90, expand=True)


class _Drawing:
    def __init__(self, draw: ImageDraw, plot: Plot):
        self._draw, self._plot, self._font, self._unit = draw, plot, _font(), SCALE * FINE

    def draw(self) -> None:
        x, y = self._plot.x, self._plot.y
        for value, text in y.ticks:
            _, v = self._at(x.ticks[0][0], value)
            self._line((LEFT, v), (WIDTH - RIGHT, v), LINE, 1)
            self._text(LEFT - 6, v, text, "rm")
        for value, text in x.ticks:
            h, v = self._at(value, y.ticks[0][0])
            self._line((h, v), (h, v + 4), LINE, 1)
            self._text(h, v + 13, text, "rm" if value == x.ticks[-1][0] else "mm")
        self._text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, x.title, "mm")
        for start, end, _ in self._plot.lines:
            self._dashed(self._at(start.x, start.y), self._at(end.x, end.y))
        for series in self._plot.series:
            self._series(series)

    def _series(self, series: Series) -> None:
        ends = [(p, self._at(p.x, p.low), self._at(p.x, p.high)) for p in series.points if p.low is not None and p.high is not None]
        if series.band and len(ends) > 1:
            outline = [low for _, low, _ in ends] + [high for _, _, high in reversed(ends)]
            self._draw.polygon([self._fine(p) for p in outline], fill=BAND)
        elif not series.band:
            for _, low, high in ends:
                self._line(low, high, BAR, 1.5)
        places = [self._at(p.x, p.y) for p in series.points]
        if len(places) > 1:
            self._draw.line([self._fine(p) for p in places], fill=INK, width=2 * self._unit, joint="curve")
        for h, v in places:
            self._draw.ellipse([*self._fine((h - 3, v - 3)), *self._fine((h + 3, v + 3))], fill=INK)

    def _at(self, px: float, py: float) -> tuple[float, float]:
        x, y = self._plot.x, self._plot.y
        return LEFT + x.share(px) * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - y.share(py) * (HEIGHT - TOP - BOTTOM)

    def _fine(self, place: tuple[float, float]) -> tuple[float, float]:
        return place[0] * self._unit, place[1] * self._unit

    def _line(self, a: tuple[float, float], b: tuple[float, float], colour: str, width: float) -> None:
        self._draw.line([self._fine(a), self._fine(b)], fill=colour, width=round(width * self._unit))

    def _dashed(self, a: tuple[float, float], b: tuple[float, float], dash: float = 4) -> None:
        length = ((b[0] - a[0]) ** 2 + (b[1] - a[1]) ** 2) ** 0.5 or 1.0
        for k in range(0, int(length), int(2 * dash)):
            ends = [tuple(p + (q - p) * min(1.0, at / length) for p, q in zip(a, b, strict=True)) for at in (k, k + dash)]
            self._line(*ends, SOFT, 1)

    def _text(self, h: float, v: float, text: str, anchor: str) -> None:
        self._draw.text(self._fine((h, v)), text, fill=SOFT, font=self._font, anchor=anchor)


