"""Moving what was written ahead into the database's file, beside the writer and not in its way.

SQLite does it by itself in the commit that finds a thousand pages in the log, and that commit waits for all of them to
reach the disk: with a long list now and then a tenth of a second, in which no call is placed. Here another connection
does it (``PASSIVE`` waits for nobody and nobody waits for it), every two seconds at most. Should that fail for long,
the writer still does it by itself, from :data:`BACKSTOP_PAGES` on.
"""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import aiosqlite
import structlog

log = structlog.get_logger(__name__)

BACKSTOP_PAGES = 16_000
"""64 MB of log."""
_EVERY_S = 2.0


class Checkpointer:
    """:meth:`written` after each commit; :meth:`close` before the database is closed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: aiosqlite.Connection | None = None
        self._some = asyncio.Event()
        self._ending = asyncio.Event()
        self._failing = False
        self._task: asyncio.Task[None] | None = None

    def written(self) -> None:
        """There is something to move."""
        self._some.set()
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="store-checkpoint")

    async def close(self) -> None:
        """Finish what is under way: whoever is cancelled while a connection opens never closes it."""
        self._ending.set()
        if self._task is not None:
            self._some.set()
            await self._task
        if self._connection is not None:
            await self._connection.close()

    async def _run(self) -> None:
        while not self._ending.is_set():
            await self._some.wait()
            self._some.clear()
            if not self._ending.is_set():
                await self._move()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_EVERY_S):
                    await self._ending.wait()

    async def _move(self) -> None:
        try:
            if self._connection is None:
                self._connection = await aiosqlite.connect(self._path, timeout=0, isolation_level=None)
                await self._connection.execute("PRAGMA synchronous = FULL")
            await self._connection.execute_fetchall("PRAGMA wal_checkpoint(PASSIVE)")
        except aiosqlite.Error as error:  # a full disk, say: what was committed is safe in the log
            if not self._failing:
                log.warning("cannot move the log into the database", action="store.checkpoint", error=str(error))
            self._failing = True
        else:
            self._failing = False
