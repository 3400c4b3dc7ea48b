"""What the text says: cue mentions with place, value, status and voice.

``CueFinder(load_lexicon(load_codebook())).find(text)`` gives the mentions of a text; ``nlp.add_pipe("case_cues")`` does it in a spaCy pipeline.
"""

from tagger.cues.finder import CueFinder
from tagger.cues.lexicon import Lexicon, load_lexicon

__all__ = ["CueFinder", "Lexicon", "load_lexicon"]
