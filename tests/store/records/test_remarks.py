"""Remarks of agents, and their day in numbers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dialer.campaign.changes import Changes
from dialer.campaign.model.evidence import Disposition
from dialer.campaign.model.visit import Result
from dialer.errors import NotFound
from dialer.people.remarks import Remark, Tally
from dialer.store.database import Database
from dialer.store.day import SqlDayStore
from dialer.store.records.remarks import SqlRemarkStore
from tests.contracts.made_up import DAY, NOW, added, at, attempt, calling, ended, placed


@pytest.fixture
def store(database: Database) -> SqlRemarkStore:
    return SqlRemarkStore(database)


async def test_remarks_are_kept_as_typed_last(store: SqlRemarkStore, day: SqlDayStore) -> None:
    """A call's remarks replace each other; one that is not in the books has none."""
    await day.commit(added(1, 2))
    await day.commit(placed(1))
    first = Remark("abc123-1-1-k3", "要二号", "001", at(61))
    assert await store.save(first) is None
    second = replace(first, text="要二号,下午送", at=at(62))
    assert await store.save(second) == first
    assert await store.remarks([first.attempt, "x"]) == {first.attempt: second}
    with pytest.raises(NotFound, match="x9"):
        await store.save(Remark("x9", "?", "001", NOW))


async def test_an_agents_day_in_numbers(store: SqlRemarkStore, day: SqlDayStore) -> None:
    """Calls, conversations, orders, and conversations that have ended without a result."""
    await day.commit(added(1, 2, 3, 4))
    live = attempt(4, agent="001", connected_at=at(70))
    talks = [ended(attempt(number, agent="001"), Disposition.CONNECTED, counts=False) for number in (2, 3)]
    missed = ended(attempt(1, agent="001"))
    await day.commit(Changes(placed=[live, missed, *talks], visits=[calling(4)]))
    await day.commit(Changes(results=[(talks[0].id, Result.ORDERED)]))
    assert await store.tally("001", DAY) == Tally(calls=4, conversations=3, ordered=1, open_results=1)
    assert await store.tally("002", DAY) == Tally()
