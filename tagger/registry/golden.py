"""Golden predictions: what a model said of a few texts on the day it was made, kept beside it, and whether it still says so.

Hashes tell that the files are the same; this tells that they still mean the same: after an upgrade of tagger or of a library, too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from tagger.case import Case, Origin
from tagger.codebook import Codebook
from tagger.cues import CueFinder, Lexicon
from tagger.pipeline import Tagger

CLOSE = 1e-6  # log-odds
MAX_TEXTS = 100


@lru_cache(maxsize=1)
def finder_of(lexicon: Lexicon) -> CueFinder:
    """Return the finder of a lexicon: its first text takes seconds, so there is one for all versions."""
    return CueFinder(lexicon)


def golden_bytes(tagger: Tagger) -> bytes:
    """Return the golden predictions of a model as JSON: the codebook's examples, and the score (log-odds) of each pair on each."""
    texts = golden_texts(tagger.codebook)
    rows = [{"text": text, "scores": scores.tolist()} for text, scores in zip(texts, _scores(tagger, texts), strict=True)]
    return (json.dumps({"pairs": tagger.pairs, "texts": rows}, indent=1, ensure_ascii=True) + "\n").encode()


def golden_texts(codebook: Codebook) -> list[str]:
    """Return the texts: the examples of each code put together, so that each text has words and cues enough."""
    return [" ".join(code.examples) for code in (*codebook.economies, *codebook.models) if code.examples][:MAX_TEXTS]


def golden_faults(tagger: Tagger, data: bytes) -> list[str]:
    """Return what a model now says otherwise than when `data` was made, as one sentence; none where all is as it was."""
    try:
        held = json.loads(data)
        texts = [str(row["text"]) for row in held["texts"]]
        pairs, before = [tuple(pair) for pair in held["pairs"]], np.array([row["scores"] for row in held["texts"]], float)
        if pairs != list(tagger.pairs) or not 0 < len(texts) <= MAX_TEXTS or before.shape != (len(texts), len(pairs)):
            raise ValueError("pairs, texts and scores do not go together")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        return [f"holds no golden predictions of this model ({type(error).__name__}: {error}); train anew"]
    apart = np.abs(np.array(_scores(tagger, texts)) - before).max(axis=1)
    off = int((~(apart <= CLOSE)).sum())
    if not off:
        return []
    by = f"by up to {apart.max():.2g}"
    return [f"{off} of {len(texts)} golden texts are scored otherwise ({by}) than when the model was made: tagger or a library changed; train anew"]


def _scores(tagger: Tagger, texts: list[str]) -> list[np.ndarray]:
    return [tagger.ledger(Case(str(i), "", text, Origin("golden.json", f"text {i}")))[0].scores() for i, text in enumerate(texts)]


def same_basis(manifest: Mapping[str, Any], tagger: Tagger) -> bool:
    """Return whether codebook, rules and lexicon are those that the model was made with: only then must it say the same."""
    used = {"codebook": tagger.codebook.sha256, "rules": tagger.rulebook.sha256, "lexicon": tagger.finder.lexicon.sha256}
    return all(isinstance(manifest.get(name), dict) and manifest[name].get("sha256") == sha256 for name, sha256 in used.items())
