"""Which version is in use: promotion and the way back. Each is verified first, told in the history, and then made in one step."""

from __future__ import annotations

from pathlib import Path

from tagger.coding.model_manifest import CURRENT, in_use
from tagger.errors import ModelError
from tagger.registry.history import PROMOTED, ROLLED_BACK, SWITCHES, Entry, add, changing, now, read_history, unfinished, way_back
from tagger.registry.verify import Loaded, damaged, verify
from tagger.registry.versions import Version, version
from tagger.writing.durable import replace_bytes


def promote(models: Path, name: str, *, loaded: Loaded | None = None, why: str = "", by: str = "tagger models promote", when: str = "") -> Entry | None:
    """Make a version the one in use.

    A crash at any moment leaves one of the two in use and whole; the same call afterwards ends as if there had been no crash.

    Parameters
    ----------
    models : Path
    name : str
    loaded : (Codebook, Lexicon, RuleBook), optional
        What it must fit; without it, only the files are verified.
    why, by : str
        For the history: the reason, and the command.
    when : str
        UTC in ISO 8601; now by default.

    Returns
    -------
    Entry or None
        The line of the history; None where it was in use already.

    Raises
    ------
    ModelError
        If there is no such version, or it does not pass :func:`tagger.registry.verify.verify`; nothing has changed then.
    OutputError
    """
    with changing(models):
        return _switch(models, version(models, name), PROMOTED, loaded, why, by, when)


def rollback(models: Path, *, of: str = "", loaded: Loaded | None = None, why: str = "", by: str = "tagger models rollback", when: str = "") -> Entry:
    """Make the version the one in use that was in use before; again, and it is the one before that. Other parameters and errors as of :func:`promote`.

    `of` names the version to go back from: where another one is in use nothing is done, so that the same call after a crash never goes back twice.

    Raises
    ------
    ModelError
        Also where there is nothing to go back to, or another version than `of` is in use.
    """
    with changing(models):
        used = in_use(models)
        if of and used != of:
            raise ModelError(f"{models}: {used or 'no model'} is in use, not {of}: nothing was changed")
        way = way_back(read_history(models), used)
        if used is None or len(way) < 2:
            raise ModelError(f"{models}: nothing to go back to: the history names no model before {used or 'any'}; choose with `tagger models promote NAME`")
        try:
            before = version(models, way[-2])
        except ModelError as error:
            raise ModelError(f"{error}; the one before {used} was {way[-2]}: restore it, or choose with `tagger models promote NAME`") from None
        entry = _switch(models, before, ROLLED_BACK, loaded, why, by, when)
        assert entry is not None  # the way never names one model twice in a row
        return entry


def _switch(models: Path, to: Version, did: str, loaded: Loaded | None, why: str, by: str, when: str) -> Entry | None:
    history, used = read_history(models), in_use(models)
    if faults := verify(to, loaded, history):
        raise damaged(faults, to, models, did)
    if used == to.name:
        return None
    entry = Entry(when or now(), did, to.name, used, to.sha256, why, by)
    last = next((e for e in reversed(history) if e.did in SWITCHES), None)
    announced = last is not None and unfinished(last, used) and (last.did, last.model, last.sha256) == (did, to.name, to.sha256)
    if not announced:  # else a crash came between the history and CURRENT: the line stands
        add(models, entry)
    replace_bytes(models / CURRENT, f"{to.name}\n".encode())
    return last if announced else entry
