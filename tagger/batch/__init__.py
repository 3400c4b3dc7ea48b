"""Many cases: a stream through one process (`tag_all`), or any input as shards that workers tag into parts, which become the outputs once all are whole."""

from tagger.batch.tagging import tag_all
from tagger.batch.tally import Tally

__all__ = ["Tally", "tag_all"]
