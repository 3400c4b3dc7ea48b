"""What a corpus wants to hold, and the limits of its checks: one TOML file beside its cases, so that each corpus can have its own."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tagger.codebook import did_you_mean, listed
from tagger.codings.similar import LIMIT
from tagger.errors import InputError

NAME = "targets.toml"


@dataclass(frozen=True, slots=True)
class Targets:
    """Counts to reach (None or empty: told, not judged) and limits to keep.

    See ``corpus/targets.toml`` for what each means.  Shares and `cosine` are in [0, 1]; `style_margin` is in accuracy.
    """

    cases: int | None = None
    initiatives: int | None = None
    per_model: int | None = None
    of_model: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    indirect_share: float | None = None
    near_misses: int | None = None
    near_miss_pairs: tuple[tuple[str, str], ...] = ()
    long_share: float | None = None
    long_words: int = 150
    shortest: int | None = None
    longest: int | None = None
    registers: tuple[str, ...] = ()
    coders: int | None = None
    cosine: float = LIMIT
    sequence_cases: int = 3
    concept_cases: int = 2
    concept_mentions: int = 2
    style_margin: float = 0.10

    def wanted(self, model: str) -> int | None:
        """Return how many cases of a model are wanted."""
        return self.of_model.get(model, self.per_model)


_SHARES = ("indirect_share", "long_share", "cosine", "style_margin")


def read_targets(path: str | Path) -> Targets:
    """Read targets from a TOML file, or from the ``targets.toml`` of a corpus folder (none there: no targets, and the usual limits).

    Raises
    ------
    InputError
        Where the file cannot be read, or with all unknown keys and unfit values at once.
    """
    path = Path(path)
    if path.is_dir():
        path /= NAME
        if not path.exists():
            return Targets()
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{path}: not TOML ({error})") from None
    known = [f.name for f in fields(Targets)]
    faults = []
    for key, value in data.items():
        if key not in known:
            faults.append(f"{key}: unknown{did_you_mean(key, known)}; there are: {listed(known)}")
        elif wanted := _unfit(key, value):
            faults.append(f"{key}: {value!r} in place of {wanted}")
    if faults:
        raise InputError(f"{path}: {len(faults)} fault{'s' if len(faults) != 1 else ''}:\n" + "\n".join(f"  {fault}" for fault in faults))
    if "near_miss_pairs" in data:
        data["near_miss_pairs"] = tuple((a, b) for a, b in data["near_miss_pairs"])
    return Targets(**{key: tuple(value) if key == "registers" else value for key, value in data.items()})


def _unfit(key: str, value: Any) -> str:
    """Return what a key wants where its value does not fit; '' where it does."""
    if key in _SHARES:
        return "" if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1 else "a number from 0 to 1"
    if key == "of_model":
        return "" if isinstance(value, dict) and all(_is_count(n) for n in value.values()) else "a table of counts by model"
    if key == "registers":
        return "" if isinstance(value, list) and all(isinstance(r, str) for r in value) else "a list of names"
    if key == "near_miss_pairs":
        fits = isinstance(value, list) and all(isinstance(p, list) and len(p) == 2 and all(isinstance(m, str) for m in p) for p in value)
        return "" if fits else "a list of pairs of models"
    return "" if _is_count(value) else "a count"


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
