"""What can go wrong, as one family that the command line prints without a traceback.

A message names the value, the place and the way out.  Whatever is *not* a
:class:`TaggerError` is a defect of ours and keeps its traceback.
"""

from __future__ import annotations

from collections.abc import Iterable


class TaggerError(Exception):
    """Base of all errors that a user can mend; `exit_status` is what the command ends with."""

    exit_status = 2


class InputError(TaggerError):
    """A path, format or option that cannot be read at all (a single bad record is quarantined instead)."""


class CodebookError(TaggerError):
    """Faults in a codebook folder (codebook.toml, cues.toml, rules.toml), all of them at once.

    Parameters
    ----------
    faults : iterable of str
        One line each: file, key, the value found and what is allowed.
    """

    def __init__(self, faults: Iterable[str]):
        self.faults = tuple(faults)
        count = len(self.faults)
        super().__init__(f"{count} fault{'s' if count != 1 else ''} in the codebook:\n" + "\n".join(f"  {f}" for f in self.faults))


class ModelError(TaggerError):
    """A model folder that is missing, damaged, foreign or made for another codebook."""


class PlaceError(TaggerError):
    """A file system elsewhere (``s3://``) that cannot be reached, or not any more; nothing is wrong with what is read, so nothing is quarantined."""

    exit_status = 5


class OutputError(TaggerError):
    """Results that cannot be written (unknown suffix, no folder, disk full)."""

    exit_status = 4
