"""One case: text in, decision out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tagger import __version__
from tagger.case import Case, CueCode, Decision, Mention, Provenance, Role
from tagger.codebook import Codebook, load_codebook, load_names
from tagger.codebook.conditions import TestIndex
from tagger.coding.changes import what_would_change
from tagger.coding.classifier import Weights, ledger_of, placed, with_marks
from tagger.coding.decide import Thresholds, decide, says_enough, undecided
from tagger.coding.ledger import Ledger, best_pairs
from tagger.coding.model_file import WEIGHTS, current_folder, load_weights
from tagger.coding.model_manifest import NEURAL
from tagger.coding.read_text import ReadText
from tagger.coding.rules import RuleBook, RuleIndex, load_rules
from tagger.cues import CueFinder, load_lexicon
from tagger.cues.lexicon import Lexicon
from tagger.errors import CodebookError, ModelError

if TYPE_CHECKING:
    from tagger.coding.second_look import SecondLook


class Tagger:
    """The whole pipeline with its data loaded.

    Parameters
    ----------
    codebook : Codebook
    finder : CueFinder
    rulebook : RuleBook
    weights : Weights or None
        None: the rules alone decide.
    model : str
        Name of the model, for provenance; '' where there is none.
    thresholds : Thresholds
    cautions : tuple of str
        What a user should know of how these go together, one sentence each.
    second : SecondLook or None
        What looks again at cases that the weights leave undecided.
    """

    def __init__(
        self,
        codebook: Codebook,
        finder: CueFinder,
        rulebook: RuleBook,
        weights: Weights | None = None,
        model: str = "",
        thresholds: Thresholds | None = None,
        cautions: tuple[str, ...] = (),
        second: SecondLook | None = None,
    ):
        self.codebook = codebook
        self.finder = finder
        self.rulebook = rulebook
        self._rules = RuleIndex(rulebook.rules, codebook.opposites)
        self._roles = [(role.id, TestIndex([rule.test for rule in role.rules], codebook.opposites)) for role in codebook.roles]
        self.weights = weights
        self.thresholds = thresholds or Thresholds()
        self.cautions = cautions
        self.second = second
        self.pairs = weights.pairs if weights is not None else tuple(codebook.pairs)
        book = f"{codebook.name} {codebook.sha256[:12]}, cues {finder.lexicon.version} {finder.lexicon.sha256[:12]}"
        self.provenance = Provenance(__version__, book, f"{rulebook.version} {rulebook.sha256[:12]}", model)

    @classmethod
    def load(cls, models: Path | None = None, codebook: Path | None = None, neural: bool = False) -> Tagger:
        """Load codebook, lexicon, rules and the model in use.

        Parameters
        ----------
        models : Path, optional
            Folder of models; the packaged one by default. A folder without a model in use means rules alone.
        codebook : Path, optional
            Codebook folder; the packaged one by default.
        neural : bool
            Whether the model's sentence encoder looks again at what is left undecided (needs the extra `neural`).

        Raises
        ------
        CodebookError, ModelError
        """
        book, lexicon, rulebook = load_folder(codebook)
        finder = CueFinder(lexicon)
        if models is not None and not models.is_dir():
            raise ModelError(f"{models}: no such folder of models; give one that `tagger train -o` wrote, or leave --models out")
        folder = current_folder(models or released_models())
        if folder is None and neural:
            raise ModelError(f"{models or released_models()}: no model is there, so none with a sentence encoder; leave --neural out")
        if folder is None:
            return cls(book, finder, rulebook, cautions=(f"no model in {models or released_models()}: the rules alone decide",))
        weights, manifest = load_weights(folder)
        _refuse_other_codebook(weights, manifest, book, folder)
        try:
            thresholds = Thresholds(**manifest.get("thresholds", {}))
        except (TypeError, ValueError) as error:
            raise ModelError(f"{folder}: thresholds in the manifest cannot be read ({error}); restore the folder or train anew") from None
        name = f"{folder.name} {manifest['files'][WEIGHTS]['sha256'][:12]}"
        second = None
        if neural:
            from tagger.coding.second_look import load_second_look

            second, name = load_second_look(folder, manifest, weights.pairs), f"{name}+{manifest['files'][NEURAL]['sha256'][:12]}"
        return cls(book, finder, rulebook, weights, name, thresholds, _cautions(folder, manifest, lexicon, rulebook), second)

    def ledger(self, case: Case) -> tuple[Ledger, tuple]:
        """Return the full ledger of a case and its mentions."""
        coded = self._coded(case, with_cues=False)
        return coded.ledger, coded.mentions

    def tag(self, case: Case) -> Decision:
        """Return the decision on a case, with all that led to it."""
        return self._decision(case, self._coded(case))

    def explain(self, case: Case) -> tuple[Decision, dict[str, Any]]:
        """Return the decision and, by facet, what would change it: (code that would win, lines to leave out) or None."""
        coded = self._coded(case)
        return self._decision(case, coded), {facet: what_would_change(coded.ledger, i) for i, facet in enumerate(("economy", "model"))}

    def _coded(self, case: Case, with_cues: bool = True) -> _Coded:
        """Return what the text says and weighs; the columns that a case fills are found once for ledger and cue codes."""
        mentions, weights = self.finder.find_in(case), self.weights
        held = self._rules.fired(mentions)
        if weights is None:
            return _Coded(ledger_of(case, held, {}, self.pairs, self.rulebook, None), mentions)
        marks = with_marks(case, mentions, held, self.codebook.opposites)
        filled = weights.filled(case, marks)
        codes = weights.cues.code(case.text, weights.words.terms, marks, filled) if with_cues and weights.cues is not None else ()
        ledger = ledger_of(case, held, marks, self.pairs, self.rulebook, weights, filled)
        if self.second is not None and says_enough(ledger, self.thresholds.words) and undecided(self.pairs, ledger.scores(), self.thresholds.decide):
            ledger = self.second.look(case, ledger)
        return _Coded(ledger, mentions, codes, filled.read)

    def _decision(self, case: Case, coded: _Coded) -> Decision:
        ledger, mentions = coded.ledger, coded.mentions
        scores = ledger.scores()
        shown = {pair for facet in (0, 1) for pair in sorted(best_pairs(ledger.pairs, scores, facet).values(), key=lambda i: -scores[i])[:2]}
        choices = decide(placed(case, ledger, sorted(shown), coded.read), self.thresholds)
        roles = []
        for role, tests in self._roles:
            if seen := {mention for _, evidence in tests.evidence(mentions) for mention in evidence}:
                roles.append(Role(role, tuple(m for m in mentions if m in seen)))
        return Decision(case, choices["economy"], choices["model"], tuple(roles), mentions, self.provenance, coded.codes)


class _Coded(NamedTuple):
    """A case on its way to a decision."""

    ledger: Ledger
    mentions: tuple[Mention, ...]
    codes: tuple[CueCode, ...] = ()
    read: ReadText | None = None


def load_folder(folder: Path | None = None) -> tuple[Codebook, Lexicon, RuleBook]:
    """Load the three files of a codebook folder (None: the packaged one).

    Raises
    ------
    CodebookError
        With every fault of all three files: one faulty file does not hide what is wrong with the others.
    """
    faults: list[str] = []
    try:
        book = load_codebook(folder)
    except CodebookError as error:
        faults += error.faults
        if folder is not None and not folder.is_dir():
            raise
        book = load_names(folder)
    loaded: list[Any] = []
    for load in (load_lexicon, load_rules):
        try:
            loaded.append(load(book, folder))
        except CodebookError as error:
            faults += error.faults
    if faults:
        raise CodebookError(faults)
    lexicon, rules = loaded
    return book, lexicon, rules


def released_models() -> Path:
    """Return the folder of the released model: inside the installed package, or beside it in a checkout."""
    inside = Path(__file__).parent / "released"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "models"


def _cautions(folder: Path, manifest: dict, lexicon: Lexicon, rulebook: RuleBook) -> tuple[str, ...]:
    """Say so where a model learned its corrections with other rules or cues than those in use: it still works, but less well than after training anew."""
    used = (("rules", rulebook.sha256), ("lexicon", lexicon.sha256))
    other = [{"rules": "rules.toml", "lexicon": "cues.toml"}[name] for name, sha256 in used if _table(manifest, name).get("sha256", sha256) != sha256]
    if not other:
        return ()
    way_out = "train anew with `tagger train`, or let the rules alone decide (--models with an empty folder)"
    return (f"model {folder.name} was trained with another {' and '.join(other)}: {way_out}",)


def _table(manifest: dict, name: str) -> dict:
    value = manifest.get(name)
    return value if isinstance(value, dict) else {}


def _refuse_other_codebook(weights: Weights, manifest: dict, codebook: Codebook, folder: Path) -> None:
    made_for = _table(manifest, "codebook")
    same = made_for.get("id") == codebook.id and str(made_for.get("version")).split(".")[:2] == codebook.version.split(".")[:2]
    if not same or set(weights.pairs) != set(codebook.pairs):
        raise ModelError(
            f"{folder}: was trained for codebook {made_for.get('id')} {made_for.get('version')}, but {codebook.id} {codebook.version} is in use; "
            "train anew with `tagger train`, or name an empty folder with --models to let the rules alone decide"
        )
