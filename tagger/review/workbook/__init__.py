"""Coding without a browser: a sheet with one row a case that people fill in, and what they changed in it as events."""

from __future__ import annotations

from tagger.review.workbook.reading import Imported, read_sheet
from tagger.review.workbook.writing import HIDDEN, write_sheet

__all__ = ["HIDDEN", "Imported", "read_sheet", "write_sheet"]
