"""After a power cut at any moment: what a run had told to be done is there, nothing partial has a final name, and the same command ends with the bytes of an
undisturbed run.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from disk import Disk, File
from losses import after_all, number_of

PUSH = 200  # states of a run in shards


def wrong(there, job, most=None):
    """Return (how many states were tried, what was wrong)."""
    number = there.one(number_of, job)
    chosen = list(range(number)) if most is None or number <= most else [(2 * i + 1) * number // (2 * most) for i in range(most)]
    found = there.each(after_all, job, chosen)
    print(f"\n{job}: {len(found)} of {number} states")
    return len(found), [f"{job}, state {state}, after change {change}: {'; '.join(texts)}" for state, change, texts in found if texts]


def test_after_two_hundred_losses(there):
    number, found = wrong(there, "tag", PUSH)
    assert not found
    assert number >= PUSH


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize(("job", "least"), [("tag", 500), ("quarantine", 4), ("promote", 10), ("corpus", 15)])
def test_after_every_loss(there, job, least):
    number, found = wrong(there, job)
    assert not found
    assert number >= least


@pytest.mark.parametrize(
    ("job", "told"), [("naive", "out.jsonl is neither"), ("unsynced", "out.jsonl was told to be there"), ("nameless", "out.jsonl was told to be there")]
)
def test_what_is_not_synced_is_found(there, job, told):
    number, found = wrong(there, job)
    assert number > 1
    assert any(told in text for text in found)


def test_what_a_file_may_be_after_a_loss():
    file = File(b"a" * 1000)
    file.since += [(1000, b"b" * 9000), (0, b"c")]
    assert file.data("none") == b"c" + b"a" * 999 + b"b" * 9000
    assert file.data("dropped") == b"a" * 1000
    assert file.data("zeros") == b"a" * 1000 + bytes(9000)
    assert [len(file.data(loss)) for loss in ("512", "4096")] == [9728, 8192]
    file.since.append((0, None))
    assert file.data("none") == b""


def test_what_a_folder_may_be_after_a_loss():
    place = Path("/there")
    disk = Disk(place, {"old": b"1"}, [])
    new, temporary = f'"{_hex("/there/old")}"', f'"{_hex("/there/.tmp")}"'
    assert disk.do("openat", f"AT_FDCWD<{_hex('/')}>, {temporary}, O_WRONLY|O_CREAT, 0666", 3)
    assert disk.do("write", f'3<{_hex("/there/.tmp")}>, "{_hex("22")}", 2', 2)
    assert disk.do("rename", f"{temporary}, {new}", 0)
    assert {"old": b"22"} in list(disk.losses()) and {"old": b""} in list(disk.losses())  # the new name, without the data
    assert disk.do("fsync", "3", 0)
    assert [tree["old"] for tree in disk.losses() if ".tmp" not in tree] == [b"22", b"1", b"1", b"22"]
    assert not disk.do("openat", f'AT_FDCWD<{_hex("/")}>, "{_hex("/there")}", O_RDONLY', 4)
    assert disk.do("fsync", "4", 0)
    assert list(disk.losses()) == [{"old": b"22"}]


def _hex(text: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in text.encode())
