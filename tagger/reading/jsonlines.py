"""JSON Lines: one object a line; a bad line costs that line only."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Any

from tagger.case import Record
from tagger.reading.cases import make_case
from tagger.reading.columns import can_name, find_columns
from tagger.reading.decode import decode, mend
from tagger.reading.inputs import Input, Line, Unread, line_encoding, lines
from tagger.reading.streams import RECORD_LIMIT, Damage

DEPTH = 64  # what is carried through is written again by writers that recurse


class _Digits(str):
    """An integer too long to be a number: an id, of which every digit counts."""


class _Bad(ValueError):
    """A value that JSON or we do not allow."""


def _float(digits: str) -> float:
    value = float(digits)
    if math.isinf(value):
        raise _Bad(f"the number {digits[:40]} is too large")
    return value


def _constant(name: str) -> None:
    raise _Bad(f"{name} is not JSON")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) < len(pairs):
        double = Counter(name for name, _ in pairs).most_common(1)[0][0]
        raise _Bad(f"the key {double[:100]!r} stands twice in one object")
    return out


_DECODER = json.JSONDecoder(
    parse_float=_float,
    parse_constant=_constant,
    object_pairs_hook=_object,
    parse_int=lambda digits: int(digits) if len(digits) < 19 else _Digits(digits),
)


def read_jsonl(given: Input) -> Iterator[Record | Unread]:
    """Yield one record for each line that is not blank."""
    seen = False
    for line in lines(given):
        if isinstance(line, Damage):
            seen = True
            yield given.damaged(line)
        elif line.data.strip() or line.too_long:
            seen = True
            yield Unread(given.origin(f"line {line.number}"), partial(_record, given, line))
    if not seen:
        yield given.quarantined("empty", f"{given.name} is empty: no line with a JSON object in it.")


def _record(given: Input, line: Line) -> Record:
    place = f"line {line.number}"
    if line.too_long:
        return given.quarantined("too-large", f"Line {line.number} is over {RECORD_LIMIT >> 20} MiB.", place)
    text, notes = decode(line.data, line_encoding(given))
    try:
        value = _DECODER.decode(text)
    except RecursionError:
        return given.quarantined("bad-json", f"Line {line.number} is nested too deep.", place)
    except ValueError as error:
        cut = " (the file may have been cut)" if not line.ended else ""
        return given.quarantined("bad-json", f"Line {line.number} is not a JSON object{cut}: {error}.", place)
    if not isinstance(value, dict):
        return given.quarantined("bad-json", f"Line {line.number} holds a JSON {_kind(value)} instead of an object.", place)
    try:
        value = _mended(value)
    except RecursionError as error:
        return given.quarantined("bad-json", f"Line {line.number}: {error}.", place)
    columns = find_columns(value, given.text_column)
    if isinstance(columns, str):
        return given.quarantined("no-text", f"Line {line.number}: {columns}.", place)
    text = value[columns.text]
    if text is not None and (not isinstance(text, str) or isinstance(text, _Digits)):
        return given.quarantined("no-text", f"Line {line.number}: {columns.text!r} holds a JSON {_kind(text)} instead of a text.", place)
    id = str(value[columns.id]) if columns.id and can_name(value[columns.id]) else ""
    title = str(value[columns.title]) if columns.title and can_name(value[columns.title]) else ""
    used = {columns.text, columns.id if id else "", columns.title if title else ""}
    fields = {name: content for name, content in value.items() if name not in used or not name}
    return make_case(columns.kind, id or f"{given.stem}:{line.number}", title, text or "", given.origin(place), fields, notes)


def _kind(value: Any) -> str:
    return {list: "array", str: "string", bool: "true or false", type(None): "null", dict: "object"}.get(type(value), "number")


def _mended(value: Any, depth: int = 0) -> Any:
    """Replace NUL and lone surrogates in all strings of a value but its texts, whose own reader notes it."""
    if depth > DEPTH:
        raise RecursionError(f"nested more than {DEPTH} deep")
    if isinstance(value, str):
        return value if depth == 1 else mend(value)[0]
    if isinstance(value, list):
        return [_mended(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {mend(name)[0]: _mended(item, depth + 1) for name, item in value.items()}
    return value
