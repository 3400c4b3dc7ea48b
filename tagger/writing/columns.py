"""The columns of a Parquet output: one table that makes the schema, the row of a record, and ``docs/columns.md``.

    python -m tagger.writing.columns > docs/columns.md
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from typing import Any

from tagger.writing.jsonl import dump_line


@dataclass(frozen=True, slots=True)
class Column:
    """A column, or (in `parts`) a field of the structs in one.

    Parameters
    ----------
    name, type : str
        As Arrow writes types; "code" is a string with a dictionary, "json" a string that holds JSON.
    range : str
        Unit, range or allowed values; '' where anything may stand.
    meaning : str
    key : str
        Where it stands in the JSON record, in dots; the name if ''.
    parts : tuple of Column
        What the structs of a list or a struct hold.
    """

    name: str
    type: str
    range: str
    meaning: str
    key: str = ""
    parts: tuple[Column, ...] = ()

    @property
    def path(self) -> tuple[str, ...]:
        return tuple((self.key or self.name).split("."))


STATUS = "decided, abstained, gated"
PLACE = "code points, from 0"
_SHARE, _WEIGHT = "0 to 1", "log-odds (natural logarithm)"


def _place(of: str) -> tuple[Column, Column]:
    return (
        Column("start", "int64", PLACE, f"Where {of} begins in the text as given; null where nothing in the text shows it."),
        Column("end", "int64", PLACE, "Where it ends (first code point after it)."),
    )


def _facet(facet: str, codes: str) -> tuple[Column, ...]:
    return (
        Column(facet, "code", codes, f"Proposed {facet}; the best one also where it is not decided.", f"{facet}.code"),
        Column(f"{facet}_probability", "double", _SHARE, f"Calibrated probability of that {facet}.", f"{facet}.probability"),
        Column(f"{facet}_status", "code", STATUS, "Whether the evidence decides or cannot tell the set apart; gated: no initiative.", f"{facet}.status"),
        Column(f"{facet}_set", "list<string>", codes, "Codes that the evidence cannot tell apart; the proposed one alone where it is decided.", f"{facet}.set"),
    )


_CUE = (
    Column("cue", "string", "cues of the codebook", "What the words speak of."),
    Column("value", "string", "values of that cue", "What they say of it."),
    Column("status", "string", "affirmed, negated, past, planned, other", "In which sense; `other` is said of somebody else."),
    Column("voice", "string", "page, quoted, self", "Who says it."),
    *_place("the mention"),
    Column("text", "string", "", "The words as they stand there."),
    Column("pattern", "string", "ids of the lexicon", "The pattern that found them."),
    Column("plain", "string", "", "The words without markup, where markup stands among them; else null."),
)
COLUMNS = (
    Column("id", "string", "", "The case's id: the input's, or file and number."),
    Column("title", "string", "", "Its title; the id where there is none."),
    *_facet("economy", "economies of the codebook"),
    *_facet("model", "models of the codebook"),
    Column(
        "roles", "list<struct>", "", "Roles that the source has.", parts=(
            Column("role", "string", "roles of the codebook", "The role."),
            Column("evidence", "list<struct>", "", "The mentions that show it.", parts=_CUE),
        ),
    ),
    Column("cues", "list<struct>", "", "Mentions found, in the order of the text.", parts=_CUE),
    Column(
        "cue_codes", "list<struct>", "", "For each cue the value that a coder would give; empty without a model that codes cues.", parts=(
            Column("cue", "string", "cues of the codebook", "The cue."),
            Column("value", "string", "values of that cue, unstated", "Its value."),
            Column("probability", "double", _SHARE, "Calibrated probability of that value."),
            *_place("the mention or sentence that shows it best"),
        ),
    ),
    Column(
        "evidence", "list<struct>", "", "Ledgers of the best code and the runner-up of each facet; the weights of a code add up to its score.", parts=(
            Column("facet", "string", "economy, model", "Which decision it belongs to."),
            Column("code", "string", "codes of that facet", "Which code it speaks for (or, below 0, against)."),
            Column("source", "string", "base, rule, fit, cue, word, neural", "What kind of evidence it is."),
            Column("name", "string", "", "The rule's id, the cue with its value, the word, or the sentence encoder."),
            Column("weight", "double", _WEIGHT, "What it adds to the score; 9 decimals."),
            Column("criterion", "string", "criteria of the codebook", "The criterion that it speaks to; empty where there is none."),
            *_place("what fired it"),
        ),
    ),
    Column("economy_scores", "map<string, double>", _WEIGHT, "Score of every economy.", "scores.economy"),
    Column("model_scores", "map<string, double>", _WEIGHT, "Score of every model.", "scores.model"),
    Column("tagger_version", "code", "", "Version of tagger that decided.", "provenance.tagger"),
    Column("codebook_version", "code", "", "Codebook and lexicon that it went by.", "provenance.codebook"),
    Column("rules_version", "code", "", "Rules that it went by.", "provenance.rules"),
    Column("model_version", "code", "", "Model that it went by (and +, its second look); empty where rules alone decided.", "provenance.model"),
    Column("fields", "json", "JSON object", "The input's other columns, and under `page` what a wiki page's structure says."),
    Column("notes", "list<string>", "", "What the reader had to mend in the text; empty where nothing."),
)  # fmt: skip
TEXT_COLUMNS = (
    Column("text", "string", "", "The text as given, into which all places point."),
    Column(
        "plain", "struct", "", "The text without markup, where there was some; else null.", parts=(
            Column("text", "string", "", "That text."),
            Column("at", "list<list<int64>>", PLACE, "Two lists: where stretches of it begin, and where these stand in the text as given."),
        ),
    ),
)  # fmt: skip


def columns(text: bool = True) -> tuple[Column, ...]:
    """Return the columns of an output with the texts or without."""
    return COLUMNS + (TEXT_COLUMNS if text else ())


def row_of(record: dict[str, Any], of: tuple[Column, ...]) -> dict[str, Any]:
    """Return a JSON record (:func:`tagger.writing.record.as_record`) as a row: maps are lists of key and value, what is "json" is a string."""
    row = {}
    for column in of:
        value = reduce(lambda inner, key: inner.get(key), column.path, record)
        if column.type == "json":
            value = dump_line(value)[:-1]
        elif column.type.startswith("map"):
            value = [{"key": key, "value": item} for key, item in value.items()]
        row[column.name] = value if value is not None or column.type != "list<string>" else []
    return row


def documentation() -> str:
    """Return ``docs/columns.md``."""
    table = ["| column | type | unit, range | meaning | in JSON Lines |", "|---|---|---|---|---|"]
    for name, key, column in _flat(columns()):
        type = {"code": "dictionary<string>", "json": "string"}.get(column.type, column.type)
        table.append(f"| `{name}` | `{type}` | {column.range} | {column.meaning} | `{key}` |")
    return _HEAD + "\n".join(table) + "\n"


def _flat(of: tuple[Column, ...], name: str = "", key: str = "") -> Iterator[tuple[str, str, Column]]:
    for column in of:
        inside = name + column.name, key + ".".join(column.path)
        yield *inside, column
        mark = "[]." if column.type.startswith("list") else "."
        yield from _flat(column.parts, inside[0] + mark, inside[1] + mark)


_HEAD = """# Columns of the results

One row is one case. `tagger tag ... -o results.parquet` writes these columns, `-o results.jsonl` the same under the names of the last column. Places count
code points of the text as given. `text` and `plain` are left out by `--no-text`. A Parquet file's schema holds meaning and range of each column (metadata of
the field) and the versions that made it (`tagger.versions`); a row group is 1,000 cases, or fewer where their texts are long. Lone surrogates, which UTF-8
has no bytes for, are U+FFFD. Made by `python -m tagger.writing.columns`.

"""


if __name__ == "__main__":
    print(documentation(), end="")
