"""What leaders tick off: once for each matter of a visit, and back again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dialer.errors import NotFound
from dialer.people.ticks import Matter, Tick
from dialer.store.database import Database
from dialer.store.day import SqlDayStore
from dialer.store.records.ticks import SqlTickStore
from tests.contracts.made_up import DAY, added, at


async def test_a_tick_is_kept_replaced_and_taken_back(database: Database, day: SqlDayStore) -> None:
    """The last one holds; another day has none; what is not there cannot be ticked off or taken back."""
    store = SqlTickStore(database)
    await day.commit(added(1, 2))
    first, again = Tick(1, Matter.PROMISE, at(10), "900 王"), Tick(1, Matter.PROMISE, at(20), "901 李")
    other = Tick(2, Matter.NO_RESULT, at(30), "900 王")
    for tick in (first, again, other):
        await store.tick(tick)
    assert await store.ticks(DAY) == {(1, Matter.PROMISE): again, (2, Matter.NO_RESULT): other}
    assert await store.ticks(DAY + timedelta(days=1)) == {}
    await store.untick(1, Matter.PROMISE)
    assert list(await store.ticks(DAY)) == [(2, Matter.NO_RESULT)]
    with pytest.raises(NotFound):
        await store.untick(1, Matter.PROMISE)
    with pytest.raises(NotFound):
        await store.tick(Tick(9, Matter.NUMBER, at(10), "900 王"))
