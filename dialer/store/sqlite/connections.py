"""Connections to a SQLite file: one that writes, and some that read beside it.

With ``isolation_level=None`` the driver leaves transactions alone, so that ours begin as they must: a writer takes the
write lock at once (a lock upgraded in the middle of a transaction can fail without waiting), a reader keeps one
snapshot for all its statements.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Generic, TypeVar

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
    """``count`` connections, each waited for up to ``wait_s``. Nothing is opened before it is used.

    They have an event loop and a thread of their own: to make records of thousands of rows takes tenths of a second,
    and on the caller's loop everybody would wait for it, the calls first of all.
    """

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
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._reads: set[_Read[Any]] = set()

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` as one transaction, in the readers' thread; when its caller is cancelled, it is interrupted."""
        read = _Read(work)
        loop = self._running()
        self._reads.add(read)
        result = asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self._transaction(read), loop))
        try:
            return await asyncio.shield(result)
        except asyncio.CancelledError:
            result.add_done_callback(_seen)
            asyncio.run_coroutine_threadsafe(self._interrupt(read), loop)
            raise

    async def close(self) -> None:
        """Close them; what is being read is interrupted."""
        if self._loop is None or self._thread is None:
            return
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self._end(), self._loop))
        self._loop.call_soon_threadsafe(self._loop.stop)
        await asyncio.to_thread(self._thread.join)
        self._loop.close()
        self._loop = self._thread = None

    async def _end(self) -> None:
        await asyncio.gather(*map(self._interrupt, tuple(self._reads)))
        while left := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(left)
        await self.engine.dispose()

    def _running(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(target=self._loop.run_forever, name="store-reader", daemon=True)
            self._thread.start()
        return self._loop

    async def _transaction(self, read: _Read[T]) -> T:
        """Never cancelled: a task that is cancelled while it opens a connection loses it to the pool."""
        try:
            async with self.engine.begin() as connection:
                if read.left:
                    raise asyncio.CancelledError
                read.driver = (await connection.get_raw_connection()).driver_connection
                try:
                    return await connection.run_sync(read.work)
                finally:
                    read.driver = None
        finally:
            self._reads.discard(read)

    async def _interrupt(self, read: _Read[Any]) -> None:
        """Until it ends: a statement goes on in its thread whoever waits, and keeps this reader."""
        read.left = True
        while read in self._reads:
            if read.driver is not None:
                await read.driver.interrupt()
            await asyncio.sleep(_INTERRUPT_AGAIN_S)


class _Read(Generic[T]):
    """One look-up, as far as it has come."""

    def __init__(self, work: Callable[[Connection], T]) -> None:
        self.work = work
        self.driver: Any = None
        """The driver's connection, while a statement can be interrupted on it."""
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
