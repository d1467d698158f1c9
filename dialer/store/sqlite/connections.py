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
from typing import Any, Generic, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool, StaticPool

import dialer.store.sqlite.expressions  # noqa: F401 - so that statements can have them
from dialer.store.schema.columns import to_json
from dialer.store.sqlite.checkpoint import BACKSTOP_PAGES

T = TypeVar("T")

_STEPS_BETWEEN_LOOKS = 10_000
"""Of SQLite's machine, some tenths of a millisecond: as often a statement asks whether somebody waits for it."""


class Readers:
    """``count`` connections, each waited for up to ``wait_s``. Nothing is opened before it is used.

    Each is at work in a thread: to make records of thousands of rows takes tenths of a second, and on the caller's loop
    everybody would wait for it, the calls first of all.
    """

    def __init__(self, path: Path, *, busy_timeout_s: float, count: int, wait_s: float) -> None:
        self.engine = create_engine(
            URL.create("sqlite", database=str(path)),
            connect_args={"isolation_level": None, "timeout": busy_timeout_s, "check_same_thread": False},
            poolclass=QueuePool,
            pool_size=count,
            max_overflow=0,
            json_serializer=to_json,
        )
        _set_up(self.engine, "BEGIN", busy_timeout_s, ["query_only = ON"])
        self._wait_s = wait_s
        self._free = asyncio.Semaphore(count)
        self._threads = ThreadPoolExecutor(count, "store-reader")
        self._reads: set[_Read[Any]] = set()

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` as one transaction, in a thread; when its caller is cancelled, it is interrupted.

        Raises SQLAlchemy's ``TimeoutError`` after ``wait_s``.
        """
        try:
            async with asyncio.timeout(self._wait_s):
                await self._free.acquire()
        except TimeoutError as error:
            raise PoolTimeout(f"none was free within {self._wait_s:g} s") from error
        read = _Read(work)
        self._reads.add(read)
        done = asyncio.get_running_loop().run_in_executor(self._threads, self._transaction, read)
        done.add_done_callback(lambda _: self._over(read))
        try:
            return await asyncio.shield(done)
        except asyncio.CancelledError:
            read.left = True
            done.add_done_callback(_seen)
            raise

    async def close(self) -> None:
        """Close them; what is being read is interrupted."""
        for read in self._reads:
            read.left = True
        await asyncio.to_thread(self._threads.shutdown)
        self.engine.dispose()

    def _over(self, read: _Read[Any]) -> None:
        self._reads.discard(read)
        self._free.release()

    def _transaction(self, read: _Read[T]) -> T:
        with self.engine.begin() as connection:
            driver = connection.connection.driver_connection
            assert driver is not None
            driver.set_progress_handler(lambda: read.left, _STEPS_BETWEEN_LOOKS)
            try:
                return read.work(connection)
            finally:
                driver.set_progress_handler(None, 0)


class _Read(Generic[T]):
    """One look-up."""

    def __init__(self, work: Callable[[Connection], T]) -> None:
        self.work = work
        self.left = False
        """Whether nobody waits for it any more."""


def _seen(future: asyncio.Future[Any]) -> None:
    """Nobody waits for what came of it."""
    if not future.cancelled():
        future.exception()


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
