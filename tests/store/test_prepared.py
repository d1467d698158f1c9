"""Statements compiled once, and transactions that are one errand."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import Connection, insert, select

from dialer.campaign.changes import Entry
from dialer.errors import GuardFailed
from dialer.store import rows
from dialer.store.database import Database
from dialer.store.prepared import Prepared
from dialer.store.schema.day import facts, history
from tests.contracts.made_up import NOW

HISTORY = Prepared(insert(history), rows.FIELDS[Entry])


async def test_rows_are_those_that_sqlalchemy_writes(database: Database) -> None:
    """Every value goes through its column's type."""
    entries = [Entry(NOW, "day.late", NOW.date(), details={"at": NOW, "n": n}) for n in range(3)]
    assert await database.write(lambda connection: HISTORY.run(connection, entries)) == 3
    query = select(history).order_by(history.c.id)
    found = await database.read(lambda connection: connection.execute(query).mappings().all())
    assert [(row["at"], row["day"], row["details"]["n"]) for row in found] == [(NOW, NOW.date(), n) for n in range(3)]


async def test_a_value_that_does_not_fit_is_a_guard(database: Database) -> None:
    """A time without a zone is refused, and nothing is written."""
    odd = [Entry(NOW, "day.late"), Entry(NOW.replace(tzinfo=None), "day.late")]
    with pytest.raises(GuardFailed, match="time zone"):
        await database.write(lambda connection: HISTORY.run(connection, odd))
    assert await database.read(lambda connection: connection.execute(select(history)).all()) == []


async def test_one_errand_is_one_transaction(database: Database) -> None:
    """It runs in the connection's own thread; what it raises undoes all of it, and the next one is as ever."""
    threads = set()

    def work(connection: Connection, name: str, *, fail: bool) -> None:
        threads.add(threading.current_thread())
        connection.execute(insert(facts).values(name=name, value=""))
        if fail:
            raise GuardFailed("no")

    with pytest.raises(GuardFailed):
        await database.write(lambda connection: work(connection, "a", fail=True))
    await database.write(lambda connection: work(connection, "b", fail=False))
    names = await database.read(lambda connection: set(connection.execute(select(facts.c.name)).scalars()))
    assert "b" in names
    assert "a" not in names
    assert len(threads) == 1
    assert threading.main_thread() not in threads
