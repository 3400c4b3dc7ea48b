"""The appendix as Markdown (CommonMark with tables), plots as SVG files beside it."""

from __future__ import annotations

import html
import re

from tagger.retrain.appendix.blocks import Block, Document, Heading, Listing, Plot, Table
from tagger.writing.charts import HEIGHT, WIDTH, chart
from tagger.writing.terminal import visible

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#~$!&])")  # whatever could begin markup, a link or an element
_OPENING = re.compile(r"^(\d*)([-+=.)])")  # of a list or an underline
STYLE = (
    "text{font:12px sans-serif;fill:#59626c}.grid{stroke:#d5d8d5}.aid{stroke:#59626c;stroke-dasharray:4 4}.curve{fill:none;stroke:#0b5a8a;stroke-width:2}"
    ".bar{stroke:#0b5a8a;stroke-width:1.5;opacity:.6}.band{fill:#0b5a8a;opacity:.16}.dot{fill:#0b5a8a}"
)


def as_markdown(document: Document, pictures: str) -> str:
    """Return the text; `pictures` is the folder of the plots, as seen from the file."""
    return "\n\n".join([f"# {_plain(document.title)}", *(_block(block, pictures) for block in document.blocks)]) + "\n"


def svg_files(document: Document) -> dict[str, str]:
    """Return every plot as a picture file of its own, by name."""
    return {f"{plot.name}.svg": svg(plot) for plot in document.blocks if isinstance(plot, Plot)}


def svg(plot: Plot) -> str:
    """Return a plot as a whole SVG file, its colours within."""
    drawn = chart(plot.title, plot.x, plot.y, plot.series, plot.lines)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
    opened, rest = drawn.replace("<svg ", head, 1).split(">", 1)
    return f'{opened}><title>{html.escape(plot.title)}</title><style>{STYLE}</style><rect width="100%" height="100%" fill="#fff"/>{rest}\n'


def _block(block: Block, pictures: str) -> str:
    if isinstance(block, Heading):
        return f"{'#' * (block.level + 1)} {_plain(block.text)}"
    if isinstance(block, Table):
        sides = [":--" if i < block.words else "--:" for i in range(len(block.columns))]
        lines = [_row(map(_plain, block.columns)), _row(sides), *(_row(map(_plain, row)) for row in block.rows)]
        return f"**{_plain(block.title)}**\n\n" + "\n".join(lines)
    if isinstance(block, Plot):
        return f"![{_plain(block.title)}]({pictures}/{block.name}.svg)\n\n*{_plain(block.title)}.* {_plain(block.caption)}"
    if isinstance(block, Listing):
        fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", block.text)), default=0))
        return f"{fence}{block.language}\n{visible(block.text)}\n{fence}"
    return _OPENING.sub(r"\1\\\2", _plain(block.text))


def _row(cells) -> str:
    return f"| {' | '.join(cells)} |"


def _plain(text: str) -> str:
    """Return a text of which nothing is markup."""
    return _SPECIAL.sub(r"\\\1", visible(text, one_line=True)).strip()
