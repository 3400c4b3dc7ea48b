"""The cue finder as a spaCy component: ``nlp.add_pipe("case_cues")`` fills ``doc.spans["cues"]``.

Each span carries the cue as ``label_``, the value as ``kb_id_``, the pattern as ``id_``, and ``span._.cue_status`` and ``span._.cue_voice``;
``doc._.cue_mentions`` holds the mentions with their exact offsets (a span is widened to whole spaCy tokens).
"""

from __future__ import annotations

from dataclasses import astuple
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc, Span

from tagger.case import Mention
from tagger.codebook import load_codebook
from tagger.cues.finder import CueFinder
from tagger.cues.lexicon import load_lexicon


def _held(doc: Doc) -> list[tuple[tuple, Mention]]:
    """Return span key and mention, from plain tuples: a ``Doc`` must pass through ``to_bytes`` (several processes, ``DocBin``)."""
    return [(tuple(key), Mention(*fields)) for key, fields in doc.user_data.get("case_cues", ())]


def _attribute(name: str):
    def get(span: Span) -> str:
        return next((getattr(mention, name) for key, mention in _held(span.doc) if key == _key(span)), "")

    return get


def _key(span: Span) -> tuple[int, int, str, str, str]:
    return span.start, span.end, span.label_, span.kb_id_, span.id_


for _name in ("status", "voice"):
    Span.set_extension(f"cue_{_name}", getter=_attribute(_name), force=True)
Doc.set_extension("cue_mentions", getter=lambda doc: tuple(mention for _, mention in _held(doc)), force=True)


class CaseCues:
    """spaCy component around :class:`~tagger.cues.finder.CueFinder`.

    Parameters
    ----------
    codebook : str
        A codebook folder; '' for the packaged one.
    spans_key : str
        Key of ``doc.spans`` to fill.
    """

    def __init__(self, codebook: str = "", spans_key: str = "cues"):
        folder = Path(codebook) if codebook else None
        self._finder = CueFinder(load_lexicon(load_codebook(folder), folder))
        self._spans_key = spans_key

    def __call__(self, doc: Doc) -> Doc:
        """Fill ``doc.spans`` and return the doc."""
        pairs = []
        for m in self._finder.find(doc.text):
            span = doc.char_span(m.start, m.end, label=m.cue, kb_id=m.value, span_id=m.pattern, alignment_mode="expand")
            pairs.append((span, m))
        doc.spans[self._spans_key] = [span for span, _ in pairs]
        doc.user_data["case_cues"] = [(_key(span), astuple(m)) for span, m in pairs]
        return doc

    # The component holds no weights: its state is the codebook folder named in the config, so saving writes nothing.
    def to_disk(self, path, exclude=()) -> None:
        """Nothing to save."""

    def from_disk(self, path, exclude=()) -> CaseCues:
        """Nothing to load."""
        return self

    def to_bytes(self, exclude=()) -> bytes:
        """Nothing to save."""
        return b""

    def from_bytes(self, data, exclude=()) -> CaseCues:
        """Nothing to load."""
        return self


@Language.factory("case_cues", default_config={"codebook": "", "spans_key": "cues"})
def make_case_cues(nlp: Language, name: str, codebook: str, spans_key: str) -> CaseCues:
    """Make the component (registered as ``case_cues`` by entry point)."""
    return CaseCues(codebook, spans_key)
