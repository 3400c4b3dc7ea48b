"""Build a plain text together with the map that leads back into its source."""

from __future__ import annotations

from bisect import bisect_right

from tagger.case import OffsetMap


class Builder:
    """Collects stretches of a source, in order, and remembers where each stood."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._plain: list[int] = []
        self._source: list[int] = []
        self._next = -1  # the source position at which the last stretch would go on
        self.size = 0

    def keep(self, text: str, at: int) -> None:
        """Append `text`, which stands in the source at `at`, character for character."""
        if not text:
            return
        if at != self._next:
            self._plain.append(self.size)
            self._source.append(at)
        self._parts.append(text)
        self.size += len(text)
        self._next = at + len(text)

    def put(self, text: str, at: int) -> None:
        """Append `text` that does not stand in the source (a break, a decoded entity); each character points to `at`."""
        for k in range(len(text)):
            self._plain.append(self.size + k)
            self._source.append(at)
        if text:
            self._parts.append(text)
            self.size += len(text)
            self._next = -1

    def keep_from(self, text: str, offsets: OffsetMap, start: int, end: int) -> None:
        """Append ``text[start:end]`` of an earlier plain text, whose `offsets` are followed back to the source."""
        i = bisect_right(offsets.plain, start) - 1
        while start < end:
            stop = min(end, offsets.plain[i + 1]) if i + 1 < len(offsets.plain) else end
            self._plain.append(self.size)
            self._source.append(offsets.source[i] + start - offsets.plain[i])
            self._parts.append(text[start:stop])
            self.size += stop - start
            start, i = stop, i + 1
        self._next = -1

    def build(self) -> tuple[str, OffsetMap]:
        """Return the text and its map."""
        if not self._plain:
            return "", OffsetMap((0,), (0,))
        return "".join(self._parts), OffsetMap(tuple(self._plain), tuple(self._source))


def place(offsets: OffsetMap, size: int, source: int) -> int:
    """Return the first plain position, 0 to `size`, whose character stands at or after `source` (for maps that ascend)."""
    i = bisect_right(offsets.source, source) - 1
    if i < 0:
        return 0
    stop = offsets.plain[i + 1] if i + 1 < len(offsets.plain) else size
    return min(offsets.plain[i] + source - offsets.source[i], stop)
