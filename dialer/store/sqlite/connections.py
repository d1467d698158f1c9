"""Connections to a SQLite file: one that writes, and some that read beside it.

With ``isolation_level=None`` the driver leaves transactions alone, so that ours begin as they must: a writer takes the
write lock at once (a lock upgraded in the middle of a transaction can fail without waiting), a reader keeps one
snapshot for all its statements.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, StaticPool

import dialer.store.sqlite.expressions  # noqa: F401 - so that statements can have them
from dialer.store.schema.columns import to_json
from dialer.store.sqlite.checkpoint import BACKSTOP_PAGES

T = TypeVar("T")

_INTERRUPT_AGAIN_S = 0.05
"""An interruption between two statements has no effect."""


class Readers:
    """``count`` connections, each waited for up to ``wait_s``. Nothing is opened before it is used."""

    def __init__(self, path: Path, *, busy_timeout_s: float, count: int, wait_s: float) -> None:
        self.engine = create_async_engine(
            URL.create("sqlite+aiosqlite", database=str(path)),
            connect_args={"isolation_level": None, "timeout": busy_timeout_s},
            pool_size=count,
            max_overflow=0,
            pool_timeout=wait_s,
            json_serializer=to_json,
        )
        _set_up(self.engine.sync_engine, "BEGIN", busy_timeout_s, ["query_only = ON"])

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` as one transaction; when its caller is cancelled, what runs is interrupted."""
        async with self.engine.begin() as connection:
            driver = (await connection.get_raw_connection()).driver_connection
            assert driver is not None
            task = asyncio.create_task(connection.run_sync(work), name="store-read")
            try:
                await asyncio.wait((task,))
            except asyncio.CancelledError:  # a statement goes on in its thread whoever waits, and keeps this reader
                while not task.done():
                    await driver.interrupt()
                    await asyncio.wait((task,), timeout=_INTERRUPT_AGAIN_S)
                task.exception()  # nobody waits for what came of it
                raise
            return task.result()

    async def close(self) -> None:
        """Close them."""
        await self.engine.dispose()


class Writer:
    """One connection, in a thread of its own. Nothing is opened before it is used.

    A transaction is one errand to that thread. By aiosqlite it would be three for each statement: a small one, which is
    what a call's life is made of, took more than twice the time.
    """

    def __init__(self, path: Path, *, busy_timeout_s: float, foreign_keys: bool = True) -> None:
        self.engine = create_engine(
            URL.create("sqlite", database=str(path)),
            connect_args={"isolation_level": None, "timeout": busy_timeout_s, "check_same_thread": False},
            poolclass=StaticPool,
            json_serializer=to_json,
        )
        self._thread = ThreadPoolExecutor(1, "store-writer")
        pragmas = ["journal_mode = WAL", "journal_size_limit = 67108864", f"wal_autocheckpoint = {BACKSTOP_PAGES}"]
        _set_up(self.engine, "BEGIN IMMEDIATE", busy_timeout_s, pragmas, foreign_keys=foreign_keys)

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` as one transaction; one after the other."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._transaction, work)

    async def close(self) -> None:
        """Finish what is under way, and close it."""
        await asyncio.to_thread(self._thread.shutdown)
        self.engine.dispose()

    def _transaction(self, work: Callable[[Connection], T]) -> T:
        with self.engine.begin() as connection:
            return work(connection)


def _set_up(
    engine: Engine, begin: str, busy_timeout_s: float, pragmas: list[str], *, foreign_keys: bool = True
) -> None:
    pragmas = [
        f"foreign_keys = {'ON' if foreign_keys else 'OFF'}",
        f"busy_timeout = {round(busy_timeout_s * 1000)}",
        "synchronous = FULL",
        "cache_size = -32000",
        "temp_store = MEMORY",
        *pragmas,
    ]

    def connected(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
