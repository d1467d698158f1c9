"""Guards that hold even against statements of our own: the database's triggers, and the calendar's seed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from dialer.campaign.changes import CalendarChange, Changes
from dialer.errors import GuardFailed
from dialer.store.database import Database
from dialer.store.day import SqlDayStore
from dialer.store.records.recordings import SqlRecordingStore
from tests.contracts.made_up import DAY, NOW, added, at, attempt, placed, unreached, visit

FORBIDDEN = [
    "UPDATE history SET what = 'x'",
    "DELETE FROM history",
    "UPDATE call_events SET cause = 16",
    "DELETE FROM call_events",
    "UPDATE accesses SET who = 'x'",
    "DELETE FROM accesses",
    "DELETE FROM attempts",
    "UPDATE attempts SET number = 'x'",
    "UPDATE attempts SET placed_at = ended_at",
    "UPDATE attempts SET counts = 0",
    "UPDATE attempts SET evidence = '{}'",
    "UPDATE attempts SET state = 'ringing'",
    "UPDATE visits SET state = 'x'",
    "UPDATE visits SET counted = 9",
    "DELETE FROM visits",
]


@pytest.mark.parametrize("statement", FORBIDDEN)
async def test_what_was_written_stays(database: Database, day: SqlDayStore, statement: str) -> None:
    """Neither history nor an ended attempt can be changed, whoever tries."""
    await day.commit(added(1))
    await day.commit(placed(1))
    await day.commit(unreached(1))
    await SqlRecordingStore(database).log_access(attempt(1).id, "主任", "listen", NOW, "")

    with pytest.raises(GuardFailed):
        await database.write(lambda connection: connection.execute(text(statement)))


async def test_one_bad_row_among_many(day: SqlDayStore) -> None:
    """A guard that is missed by one of a batch is seen."""
    await day.commit(added(*range(1, 10)))
    await day.commit(Changes(visits=[visit(9, counted=2, attempts=2)]))
    with pytest.raises(GuardFailed, match="1 of 9"):
        await day.commit(Changes(visits=[visit(n, due=at(n), counted=1, attempts=2) for n in range(1, 10)]))
    assert [v.due for v in (await day.load(DAY, NOW)).visits] == [None] * 9


async def test_seeding_the_calendar(day: SqlDayStore) -> None:
    """The seed fills in what is missing, and never what a person has edited, be it to nothing."""
    days = [DAY + timedelta(days=n) for n in range(3)]
    seed = [CalendarChange(each, working=False, name="国庆节") for each in days]
    assert await day.seed_calendar([]) == 0
    assert await day.seed_calendar(seed[:1]) == 1
    await day.commit(Changes(calendar=[CalendarChange(days[0], working=True, name="加班")]))
    await day.commit(Changes(calendar=[CalendarChange(days[1], working=None)]))
    assert await day.seed_calendar(seed) == 1
    assert [(await day.load(each, NOW)).calendar for each in days] == [(True, "加班"), None, (False, "国庆节")]
