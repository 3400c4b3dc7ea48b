"""A run of made texts in a process of its own: `python -m made_run job.pickle backend [scheduler]`."""

from __future__ import annotations

import pickle
import sys
from pathlib import Path

from tagger.batch.backends import Backend
from tagger.batch.supervise import run

if __name__ == "__main__":
    job, shards = pickle.loads(Path(sys.argv[1]).read_bytes())  # noqa: S301
    run(job, shards, Backend(sys.argv[2], 2, *sys.argv[3:]))
