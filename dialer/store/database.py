"""One database: opened, migrated, owned, read and written, closed."""

from __future__ import annotations

import asyncio
import secrets
import string
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection, Dialect, Table, insert, select
from sqlalchemy.dialects import sqlite as lite
from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from dialer.errors import GuardFailed, StoreError, StoreOutdated, StoreUnavailable
from dialer.store import migrate, sqlite
from dialer.store.checkpoint import Checkpointer
from dialer.store.tables import facts

T = TypeVar("T")
if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql as pg

    Upsert = lite.Insert | pg.Insert


@dataclass(frozen=True, slots=True)
class StoreConfig:
    """Where the database is and how patient to be.

    ``busy_timeout_s`` is how long a transaction waits for another program that holds the
    database; ``readers`` how many look-ups can run at once, and ``wait_for_reader_s`` how long one
    more waits for its turn.
    """

    path: Path
    busy_timeout_s: float = 5.0
    readers: int = 4
    wait_for_reader_s: float = 20.0


class Database:
    """Made by :meth:`open`. One connection writes, others read; readers never wait for the writer."""

    def __init__(
        self, config: StoreConfig, writer: AsyncEngine, reader: AsyncEngine, owner: sqlite.OwnerLock, installation: str
    ) -> None:
        self.path = config.path
        self.installation = installation
        """A short id, [a-z0-9]{6}, made with the database; the first part of ids that leave it."""
        self._writer = writer
        self._reader = reader
        self._owner = owner
        self._checkpointer = Checkpointer(config.path)
        self._turn = asyncio.Lock()
        self._writes: set[asyncio.Task[Any]] = set()

    @classmethod
    async def open(cls, config: StoreConfig, *, owner: bool = True) -> Database:
        """Open the database, made or brought up to date where needed.

        An existing one is copied to ``<file>-before-<schema>-<time>`` before it is migrated. With
        ``owner=False`` it is opened beside a running dialer: it must be there and up to date.
        Raises ``StoreError`` (another dialer owns it, or it is newer than this program, damaged
        or missing) or ``StoreUnavailable``.
        """
        lock = sqlite.OwnerLock(config.path)
        try:
            if owner:
                sqlite.prepare(config.path)
                lock.take()
            elif not config.path.exists():
                raise StoreError(f"there is no database {config.path}: start the dialer once to make it")
        except OSError as error:
            raise StoreUnavailable(f"opening the database {config.path}: {error}") from error
        writer = sqlite.make_engine(config.path, busy_timeout_s=config.busy_timeout_s, writes=True)
        reader = sqlite.make_engine(
            config.path,
            busy_timeout_s=config.busy_timeout_s,
            writes=False,
            connections=config.readers,
            wait_s=config.wait_for_reader_s,
        )
        try:
            with _translated(f"opening the database {config.path}"):
                await _bring_up_to_date(config, owner=owner)
                installation = await _installation(writer)
        except BaseException:
            await writer.dispose()
            await reader.dispose()
            lock.release()
            raise
        return cls(config, writer, reader, lock, installation)

    async def close(self) -> None:
        """Finish the write that is under way and close every connection."""
        while self._writes:
            await asyncio.wait(self._writes)
        await self._checkpointer.close()
        await self._reader.dispose()
        await self._writer.dispose()
        self._owner.release()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A connection that sees one state of the database and cannot change it."""
        with _translated(f"reading the database {self.path}"):
            async with self._reader.begin() as connection:
                yield connection

    async def read_at_once(self, work: Callable[[Connection], T]) -> T:
        """As :meth:`read`, for a ``work`` that waits for nothing, in the database's thread."""
        with _translated(f"reading the database {self.path}"):
            async with self._reader.connect() as connection:
                return await sqlite.at_once(connection, work, writes=False)

    async def write(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """Run ``work`` in one transaction and commit it durably; whatever it raises undoes all of it.

        A caller that is cancelled leaves the transaction to finish by itself: it is never cut in two.
        """
        task = asyncio.create_task(self._write(work), name="store-write")
        self._writes.add(task)
        task.add_done_callback(self._written)
        return await asyncio.shield(task)

    async def write_at_once(self, work: Callable[[Connection], T]) -> T:
        """As :meth:`write`, for a ``work`` that waits for nothing: all of it in one visit to the database's thread.

        Ten statements as one errand instead of thirty: a small transaction takes a third of the time.
        """
        task = asyncio.create_task(self._write_at_once(work), name="store-write")
        self._writes.add(task)
        task.add_done_callback(self._written)
        return await asyncio.shield(task)

    async def _write_at_once(self, work: Callable[[Connection], T]) -> T:
        async with self._turn:
            with _translated(f"writing the database {self.path}"):
                async with self._writer.connect() as connection:
                    return await sqlite.at_once(connection, work, writes=True)

    async def _write(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        async with self._turn:
            with _translated(f"writing the database {self.path}"):
                async with self._writer.begin() as connection:
                    return await work(connection)

    def _written(self, task: asyncio.Task[Any]) -> None:
        self._writes.discard(task)
        self._checkpointer.written()
        if not task.cancelled():
            task.exception()  # seen here in case that the caller is gone

    async def backup(self, target: Path) -> None:
        """Write a consistent copy, while work goes on. An older ``target`` is replaced when it is complete."""
        await asyncio.to_thread(sqlite.copy, self.path, target)


def upsert(dialect: Dialect, table: Table, *, keep: Sequence[str] = ()) -> Upsert:
    """An insert that replaces the row of the same primary key, but for the columns in ``keep``."""
    statement = _insert(dialect, table)
    keys = [column.name for column in table.primary_key]
    new = {c.name: statement.excluded[c.name] for c in table.c if c.name not in keys and c.name not in keep}
    return statement.on_conflict_do_update(index_elements=keys, set_=new)


def insert_new(dialect: Dialect, table: Table) -> Upsert:
    """An insert that leaves out rows whose primary key is there already."""
    keys = [column.name for column in table.primary_key]
    return _insert(dialect, table).on_conflict_do_nothing(index_elements=keys)


def _insert(dialect: Dialect, table: Table) -> Upsert:
    if dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table)
    return lite.insert(table)


@contextmanager
def _translated(doing: str) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        raise sqlite.translate(error.orig, doing) from error
    except StatementError as error:  # a value that its column does not take
        raise GuardFailed(f"{doing}: {error.orig}") from error
    except PoolTimeout as error:
        raise StoreUnavailable(f"{doing}: too many look-ups at once ({error})") from error


async def _bring_up_to_date(config: StoreConfig, *, owner: bool) -> None:
    engine = sqlite.make_engine(config.path, busy_timeout_s=config.busy_timeout_s, writes=True, foreign_keys=False)
    try:
        revision, head = await migrate.revision_of(engine, str(config.path)), migrate.head()
        if revision == head:
            return
        if not owner:
            raise StoreOutdated(f"the database {config.path} is of an older version: start the dialer to bring it up")
        if revision is not None:
            now = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
            target = config.path.with_name(f"{config.path.name}-before-{head}-{now}")
            await asyncio.to_thread(sqlite.copy, config.path, target)
        await migrate.upgrade(engine)
    finally:
        await engine.dispose()


async def _installation(writer: AsyncEngine) -> str:
    """The id of this installation; made when the database is new."""
    stored = select(facts.c.value).where(facts.c.name == "installation")
    async with writer.begin() as connection:
        found = (await connection.execute(stored)).scalar()
        if found is None:
            found = "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(6))
            await connection.execute(insert(facts).values(name="installation", value=found))
    return str(found)
