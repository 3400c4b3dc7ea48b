"""The store of a review: one file (SQLite), or a PostgreSQL database for a team."""

from tagger.errors import InputError

try:
    from tagger.review.heads import Head
    from tagger.review.store.case_rows import Added
    from tagger.review.store.coder_rows import Coder
    from tagger.review.store.database import StoreError
    from tagger.review.store.event_rows import ConflictError
    from tagger.review.store.store import Store, open_store
except ModuleNotFoundError as missing:
    if missing.name != "sqlalchemy":
        raise
    raise InputError("a review needs packages that are not installed: pip install 'case-tagger[web]'") from None

__all__ = ["Added", "Coder", "ConflictError", "Head", "Store", "StoreError", "open_store"]
