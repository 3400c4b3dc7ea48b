"""Retraining: gather, train a candidate, compare it with the model in use on cases that neither has learned from, and let it take over or not."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tagger.coding.classifier import Weights
from tagger.coding.decide import Thresholds
from tagger.coding.encoder import Encoder
from tagger.coding.model_file import weights_bytes
from tagger.coding.model_manifest import DRIFT, METRICS, NEURAL
from tagger.errors import InputError
from tagger.learning.evaluation import REPLICATES, evaluate
from tagger.learning.fitting import Fitted, fitted, vectors_of
from tagger.learning.model_folder import manifest_of, parts_of
from tagger.learning.outcomes import outcomes_of
from tagger.learning.second_look_training import add_second_look
from tagger.learning.train import Seen, Settings, look_at
from tagger.learning.tuned_look import Tuned
from tagger.learning.vectors import Vectors
from tagger.pipeline import Tagger, load_folder
from tagger.registry.verify import Loaded
from tagger.retrain.compare import Comparison, compare
from tagger.retrain.current import Current, News, current_of, news
from tagger.retrain.drift import drift_reference, reference_bytes
from tagger.retrain.gather import Gathered, Sources, gather
from tagger.retrain.held_out import LEAST, Grouped, Sample, Split, samples, split, unseen
from tagger.retrain.promotion import MOST_LOSS, Taken, held_back, summary, take_over

DECIDE = 0.7  # of a first model; see tagger.cli.train


@dataclass(frozen=True, slots=True)
class Options:
    """How to retrain.

    `name`: of the candidate. `dry_run`: compare and write nothing. `anyway`: why to promote whatever the comparison says ('' to go by it). `most_loss`:
    of a code's F1. `decide`: threshold of abstention; None for that of the model in use. `seed`: of the decomposition of words, of the fifth that is held out
    where nothing else is, and of the bootstrap. `settings`: of training, but for the seed. `second`: what a second look is made of (None: the candidate has
    none); the comparison is of the models without it.
    """

    name: str = "retrained"
    dry_run: bool = False
    anyway: str = ""
    most_loss: float = MOST_LOSS
    decide: float | None = None
    pretrained: bool = False
    replicates: int = REPLICATES
    seed: int = 0
    settings: Settings = field(default_factory=Settings)
    second: Encoder | Tuned | None = None


@dataclass(frozen=True)
class Retrained:
    """What came of it: what is new, what was left out (reason to count and first ids), the comparisons (none where nothing is new), what holds the candidate
    back, where it is (None: nothing was written), and what else to tell, a sentence each.
    """

    current: str
    news: News
    left: dict[str, tuple[int, tuple[str, ...]]]
    comparisons: tuple[Comparison, ...] = ()
    held_back: tuple[str, ...] = ()
    taken: Taken | None = None
    told: tuple[str, ...] = ()


def retrain(sources: Sources, models: Path, codebook: Path | None = None, options: Options | None = None, step: Callable[[str], None] = len) -> Retrained:
    """Retrain the model in use in `models`.

    Parameters
    ----------
    sources : Sources
    models : Path
        Folder of models, which is there.
    codebook : Path, optional
        Codebook folder; the packaged one by default.
    options : Options, optional
    step : callable
        Is told what is being done, before each long step.

    Raises
    ------
    InputError
        Where there is too little to learn from.
    ModelError, OutputError
        Where the candidate cannot be written; the model in use stays in use.
    """
    options, loaded = options or Options(), load_folder(codebook)
    current = current_of(models, codebook, loaded)
    step("reading labels and texts")
    gathered = gather(sources, loaded[0])
    found = split(gathered.cases, loaded[0])
    settings = replace(options.settings, seed=options.seed)
    train = [x for x, _ in found.train]
    if isinstance(options.second, Tuned):
        options.second.check(tuple(loaded[0].pairs), train)
    fresh = news(current, train, loaded, settings, options.decide, options.pretrained, options.second)
    left = _left(gathered, found)
    if fresh.same:  # whatever is to be promoted is in use: so a command that was killed at its very end can be given again
        return Retrained(current.called, fresh, left, told=gathered.told)
    if len({x.pair for x in train}) < 2:
        raise InputError(f"{len(train)} cases with {len({x.pair for x in train})} kind of label: training needs cases of at least two codes" + _why(left))
    return _Run(sources, models, options, loaded, current, gathered, found, settings, step).run(fresh, left)


@dataclass
class _Run:
    """One retraining, from what was gathered on."""

    sources: Sources
    models: Path
    options: Options
    loaded: Loaded
    current: Current
    gathered: Gathered
    found: Split
    settings: Settings
    step: Callable[[str], None]
    told: list[str] = field(default_factory=list)
    seen: dict[int, Seen] = field(default_factory=dict)  # by id() of the labelled case
    vectors: list[Vectors] = field(default_factory=list)

    def run(self, fresh: News, left: dict[str, tuple[int, tuple[str, ...]]]) -> Retrained:
        book, _, rules = self.loaded
        self.told += [*self.gathered.told, *self._about_current()]
        self.step("looking at the texts")
        finder = self.current.tagger.finder
        self.seen = {id(x): look_at(x.case, finder, rules, book, self.settings.with_rules) for x, _ in self.found.train}
        self.vectors = vectors_of(self.gathered.words, [x for x, _ in self.found.train], self.options.pretrained)
        comparisons, candidate, metrics = self._compared()
        back = held_back(comparisons, self.options.most_loss)
        if self.options.dry_run:
            return Retrained(self.current.called, fresh, left, comparisons, back, None, tuple(self.told))
        if candidate is None:
            self.step("training on all cases, those held out for the comparison included")
            candidate = self._fitted(self.found.train)
        taken = self._taken(candidate, metrics, self._reason(comparisons[0], back))
        if not taken.promoted and (not back or self.options.anyway):
            self.told.append("another model was put in use meanwhile: the candidate was compared with the one before it, so it is kept aside; retrain again")
        return Retrained(self.current.called, fresh, left, comparisons, back, taken, tuple(self.told))

    def _about_current(self) -> list[str]:
        cautions = [] if self.current.name else [f"the candidate is compared with the rules alone: {self.current.why}"]
        return [*cautions, *(self.current.tagger.cautions if self.current.name else ())]

    def _compared(self) -> tuple[tuple[Comparison, ...], Fitted | None, dict[str, Any]]:
        """Return the comparisons, the candidate (None where the one that was compared did not learn from all cases), and its figures."""
        wanted = samples(self.found, self.options.seed)
        if not wanted[0].cases:
            raise InputError(f"nothing to measure on: none of {len(self.found.train)} cases is in the fifth drawn by hash; give more cases, or a set named dev")
        without = wanted[0].groups if wanted[0].fifth else set()
        if without:
            self.told.append(
                f"no {LEAST} initiatives are held out: for the comparison the candidate learns without {len(without)} of them; what takes over learns from all"
            )
        self.step("training a candidate")
        candidate = self._fitted([pair for pair in self.found.train if pair[1] not in without])
        challenger = self._tagger(candidate.weights)
        shown, against, opponent = self._opponent(wanted)
        self.step("comparing")
        draws = {"replicates": self.options.replicates, "seed": self.options.seed}
        comparisons, metrics = [], {}
        for sample in shown:
            cases, groups = [x for x, _ in sample.cases], [group for _, group in sample.cases]
            outcomes = outcomes_of(challenger, cases, groups)
            comparisons.append(compare(outcomes, outcomes_of(opponent, cases, groups), sample.title, against, **draws))
            if not metrics:
                whole = " (a model that learned from all cases but these: the one in this folder learned from all)" if without else ""
                metrics = evaluate(outcomes, **draws, about={"measured": f"on {sample.title}{whole}", "compared with": against}).as_dict()
        return tuple(comparisons), None if without else candidate, metrics | {"comparisons": [c.as_dict() for c in comparisons]}

    def _opponent(self, wanted: list[Sample]) -> tuple[list[Sample], str, Tagger]:
        """Return the samples to compare on, and the model in use with its name, or what stands in for it where it has learned from the first of them."""
        current, first = self.current, wanted[0]
        if not current.name or current.saw is None:
            if current.name:
                self.told.append(f"{current.name} does not record what it was trained on: where it learned from cases of the sample, its figures are flattered")
            return wanted, current.called, current.tagger
        parts = [unseen(sample, self.found, current.saw) for sample in wanted]
        left = len(parts[0].groups)
        if parts == wanted:
            return wanted, current.called, current.tagger
        seen = len(wanted[-1].groups) - len(parts[-1].groups)
        told = f"{current.name} was trained on {seen} of the {len(wanted[-1].groups)} initiatives to measure on"
        if left >= max(LEAST, len(first.groups) / 2):
            self.told.append(f"{told}: what it was trained on is left out of the comparison")
            return parts, current.called, current.tagger
        known = [(x, group) for x, group in self.found.train if group not in first.groups and self.found.digests[group] & current.saw]
        if len({x.pair for x, _ in known}) < 2:
            self.told.append(f"{told}, so its figures are flattered")
            return wanted, current.called, current.tagger
        self.told.append(f"{told}: in its place stands a model that learned from the initiatives that it was trained on, without these")
        self.step("training what the model in use would be without the sample")
        return wanted, f"{current.name}, learned anew without the sample", self._tagger(self._fitted(known).weights, current.tagger.thresholds)

    def _fitted(self, cases: Sequence[Grouped]) -> Fitted:
        if len({x.pair for x, _ in cases}) < 2:
            raise InputError(f"{len(cases)} cases are left to learn from when a sample to measure on is held out, of fewer than two codes: give more cases")
        labelled = [x for x, _ in cases]
        return fitted(labelled, [self.seen[id(x)] for x in labelled], self.loaded[0], self.settings, self.vectors, [group for _, group in cases])

    def _tagger(self, weights: Weights, thresholds: Thresholds | None = None) -> Tagger:
        book, _, rules = self.loaded
        return Tagger(book, self.current.tagger.finder, rules, weights, "candidate", thresholds or self._thresholds())

    def _thresholds(self) -> Thresholds:
        before = self.current.tagger.thresholds if self.current.name else Thresholds(decide=DECIDE)
        return before if self.options.decide is None else replace(before, decide=self.options.decide)

    def _reason(self, first: Comparison, back: tuple[str, ...]) -> str | None:
        """Why the candidate is promoted, for the history; None where it is not."""
        if self.options.anyway:
            return f"anyway: {self.options.anyway} (held back by: {'; '.join(back) or 'nothing'})"
        return None if back else f"against {first.against}: {summary(first)}"

    def _taken(self, candidate: Fitted, metrics: dict[str, Any], why: str | None) -> Taken:
        book, lexicon, rules = self.loaded
        self.step("training the cue codes")
        cases = list(candidate.cases)
        weights = candidate.with_cue_codes(book)
        data = weights_bytes(weights)
        names = [*self.sources.names(), *(f"word vectors: {v.name}" for v in self.vectors)]
        manifest = manifest_of(data, cases, book, rules, lexicon, self.settings, self._thresholds(), names)
        if coded := sum(x.case.id in self.gathered.reviewed for x in cases):
            manifest["training"]["coded_by"] = f"coders of a review ({coded} texts) and, for the other {len(cases) - coded}, whoever coded the files given"
        drift = reference_bytes(drift_reference(cases, [self.seen[id(x)] for x in cases], weights, candidate.probabilities()))
        parts = parts_of(cases, weights, book, rules, lexicon) | {METRICS: _json(metrics), DRIFT: drift}
        if self.options.second is not None:
            self.step("adding a second look")
            self.told.append(add_second_look(candidate, self.options.second, self._thresholds(), manifest, parts))
        elif NEURAL in self.current.manifest.get("files", {}):
            self.told.append(f"the candidate has no second look, which {self.current.name} has: --neural {self.models / self.current.name} gives it one, too")
        self.step("writing")
        where = {"instead_of": self.current.pointer, "why": why, "loaded": self.loaded}
        return take_over(self.models, self.options.name, weights, data, manifest, parts, **where)


def _json(figures: dict[str, Any]) -> bytes:
    return (json.dumps(figures, ensure_ascii=True) + "\n").encode()


def _left(gathered: Gathered, found: Split) -> dict[str, tuple[int, tuple[str, ...]]]:
    shown = {reason: (len(ids), tuple(ids[:5])) for reason, ids in gathered.left.items()}
    return shown | {reason: (count, ()) for reason, count in found.left.items()}


def _why(left: dict[str, tuple[int, tuple[str, ...]]]) -> str:
    return "".join(f"; left out: {count} ({reason})" for reason, (count, _) in left.items())
