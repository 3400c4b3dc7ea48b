"""What was looked up, remembered for as long as it keeps coming up."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TypeVar

K, V = TypeVar("K", bound=Hashable), TypeVar("V")
MOST = 10_000  # entries of a generation; there are two


class Remembered(dict[K, V]):
    """A dictionary that looks up what is not there, and forgets what has not come up for long: its memory stays flat.

    Entries live in two generations.  When the young one is full it becomes the old one, whose entries are looked at before anything is looked up again.

    Parameters
    ----------
    look_up : callable of key to value
    most : int, optional
        Entries of a generation, at least 1; `MOST` if left out.
    """

    def __init__(self, look_up: Callable[[K], V], most: int | None = None):
        super().__init__()
        self._look_up, self._most = look_up, most or MOST
        self._old: dict[K, V] = {}

    def __missing__(self, key: K) -> V:
        if len(self) >= self._most:
            self._old = dict(self)
            self.clear()
        old = self._old  # another thread may put the next one there
        value = self[key] = old[key] if key in old else self._look_up(key)
        return value
