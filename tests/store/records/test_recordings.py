"""The index of recordings."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dialer.campaign.changes import Changes
from dialer.campaign.model.evidence import Disposition
from dialer.campaign.model.query import Page
from dialer.campaign.model.recording import Recording, RecordingState
from dialer.errors import NotFound
from dialer.store.database import Database
from dialer.store.day import SqlDayStore
from dialer.store.records.recordings import SqlRecordingStore
from tests.contracts.made_up import NOW, added, at, attempt, ended, placed

TALK = ended(attempt(1), Disposition.CONNECTED, counts=False)
KEPT = Recording(
    attempt=TALK.id,
    state=RecordingState.FAULTY,
    taken_in_at=at(95),
    path="2026-11/abc123-1-1-k3.wav",
    size=2**40,
    duration_s=21.25,
    sha256="0" * 64,
    channels=2,
    levels=(None, -31.5),
    faults=("一边没有声音", "short"),
)


@pytest.fixture
def store(database: Database) -> SqlRecordingStore:
    return SqlRecordingStore(database)


@pytest.fixture(autouse=True)
async def talk(day: SqlDayStore) -> None:
    """One conversation that ended at 90 s."""
    await day.commit(added(1, 2))
    await day.commit(placed(1))
    await day.commit(Changes(attempts=[TALK]))


async def test_a_recording_comes_back(store: SqlRecordingStore) -> None:
    """What is saved is found; what is saved again replaces it."""
    assert await store.recording(TALK.id) is None
    await store.save_recording(KEPT)
    assert await store.recording(TALK.id) == KEPT
    gone = replace(KEPT, state=RecordingState.DELETED, path="", deleted_at=at(9999))
    await store.save_recording(gone)
    assert await store.recording(TALK.id) == gone


async def test_a_recording_of_no_call_is_refused(store: SqlRecordingStore) -> None:
    """A file without a counterpart in the books gets no row."""
    with pytest.raises(NotFound):
        await store.save_recording(replace(KEPT, attempt="abc123-9"))


async def test_a_hold_outlives_saving(store: SqlRecordingStore) -> None:
    """Only a person takes a hold away."""
    with pytest.raises(NotFound):
        await store.hold(TALK.id, True, "投诉")
    await store.save_recording(KEPT)
    await store.hold(TALK.id, True, "投诉")
    await store.save_recording(KEPT)
    assert await store.recording(TALK.id) == replace(KEPT, hold=True, hold_reason="投诉")
    await store.hold(TALK.id, False, "")
    assert await store.recording(TALK.id) == KEPT


async def test_conversations_without_a_recording(store: SqlRecordingStore, day: SqlDayStore) -> None:
    """A conversation is listed from its end until it has a row, whatever that says."""
    await day.commit(placed(2))
    await day.commit(Changes(attempts=[ended(attempt(2))]))
    assert await store.connected_without_recording(at(90), 10) == []
    assert await store.connected_without_recording(at(91), 10) == [TALK]
    await day.commit(Changes(results=[(TALK.id, "ordered")]))
    assert await store.connected_without_recording(at(91), 0) == []
    await store.save_recording(replace(KEPT, state=RecordingState.MISSING))
    assert await store.connected_without_recording(at(91), 10) == []


async def test_a_recording_may_be_first(store: SqlRecordingStore, day: SqlDayStore) -> None:
    """A file that is taken in before the books know of the end is not asked for afterwards."""
    await day.commit(placed(2))
    await store.save_recording(replace(KEPT, attempt=attempt(2).id))
    await day.commit(Changes(attempts=[ended(attempt(2), Disposition.CONNECTED)]))
    assert await store.connected_without_recording(at(999), 10) == [TALK]


async def test_expired(store: SqlRecordingStore) -> None:
    """Retention finds files of old calls that nobody holds."""
    await store.save_recording(KEPT)
    assert await store.expired(at(90), 10) == []
    assert await store.expired(at(91), 10) == [KEPT]
    await store.hold(TALK.id, True, "投诉")
    assert await store.expired(at(91), 10) == []
    await store.hold(TALK.id, False, "")
    await store.save_recording(replace(KEPT, state=RecordingState.DELETED))
    assert await store.expired(at(91), 10) == []


async def test_accesses(store: SqlRecordingStore) -> None:
    """Who listened is on record, newest first."""
    await store.log_access(TALK.id, "主任", "listen", NOW, "10.0.0.7")
    await store.log_access("abc123-9", "班长", "download", at(1), "")
    first, second = (NOW, "主任", "listen", TALK.id, "10.0.0.7"), (at(1), "班长", "download", "abc123-9", "")
    assert await store.accesses(None, Page()) == [second, first]
    assert await store.accesses(TALK.id, Page()) == [first]
    assert await store.accesses(None, Page(1, 1)) == [first]
