"""What a power cut may leave, by what POSIX promises: data not synced are there, gone, cut or zeros; an entry of a folder not synced is there or not.

A job's calls, with all data, are read from a trace and done again on a model of a disk; after each of them every loss is drawn that is allowed there.
"""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

CALLS = ("openat", "close", "write", "pwrite64", "lseek", "ftruncate", "fsync", "fdatasync", "fcntl", "rename", "unlink", "unlinkat", "mkdir", "rmdir")
OPTIONS = ("-xx", "-s", "100000000")
SECTORS = (512, 4096)
_LINE = re.compile(r"^\d+\s+(\w+)\((.*)\)\s+= (-?\d+)")
_STRING = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_HANDLE = re.compile(r"^(AT_FDCWD|\d+)<([^>]*)>")


@dataclass(eq=False)
class File:
    """Bytes that are safe, and what was written since: (offset, data), or (length, None) where it was cut."""

    safe: bytes = b""
    since: list[tuple[int, bytes | None]] = field(default_factory=list)

    def data(self, loss: str) -> bytes:
        """Return the bytes after a loss: "none", "dropped", "zeros" or the size of what is written at once."""
        now = bytearray(self.safe)
        for offset, data in self.since:
            if data is None:
                del now[offset:]
            else:
                now += bytes(max(0, offset + len(data) - len(now)))
                now[offset : offset + len(data)] = data
        if loss == "none" or not self.since:
            return bytes(now)
        if loss == "dropped":
            return self.safe
        if loss == "zeros":
            return self.safe[: len(now)] + bytes(max(0, len(now) - len(self.safe)))
        return bytes(now[: max(len(self.safe), (len(now) - 1) // int(loss) * int(loss))])


@dataclass(eq=False)
class Folder:
    """Entries that are safe, and the changes since, each of one or two names at once (None: gone)."""

    safe: dict[str, File | Folder] = field(default_factory=dict)
    since: list[dict[str, File | Folder | None]] = field(default_factory=list)

    def entries(self, changes: list[dict] | None = None) -> dict[str, File | Folder]:
        """Return what is in it, with these of the changes (None: all)."""
        now = dict(self.safe)
        for change in self.since if changes is None else changes:
            for name, what in change.items():
                now.pop(name, None) if what is None else now.update({name: what})
        return now


class Disk:
    """A folder, as the calls of a trace change it."""

    def __init__(self, place: Path, tree: dict[str, bytes], folders: list[str]):
        self._place, self.root = place, Folder()
        self._handles: dict[int, list] = {}  # [file or folder, offset]
        for name in folders:
            self._parent(place / name).safe[Path(name).name] = Folder()
        for name, data in tree.items():
            self._parent(place / name).safe[Path(name).name] = File(data)

    def _at(self, path: Path) -> File | Folder | None:
        if not path.is_relative_to(self._place):
            return None
        here: File | Folder | None = self.root
        for part in path.relative_to(self._place).parts:
            here = here.entries().get(part) if isinstance(here, Folder) else None
        return here

    def _parent(self, path: Path) -> Folder | None:
        found = self._at(path.parent)
        return found if isinstance(found, Folder) else None

    def do(self, call: str, given: str, result: int) -> bool:
        """Do a call that came back with `result`; tell whether it changed anything here."""
        handle = _HANDLE.match(given)
        strings = [bytes.fromhex(text.replace("\\x", "")) for text in _STRING.findall(given)]
        if call in ("write", "pwrite64", "lseek", "ftruncate", "fsync", "fdatasync", "close", "fcntl"):
            number = int(handle[1]) if handle else int(given.split(",")[0])
            return self._by_handle(call, number, given, strings, result)
        base = Path(_text(handle[2])) if handle else Path("/")
        paths = [base / os.fsdecode(text) for text in strings]
        return getattr(self, f"_{call}")(given, result, *paths)

    def _by_handle(self, call: str, number: int, given: str, strings: list[bytes], result: int) -> bool:
        held = self._handles.pop(number, None) if call == "close" else self._handles.get(number)
        if held is None or call == "close":
            return False
        what = held[0]
        if call == "fcntl":
            if "F_DUPFD" in given:
                self._handles[result] = held  # one offset for both
        elif call == "lseek":
            held[1] = result
        elif call in ("fsync", "fdatasync"):
            if isinstance(what, Folder):
                what.safe, what.since = what.entries(), []
            else:
                what.safe, what.since = what.data("none"), []
            return True
        elif call == "ftruncate":
            what.since.append((int(given.rsplit(", ", 1)[1]), None))
            return True
        else:
            offset = held[1] if call == "write" else int(given.rsplit(", ", 1)[1])
            what.since.append((offset, strings[0][:result]))
            held[1] += result if call == "write" else 0
            return True
        return False

    def _openat(self, given: str, result: int, path: Path) -> bool:
        if "O_TMPFILE" in given:  # a file without a name
            self._handles[result] = [File(), 0]
            return False
        parent, what = self._parent(path), self._at(path)
        if parent is None and what is None:
            self._handles.pop(result, None)
            return False
        changed = False
        if what is None:
            what, changed = File(), True
            parent.since.append({path.name: what})
        elif "O_TRUNC" in given and isinstance(what, File) and what.data("none"):
            what.since.append((0, None))
            changed = True
        self._handles[result] = [what, 0]
        return changed

    def _change(self, path: Path, what: File | Folder | None, **more: None) -> bool:
        parent = self._parent(path)
        if parent is not None:
            parent.since.append({**more, path.name: what})
        return parent is not None

    def _rename(self, given: str, result: int, path: Path, to: Path) -> bool:
        assert path.parent == to.parent, "a rename between folders is two changes that this model does not know"
        return self._at(path) is not None and self._change(to, self._at(path), **{path.name: None})

    def _unlink(self, given: str, result: int, path: Path) -> bool:
        return self._change(path, None)

    _unlinkat = _rmdir = _unlink

    def _mkdir(self, given: str, result: int, path: Path) -> bool:
        return self._change(path, Folder())

    def losses(self) -> Iterator[dict[str, bytes | None]]:
        """Yield each state that a power cut now may leave: files with their bytes, folders with None."""
        nodes = list(_nodes(self.root))
        folders = [node for node in nodes if isinstance(node, Folder) and node.since]
        kept: list[dict[int, list]] = [{}, {id(f): [] for f in folders}] if folders else [{}]
        for folder in folders:
            n = len(folder.since)
            kept += [{id(folder): folder.since[:k]} for k in range(n)]  # the first ones are there
            kept += [{id(folder): folder.since[:k] + folder.since[k + 1 :]} for k in range(n - 1)]  # or one is missing
        unsynced = any(isinstance(node, File) and node.since for node in nodes)
        for changes, loss in itertools.product(kept, ("none", "dropped", "zeros", *map(str, SECTORS)) if unsynced else ("none",)):
            yield dict(_tree(self.root, "", changes, loss))


def _nodes(folder: Folder) -> Iterator[File | Folder]:
    """Yield all that may be found below: also what was there before a change."""
    yield folder
    found = {id(node): node for change in (folder.safe, *folder.since) for node in change.values() if node is not None}
    for node in found.values():
        yield from _nodes(node) if isinstance(node, Folder) else (node,)


def _tree(folder: Folder, prefix: str, changes: dict[int, list], loss: str) -> Iterator[tuple[str, bytes | None]]:
    for name, node in folder.entries(changes.get(id(folder))).items():
        if isinstance(node, Folder):
            yield prefix + name, None
            yield from _tree(node, f"{prefix}{name}/", changes, loss)
        else:
            yield prefix + name, node.data(loss)


def _text(quoted: str) -> str:
    return os.fsdecode(bytes.fromhex(quoted.replace("\\x", ""))) if quoted.startswith("\\x") else quoted


def calls_of(trace: tuple[str, ...]) -> Iterator[tuple[str, str, int]]:
    """Yield (call, arguments, result) of all calls that succeeded, in their order."""
    begun = ""
    for line in trace:
        if line.endswith("<unfinished ...>"):
            begun = line.removesuffix("<unfinished ...>").rstrip()
            continue
        if " resumed>" in line:
            line, begun = begun + line.split(" resumed>", 1)[1], ""
        found = _LINE.match(line)
        if found and int(found[3]) >= 0:
            yield found[1], found[2], int(found[3])
