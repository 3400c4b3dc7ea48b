"""The appendix as one self-contained HTML page: no script, nothing loaded, plots as inline SVG."""

from __future__ import annotations

import html
from importlib.resources import files
from string import Template

from tagger.retrain.appendix.blocks import Block, Document, Heading, Listing, Missing, Plot, Table
from tagger.writing.charts import chart
from tagger.writing.report import csp_hash
from tagger.writing.terminal import visible

_HERE = files("tagger.writing")
STYLE = """
main { max-width: 60rem; } pre { background: var(--panel); padding: .8rem 1rem; border-radius: .6rem; overflow-x: auto; overflow-wrap: normal; }
.missing { color: var(--warn); background: var(--warn-paper); border-left: 4px solid var(--warn); padding: .4rem .8rem; }
td.word, th.word { white-space: normal; overflow-wrap: break-word; min-width: 5rem; }
.dense thead th { max-width: none; } .dense td, .dense th { padding: .2rem .4rem; text-align: center; }
.dense th:first-child { text-align: left; } table { font-size: .9rem; } tbody th { vertical-align: baseline; }
@media print { body { max-width: none; padding: 0; } .wide { overflow: visible; } figure, tr, pre { break-inside: avoid; }
  h2, h3, caption { break-after: avoid; } }
"""


def as_html(document: Document) -> str:
    """Return the page."""
    style = "".join(_HERE.joinpath(name).read_text(encoding="utf-8") for name in ("report.css", "evaluation.css")) + STYLE
    template = Template(_HERE.joinpath("evaluation.html").read_text(encoding="utf-8"))
    body = "\n".join(map(_block, document.blocks))
    return template.substitute(title=_text(document.title), style=style, style_hash=csp_hash(style), about="", body=body, notes="")


def _block(block: Block) -> str:
    if isinstance(block, Heading):
        return f"<h{block.level + 1}>{_text(block.text)}</h{block.level + 1}>"
    if isinstance(block, Table):
        return _table(block)
    if isinstance(block, Plot):
        drawn = chart(block.title, block.x, block.y, block.series, block.lines)
        return f"<figure>{drawn}<figcaption><strong>{_text(block.title)}.</strong> {_text(block.caption)}</figcaption></figure>"
    if isinstance(block, Listing):
        return f"<pre><code>{html.escape(visible(block.text))}</code></pre>"
    return f'<p{" class=missing" if isinstance(block, Missing) else ""}>{_text(block.text)}</p>'


def _table(table: Table) -> str:
    def cell(tag: str, i: int, text: str, more: str = "") -> str:
        return f"<{tag}{more}{' class=word' if i < table.words else ''}>{_text(text)}</{tag}>"

    head = "".join(cell("th", i, c, ' scope="col"') for i, c in enumerate(table.columns))
    rows = "".join(
        "<tr>" + "".join(cell("td" if i else "th", i, c, "" if i else ' scope="row"') for i, c in enumerate(row)) + "</tr>" for row in table.rows
    )
    kind = ' class="dense"' if table.dense else ""
    return f'<div class="wide"><table{kind}><caption>{_text(table.title)}</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'


def _text(text: str) -> str:
    return html.escape(visible(text, one_line=True))
