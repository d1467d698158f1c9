"""Who leaves holds no reader: a look-up that nobody waits for ends at once."""

from __future__ import annotations

import asyncio
from pathlib import Path

from sqlalchemy import Connection, text

from dialer.store.database import Database
from tests.kit.waiting import until

ENDLESS = text("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n")


async def test_a_cancelled_look_up_is_interrupted_and_gives_its_reader_back(tmp_path: Path) -> None:
    """As many as there are readers never end by themselves; the next one is answered all the same."""
    database = await Database.open(tmp_path / "dialer.sqlite3")
    begun = 0

    def endless(connection: Connection) -> None:
        nonlocal begun
        begun += 1
        connection.execute(ENDLESS)

    for _ in range(3):
        before = begun
        lookups = [asyncio.create_task(database.read(endless)) for _ in range(4)]
        await until(lambda: begun == before + 4, "all are at work")  # noqa: B023 - waited for in this round
        for lookup in lookups:
            lookup.cancel()
        async with asyncio.timeout(30):
            await asyncio.gather(*lookups, return_exceptions=True)
            found = await database.read(lambda connection: connection.execute(text("SELECT 1")).scalar())
        assert all(lookup.cancelled() for lookup in lookups)
        assert found == 1
    await database.close()
