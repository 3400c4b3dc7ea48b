"""Sheets that do what a defect does: workers import this module by name."""

from __future__ import annotations

import os
import time


class Sheets:
    """Gives one sheet; `deadly` titles end the process that works on them, `endless` ones never come to an end."""

    def __init__(self, deadly=(), endless=(), faulty=()):
        self.deadly, self.endless, self.faulty = frozenset(deadly), frozenset(endless), frozenset(faulty)

    def __eq__(self, other):
        return isinstance(other, Sheets) and vars(self) == vars(other)

    def __hash__(self):
        return hash((self.deadly, self.endless, self.faulty))

    def __call__(self, tagger):
        return [self]

    def piece(self, decision):
        title = decision.case.title
        if title in self.deadly:
            os._exit(9)
        if title in self.endless:
            time.sleep(3600)
        if title in self.faulty:
            raise RuntimeError("a defect")
        return f"{decision.case.id} {decision.model.code}\n".encode()
