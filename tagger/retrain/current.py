"""The model in use, as retraining needs it: what it says, what it learned from, and what is new since."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tagger.codebook import FACETS
from tagger.coding.encoder import Encoder
from tagger.coding.model_manifest import ENCODER, GROUPS, TOKENIZER, current_folder, described, in_use, read_manifest
from tagger.cues import CueFinder
from tagger.errors import ModelError
from tagger.learning.labelled import Labelled
from tagger.learning.model_folder import training_hash
from tagger.learning.train import Settings
from tagger.learning.tuned_look import Tuned
from tagger.learning.vectors import PRETRAINED
from tagger.pipeline import Tagger
from tagger.registry.verify import Loaded
from tagger.registry.versions import group_digest, trained_on


@dataclass(frozen=True)
class Current:
    """The model in use; `name` is '' where the rules alone decide, for the reason `why`. `saw` are digests of the initiatives that it was trained on, None
    where it does not record them (a model of an older format). `pointer` is what ``CURRENT`` said, whether there is such a model or not.
    """

    name: str
    tagger: Tagger
    manifest: Mapping[str, Any] = field(default_factory=dict)
    saw: frozenset[str] | None = frozenset()
    why: str = ""
    pointer: str | None = None

    @property
    def called(self) -> str:
        """The name, or what decides in its place."""
        return self.name or "the rules alone"


@dataclass(frozen=True, slots=True)
class News:
    """What is new since the model in use was trained.

    `first`: there is none. `known`: it says what it was trained on. `same`: nothing is new, the very same table of cases, codebook, rules, cues and settings.
    `texts` and `initiatives` count what is to be trained on, `added` and `gone` initiatives; `codes` tells by facet how many texts more (or fewer) a code has.
    """

    texts: int
    initiatives: int
    first: bool
    known: bool
    same: bool
    added: int
    gone: int
    codes: Mapping[str, Mapping[str, int]]


def current_of(models: Path, codebook: Path | None, loaded: Loaded) -> Current:
    """Return the model in use in `models`, or the rules alone where there is none, or none that can be used with the codebook.

    Raises
    ------
    ModelError
        Where ``CURRENT`` is no plain file.
    """
    book, lexicon, rules = loaded
    pointer = in_use(models)
    alone, why = Tagger(book, CueFinder(lexicon), rules), f"there is no model in {models} yet"
    try:
        folder = current_folder(models)
        if folder is not None:
            manifest = read_manifest(folder)
            saw = trained_on(folder) if GROUPS in manifest["files"] else None
            return Current(folder.name, Tagger.load(models, codebook), manifest, saw, pointer=pointer)
    except ModelError as error:
        why = f"the model in use cannot be used ({error})"
    return Current("", alone, why=why, pointer=pointer)


def news(
    current: Current,
    train: Sequence[Labelled],
    loaded: Loaded,
    settings: Settings,
    decide: float | None = None,
    pretrained: bool = False,
    second: Encoder | Tuned | None = None,
) -> News:
    """Return what is new in the cases to train on, and in how to train: threshold of abstention (None: as it is), vectors from elsewhere or not, and
    a second look (None: whether there is one or not).
    """
    manifest = current.manifest
    training = manifest.get("training") if isinstance(manifest.get("training"), Mapping) else {}
    digests = {group_digest(x.group) for x in train}
    saw = current.saw or frozenset()
    parts = zip(("codebook", "lexicon", "rules"), loaded, strict=True)
    basis = all(isinstance(manifest.get(name), Mapping) and manifest[name].get("sha256") == part.sha256 for name, part in parts)
    basis = basis and decide in (None, current.tagger.thresholds.decide) and pretrained == (f"word vectors: {PRETRAINED}" in training.get("sources", ()))
    files = manifest.get("files", {})
    if second is not None:
        encoder, network = (second.encoder, second.network) if isinstance(second, Tuned) else (second, None)
        looks = manifest.get("neural") if isinstance(manifest.get("neural"), Mapping) else {}
        basis = basis and (files.get(ENCODER), files.get(TOKENIZER)) == (described(encoder.model), described(encoder.tokenizer))
        basis = basis and looks.get("tuned") == network
    same = basis and manifest.get("settings") == asdict(settings) and training.get("sha256") == training_hash(train)
    codes = {}
    for facet in FACETS:
        before = training.get(facet) if isinstance(training.get(facet), Mapping) else {}
        now = Counter(getattr(x, facet) for x in train)
        change = {code: now[code] - int(before.get(code, 0)) for code in sorted({*now, *before})}
        codes[facet] = {code: n for code, n in change.items() if n}
    return News(len(train), len(digests), not current.name, current.saw is not None, bool(same), len(digests - saw), len(saw - digests), codes)
