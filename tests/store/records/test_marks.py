"""What listeners wrote about recordings."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dialer.campaign.changes import Changes, OrderTaken
from dialer.campaign.model.evidence import Disposition
from dialer.campaign.model.query import Page
from dialer.campaign.model.recording import Recording, RecordingState
from dialer.campaign.views.lookup import CallQuery
from dialer.errors import GuardFailed, NotFound
from dialer.people.marks import Mark
from dialer.store.database import Database
from dialer.store.day import SqlDayStore
from dialer.store.records.calls import SqlCallStore
from dialer.store.records.marks import SqlMarkStore
from dialer.store.records.recordings import SqlRecordingStore
from tests.contracts.made_up import NOW, added, at, attempt, calling, ended

TALK = ended(attempt(2), Disposition.CONNECTED)


@pytest.fixture
async def store(database: Database, day: SqlDayStore) -> SqlMarkStore:
    """Of a database with one recorded conversation, in which order N1 was taken, and one call that was not."""
    await day.commit(added(1, 2))
    await day.commit(Changes(visits=[calling(1), calling(2)], placed=[attempt(1), attempt(2)]))
    taken = [OrderTaken("N1", TALK.id, "C00002", NOW, "A2")]
    await day.commit(Changes(attempts=[TALK, ended(attempt(1))], results=[(TALK.id, "ordered")], orders=taken))
    await SqlRecordingStore(database).save_recording(Recording(TALK.id, RecordingState.KEPT, at(99), duration_s=75.0))
    return SqlMarkStore(database)


async def test_marks_are_kept_in_order(store: SqlMarkStore) -> None:
    """Notes on all of it come first, then marks by position; each has an id of its own."""
    late = await store.add_mark(Mark(TALK.id, NOW, "主任", "数量没有复述", 61.5))
    early = await store.add_mark(Mark(TALK.id, NOW, "主任", "", 3.0))
    note = await store.add_mark(Mark(TALK.id, at(1), "班长", "态度好"))
    assert await store.marks(TALK.id) == [note, early, late]
    assert len({late.id, early.id, note.id}) == 3
    assert replace(late, id=0) == Mark(TALK.id, NOW, "主任", "数量没有复述", 61.5)


async def test_only_what_is_there_can_be_marked(store: SqlMarkStore) -> None:
    """A call without a recording has no positions, and no recording has one before its start."""
    with pytest.raises(NotFound):
        await store.add_mark(Mark(attempt(1).id, NOW, "主任", "", 1.0))
    with pytest.raises(GuardFailed):
        await store.add_mark(Mark(TALK.id, NOW, "主任", "", -1.0))


async def test_everybody_removes_their_own(store: SqlMarkStore) -> None:
    """Nobody takes away what another wrote."""
    mark = await store.add_mark(Mark(TALK.id, NOW, "主任", "", 1.0))
    with pytest.raises(NotFound):
        await store.remove_mark(TALK.id, mark.id, "班长")
    with pytest.raises(NotFound):
        await store.remove_mark(attempt(1).id, mark.id, "主任")
    await store.remove_mark(TALK.id, mark.id, "主任")
    assert await store.marks(TALK.id) == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (CallQuery(text="N1"), True),
        (CallQuery(text="C00002"), True),
        (CallQuery(text="1390-470 0002"), True),
        (CallQuery(text="0002"), True),
        (CallQuery(text="酒店2号"), True),
        (CallQuery(text="N"), False),
        (CallQuery(text="C0000"), False),
        (CallQuery(text="%"), False),
        (CallQuery(text="002"), False),
        (CallQuery(result="ordered"), True),
        (CallQuery(result="refused"), False),
        (CallQuery(shortest_s=75, longest_s=75), True),
        (CallQuery(shortest_s=76), False),
        (CallQuery(longest_s=74.9), False),
        (CallQuery(hold=False), True),
        (CallQuery(hold=True), False),
    ],
)
async def test_calls_are_found_by_what_people_remember(
    database: Database, store: SqlMarkStore, query: CallQuery, found: bool
) -> None:
    """A part of a name or number, a whole code or order number, the length, the result, the hold."""
    calls = await SqlCallStore(database).calls(query)
    assert [call.attempt.id for call in calls] == ([TALK.id] if found else [])


async def test_the_oldest_first(database: Database, store: SqlMarkStore) -> None:
    """Neighbours are found in both directions."""
    calls = SqlCallStore(database)
    newest = [call.attempt.id for call in await calls.calls(CallQuery(text="张三"))]
    oldest = [call.attempt.id for call in await calls.calls(CallQuery(text="张三", oldest_first=True))]
    assert len(newest) == 2
    assert oldest == newest[::-1]
    assert await calls.calls(CallQuery(text="张三", page=Page(1, 2))) == []
