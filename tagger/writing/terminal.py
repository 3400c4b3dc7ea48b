"""Decisions in the terminal, as rich renderables.

No text of a page is ever markup or a command: all of it goes through
`rich.text.Text`, and controls, bidi overrides and lone surrogates are made
visible first (:func:`visible`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from rich.console import Group, RenderableType
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from tagger.case import Choice, Decision, Line, Mention
from tagger.writing.record import FACETS, ledgers, overall_status
from tagger.writing.segments import segments

Labels = Mapping[tuple[str, str], str]
Flips = Mapping[str, tuple[str, tuple[Line, ...]] | None]

_COLOURS = ("bright_blue", "green", "yellow", "magenta", "cyan", "red", "bright_green", "bright_magenta")
_STATUS_STYLES = {"affirmed": "bold reverse", "negated": "strike", "past": "dim", "planned": "italic", "other": "dim italic"}
_HALF = 8  # half the width of a bar, in characters
_SHOWN = 12
_HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def visible(text: str, *, one_line: bool = False) -> str:
    """Return `text` with every character that could command a terminal or reorder a line made visible (ESC as ␛, U+202E as ⟨U+202E⟩).

    Newlines stay, or become spaces for `one_line`; tabs become spaces.
    """
    text = re.sub("\r\n?|[\u2028\u2029\x85]", "\n", text).replace("\t", "    ")
    text = _HIDDEN.sub(lambda hit: _picture(ord(hit.group())), text)
    return " ".join(text.split()) if one_line else text


def _picture(code: int) -> str:
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"⟨U+{code:04X}⟩"


class Shown(NamedTuple):
    """What the table shows of a decision."""

    title: str
    economy: str
    economy_probability: float
    model: str
    model_probability: float
    status: str

    @classmethod
    def of(cls, decision: Decision) -> Shown:
        """Return the row of a decision."""
        economy, model = decision.economy, decision.model
        title = decision.case.title or decision.case.id
        return cls(title, economy.code, economy.probability, model.code, model.probability, overall_status(decision))


def results_table(rows: Iterable[Shown], labels: Labels | None = None, title: str | None = None) -> Table:
    """Return a table of proposals: title, economy, model (with labels where given), probabilities and status."""
    table = Table(title=Text(visible(title, one_line=True)) if title else None, header_style="bold")
    table.add_column("Title", overflow="fold", ratio=3)
    table.add_column("Economy", overflow="fold")
    table.add_column("p", justify="right", no_wrap=True)
    table.add_column("Model", overflow="fold", ratio=2)
    table.add_column("p", justify="right", no_wrap=True)
    table.add_column("Status", no_wrap=True)
    for row in rows:
        table.add_row(
            Text(visible(row.title, one_line=True)), Text(visible(row.economy)), Text(f"{row.economy_probability:.2f}"),
            Text(_named("model", row.model, labels or {})), Text(f"{row.model_probability:.2f}"), _status(row.status),
        )  # fmt: skip
    return table


def explain(decision: Decision, labels: Labels, criteria: Mapping[str, str], flips: Flips) -> RenderableType:
    """Return everything about one decision: proposals, text with its cues, the ledgers, and what would change it.

    Parameters
    ----------
    decision : Decision
    labels : mapping of (facet, code) to str
    criteria : mapping of str to str
        Criterion texts by id.
    flips : mapping of facet to (code, lines) or None
        The smallest set of lines whose removal makes `code` win; None where no such set was found.
    """
    case = decision.case
    head = Text(visible(case.title or case.id, one_line=True), style="bold")
    parts: list[RenderableType] = [Rule(head), Text(visible(f"id {case.id} · {case.origin}", one_line=True), style="dim"), Text()]
    parts += [_proposal(facet, getattr(decision, facet), labels) for facet in FACETS]
    parts += [Text(), highlighted(decision), Text(), _cue_list(decision.mentions)]
    if decision.cue_codes:
        parts += [Text(), _coded_cues(decision)]
    for facet in FACETS:
        choice: Choice = getattr(decision, facet)
        heaviest = max((abs(line.weight) for _, lines in ledgers(choice) for line in lines), default=0.0) or 1.0  # one scale, so that the ledgers compare
        for code, lines in ledgers(choice):
            kind = "proposed" if code == choice.code else "runner-up"
            parts += [Text(), Text(f"{facet}: {_named(facet, code, labels)} ({kind})", style="bold")]
            parts.append(_ledger(lines, heaviest, choice.scores.get(code), criteria))
    if decision.roles:
        parts += [Text(), Text("Roles", style="bold"), *(Text(f"  {visible(r.role)}: " + "; ".join(_words(m) for m in r.evidence)) for r in decision.roles)]
    parts += [Text(), Text("What would change this", style="bold"), *(_flip(facet, flips.get(facet), labels) for facet in FACETS)]
    made = decision.provenance
    versions = f"tagger {made.tagger}, codebook {made.codebook}, rules {made.rules}, model {made.model or 'none (rules alone)'}"
    return Group(*parts, Text(), Text(visible(versions, one_line=True), style="dim"))


def highlighted(decision: Decision) -> Text:
    """Return the case text with its cues styled by cue and status, each followed by its number in the list of cues (so it reads without colours too)."""
    text, mentions = Text(), decision.mentions
    colours = _colours(mentions)
    for start, end, inside in segments(len(decision.case.text), [(m.start, m.end) for m in mentions]):
        style = ""
        if inside:
            first = mentions[inside[0]]
            style = f"{colours[first.cue]} {_STATUS_STYLES.get(first.status, '')}" + (" underline" if first.voice != "page" else "")
        text.append(visible(decision.case.text[start:end]), style=style)
        ending = [str(i + 1) for i in inside if mentions[i].end == end]
        if ending:
            text.append(f"[{','.join(ending)}]", style="dim")
    return text


def _named(facet: str, code: str, labels: Labels) -> str:
    label = labels.get((facet, code), "")
    if code[:1].isalpha() and label.lower().startswith(code):
        return visible(label, one_line=True)  # "Commons economy" says "commons" already
    return visible(f"{code} {label}".strip(), one_line=True)


def _status(status: str) -> Text:
    return Text(status, style={"abstained": "yellow", "gated": "dim"}.get(status, "green"))


def _proposal(facet: str, choice: Choice, labels: Labels) -> Text:
    line = Text.assemble(f"{facet:<8}", (_named(facet, choice.code, labels), "bold"), f"  p {choice.probability:.2f}  ", _status(choice.status))
    if choice.status == "abstained":
        line.append("  cannot tell apart: " + ", ".join(_named(facet, code, labels) for code in choice.set))
    return line


def _colours(mentions: Iterable[Mention]) -> dict[str, str]:
    return {cue: _COLOURS[i % len(_COLOURS)] for i, cue in enumerate(sorted({m.cue for m in mentions}))}


def _words(mention: Mention) -> str:
    marks = [mark for mark, usual in ((mention.status, "affirmed"), (mention.voice, "page")) if mark != usual]
    words = visible(f"{mention.cue} = {mention.value} “{mention.text}”", one_line=True)
    return words + (f" ({', '.join(marks)})" if marks else "")


def _cue_list(mentions: tuple[Mention, ...]) -> RenderableType:
    if not mentions:
        return Text("No cues found.", style="dim")
    colours = _colours(mentions)
    return Group(*(Text.assemble((f"[{i}] ", "dim"), (_words(m), colours[m.cue])) for i, m in enumerate(mentions, start=1)))


def _coded_cues(decision: Decision) -> Text:
    """What the text states by the cue codes, each with its evidence where that is a sentence: mentions are in the list above."""
    stated = [code for code in decision.cue_codes if code.stated]
    line = Text.assemble(("coded cues: ", "bold"), visible(", ".join(f"{c.cue} {c.value} {c.probability:.2f}" for c in stated) or "none stated", one_line=True))
    mentioned = {(m.start, m.end) for m in decision.mentions}
    for code in stated:
        if code.start is not None and (code.start, code.end) not in mentioned:
            sentence = visible(decision.case.text[code.start : code.end], one_line=True)
            line.append(visible(f"\n  {code.cue} {code.value}: ", one_line=False) + f"“{sentence}”", style="dim")
    return line


def _ledger(lines: tuple[Line, ...], most: float, score: float | None, criteria: Mapping[str, str]) -> Table:
    table = Table(box=None, padding=(0, 1), pad_edge=False, show_header=False)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    heaviest = sorted(lines, key=lambda line: -abs(line.weight))
    for line in heaviest[:_SHOWN]:
        name = Text.assemble(visible(line.name, one_line=True), (f" {visible(line.source)}", "dim"))
        if line.criterion:
            text = criteria.get(line.criterion, "")
            name.append(visible(f"\n{line.criterion}: {' '.join(text.split())}" if text else f"\n{line.criterion}"), style="dim")
        table.add_row(Text(f"{line.weight:+.2f}"), _bar(line.weight, most), name)
    if rest := heaviest[_SHOWN:]:
        table.add_row(Text(f"{sum(line.weight for line in rest):+.2f}"), _bar(0, 1), Text(f"{len(rest)} smaller lines together", style="dim"))
    total = sum(line.weight for line in lines) if score is None else score
    table.add_row(Text(f"{total:+.2f}", style="bold"), _bar(0, 1), Text("sum = score", style="bold"))
    return table


def _bar(weight: float, most: float) -> Text:
    size = max(1, round(_HALF * abs(weight) / most)) if weight else 0
    left, right = ("█" * size, "") if weight < 0 else ("", "█" * size)
    return Text.assemble((f"{left:>{_HALF}}", "red"), ("│", "dim"), (f"{right:<{_HALF}}", "green"))


def _flip(facet: str, flip: tuple[str, tuple[Line, ...]] | None, labels: Labels) -> Text:
    if flip is None:
        return Text(f"  {facet}: no evidence whose removal would change the code was found")
    code, lines = flip
    without = " and ".join(visible(f"{line.source} {line.name} ({line.weight:+.2f})", one_line=True) for line in lines)
    return Text.assemble(f"  {facet}: without {without} it would be ", (_named(facet, code, labels), "bold"))
