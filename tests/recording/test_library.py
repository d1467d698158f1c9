"""Playing: only what is in the library, only with a name on record."""

from dataclasses import replace
from pathlib import Path

import pytest

from dialer.campaign.model.query import Page
from dialer.campaign.model.recording import RecordingState
from dialer.errors import BadInput, Conflict, NotFound, RecordingError, StoreUnavailable
from dialer.recording import folder
from dialer.recording.ingester import Ingester
from dialer.recording.library import Library
from tests.recording.records import MemoryRecords
from tests.recording.sounds import NOW, Alarms, Clock, call, config, talk

A = "abc123-1-1-k3"


class Shelf:
    """A library with one recording in it."""

    def __init__(self, root: Path) -> None:
        self.config = config(root)
        self.records = MemoryRecords()
        self.records.add(call())
        self.library = Library(self.records, self.config, Clock())

    async def fill(self) -> "Shelf":
        (self.config.done / f"{A}.raw").write_bytes(talk(4))
        await Ingester(self.records, self.records, self.config, Clock(), Alarms()).sweep()
        return self

    @property
    def path(self) -> Path:
        return self.config.library / self.records.recordings[A].path


@pytest.fixture
async def shelf(tmp_path: Path) -> Shelf:
    return await Shelf(tmp_path).fill()


async def test_listening_is_on_record_before_it_happens(shelf: Shelf) -> None:
    """The file, its size, type and hash; and who, what, when, from where."""
    audio = await shelf.library.open_as(A)
    await shelf.library.note(A, who="主任", what="play", address="10.0.0.7")
    assert audio.path == shelf.path.resolve()
    assert (audio.size, audio.mime) == (44 + 128000, "audio/wav")
    assert audio.tag == folder.sha256(shelf.path)
    assert await shelf.records.accesses(A, Page()) == [(NOW, "主任", "play", A, "10.0.0.7")]


async def test_what_cannot_be_put_on_record_is_not_played(shelf: Shelf) -> None:
    """Nobody listens unnamed, or while the record cannot be written."""
    with pytest.raises(BadInput):
        await shelf.library.note(A, who="", what="play", address="")
    shelf.records.down = True
    with pytest.raises(StoreUnavailable):
        await shelf.library.note(A, who="主任", what="play", address="")


async def test_what_is_not_there_is_said_with_its_reason(shelf: Shelf) -> None:
    """Unknown, missing with why, deleted with when."""
    with pytest.raises(NotFound, match="no recording of a call 'abc123-2-1-k3'"):
        await shelf.library.open_as("abc123-2-1-k3")
    row = shelf.records.recordings[A]
    shelf.records.recordings[A] = replace(row, state=RecordingState.MISSING, path="", faults=("no_file: nothing came",))
    with pytest.raises(NotFound, match="nothing came"):
        await shelf.library.open_as(A)
    shelf.records.recordings[A] = replace(row, state=RecordingState.DELETED, deleted_at=NOW)
    with pytest.raises(NotFound, match="deleted on 2026-11-23"):
        await shelf.library.open_as(A)


@pytest.mark.parametrize(
    "path", ["../secret.wav", "2026/../../secret.wav", "/etc/hostname", "2026", "a\0b", "none.wav"]
)
async def test_nothing_outside_of_the_library_is_opened(shelf: Shelf, path: str) -> None:
    """Whatever a row says."""
    (shelf.config.library.parent / "secret.wav").write_bytes(b"secret")
    shelf.records.recordings[A] = replace(shelf.records.recordings[A], path=path, size=6)
    with pytest.raises(RecordingError):
        await shelf.library.open_as(A)


async def test_no_link_leads_out_of_the_library(shelf: Shelf) -> None:
    """Neither a file nor a folder that is a link; the library itself may be one."""
    secret = shelf.config.library.parent / "secret.wav"
    shelf.path.rename(secret)
    shelf.path.symlink_to(secret)
    with pytest.raises(RecordingError, match="leads out"):
        await shelf.library.open_as(A)
    shelf.path.unlink()
    secret.rename(shelf.path)
    link = shelf.config.library.with_name("link")
    link.symlink_to(shelf.config.library)
    by_link = Library(shelf.records, shelf.config.model_copy(update={"library": link}), Clock())
    assert (await by_link.open_as(A)).path == shelf.path.resolve()


async def test_a_changed_file_is_noticed(shelf: Shelf) -> None:
    """By its size, at once."""
    shelf.path.write_bytes(shelf.path.read_bytes()[:-2])
    with pytest.raises(RecordingError, match="somebody changed it"):
        await shelf.library.open_as(A)


async def test_a_hold_has_a_reason_and_a_name(shelf: Shelf) -> None:
    """Put, lifted, both on record; nothing to hold when nothing is there."""
    with pytest.raises(BadInput, match="reason"):
        await shelf.library.hold(A, reason=" ", who="主任")
    await shelf.library.hold(A, reason="投诉", who="主任")
    assert (shelf.records.recordings[A].hold, shelf.records.recordings[A].hold_reason) == (True, "投诉")
    await shelf.library.release(A, who="班长")
    assert not shelf.records.recordings[A].hold
    assert [line[1:3] for line in await shelf.records.accesses(A, Page())] == [("班长", "release"), ("主任", "hold")]
    with pytest.raises(NotFound):
        await shelf.library.hold("abc123-2-1-k3", reason="投诉", who="主任")
    with pytest.raises(NotFound):
        await shelf.library.release("abc123-2-1-k3", who="主任")
    shelf.records.recordings[A] = replace(shelf.records.recordings[A], state=RecordingState.DELETED)
    with pytest.raises(Conflict):
        await shelf.library.hold(A, reason="投诉", who="主任")
