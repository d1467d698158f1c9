"""Who leaves holds no reader: a look-up that nobody waits for ends at once."""

from __future__ import annotations

import asyncio
import gc
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from dialer.store.database import Database
from dialer.store.day import SqlDayStore
from tests.kit.waiting import until

ENDLESS = text("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n")


async def endless_lookups(database: Database) -> list[asyncio.Task[None]]:
    """As many as there are readers, all at work, none of which ends by itself."""
    begun = 0

    def endless(connection: Connection) -> None:
        nonlocal begun
        begun += 1
        connection.execute(ENDLESS)

    lookups = [asyncio.create_task(database.read(endless)) for _ in range(4)]
    await until(lambda: begun == 4, "all are at work")
    return lookups


async def test_no_call_waits_for_reports(tmp_path: Path) -> None:
    """As many look-ups as there are readers go on without end: what the engine reads, it reads at once."""
    database = await Database.open(tmp_path / "dialer.sqlite3")
    lookups = await endless_lookups(database)
    store = SqlDayStore(database)
    try:
        async with asyncio.timeout(15):  # a reader is waited for for 20 s
            assert await store.shops([1]) == {}
            assert await store.customer_data([1]) == {}
            assert (await store.load(date(2026, 11, 23), datetime(2026, 11, 23, tzinfo=UTC))).visits == []
    finally:
        for lookup in lookups:
            lookup.cancel()
        await asyncio.gather(*lookups, return_exceptions=True)
        await database.close()


async def test_a_cancelled_look_up_is_interrupted_and_gives_its_reader_back(tmp_path: Path) -> None:
    """As many as there are readers never end by themselves; the next one is answered all the same."""
    database = await Database.open(tmp_path / "dialer.sqlite3")
    for _ in range(3):
        lookups = await endless_lookups(database)
        for lookup in lookups:
            lookup.cancel()
        async with asyncio.timeout(30):
            await asyncio.gather(*lookups, return_exceptions=True)
            found = await database.read(lambda connection: connection.execute(text("SELECT 1")).scalar())
        assert all(lookup.cancelled() for lookup in lookups)
        assert found == 1
    await database.close()


async def test_whoever_leaves_while_a_connection_opens_loses_none(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    """At any moment of the opening, and of the end; of a lost connection the pool says that the collector found it."""
    for turn in range(16):
        database = await Database.open(file)
        lookups = [asyncio.create_task(database.read(one)) for _ in range(9)]
        await asyncio.sleep(turn / 1000)
        for lookup in lookups:
            lookup.cancel()
        await asyncio.gather(*lookups, return_exceptions=True)
        async with asyncio.timeout(60):
            await database.close()
        gc.collect()
    assert [record.message for record in caplog.records if record.name.startswith("sqlalchemy.pool")] == []


def one(connection: Connection) -> int | None:
    """The least that one can ask."""
    return connection.execute(text("SELECT 1")).scalar()
