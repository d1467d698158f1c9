"""One database: opened, brought up to date, owned, read and written, closed."""

from __future__ import annotations

import asyncio
import secrets
import string
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from dialer.errors import GuardFailed, StoreError, StoreOutdated, StoreUnavailable
from dialer.store import migrate
from dialer.store.backend import Backend
from dialer.store.schema.day import facts
from dialer.store.sqlite.backend import SqliteBackend

T = TypeVar("T")


def backend_of(path: Path) -> Backend:
    """The database that the settings name; nothing is opened yet."""
    return SqliteBackend(path)


class Database:
    """Made by :meth:`open`. One transaction writes at a time, several can read beside it."""

    def __init__(self, backend: Backend, installation: str) -> None:
        self.backend = backend
        self.installation = installation
        """A short id, [a-z0-9]{6}, made with the database; the first part of ids that leave it."""
        self._writes: set[asyncio.Task[Any]] = set()

    @classmethod
    async def open(cls, where: Path | Backend, *, owner: bool = True, passing: bool = False) -> Database:
        """Open the database, made or brought up to date where needed.

        Of an existing one a copy is kept before it is migrated. With ``owner=False`` it is opened beside a running
        dialer: it must be there and up to date. ``passing``: one command owns it, for a moment. Raises ``StoreError``
        (another dialer owns it, or it is newer than this program, damaged or missing) or ``StoreUnavailable``.
        """
        backend = backend_of(where) if isinstance(where, Path) else where
        doing = f"opening the database {backend.name}"
        try:
            if owner:
                backend.create()
                backend.own(passing=passing)
            elif not backend.exists():
                raise StoreError(f"there is no database {backend.name}: start the dialer once to make it")
        except OSError as error:
            raise StoreUnavailable(f"{doing}: {error}") from error
        try:
            with _translated(backend, doing):
                await _bring_up_to_date(backend, owner=owner)
                return cls(backend, await backend.write(_installation))
        except BaseException:
            await backend.close()
            raise

    async def close(self) -> None:
        """Finish the write that is under way and close every connection."""
        while self._writes:
            await asyncio.wait(self._writes)
        await self.backend.close()

    async def read(self, work: Callable[[Connection], T], *, first: bool = False) -> T:
        """Run ``work``, which sees one state of the database and cannot change it.

        ``first`` is for what calls wait for: it does not stand in line behind people's look-ups, which may take long.
        """
        with _translated(self.backend, f"reading the database {self.backend.name}"):
            return await self.backend.read(work, first=first)

    async def write(self, work: Callable[[Connection], T], then: Callable[[], None] = lambda: None) -> T:
        """Run ``work`` in one transaction and commit it durably; whatever it raises undoes all of it.

        A caller that is cancelled leaves the transaction to finish by itself: it is never cut in two. ``then`` is
        called when it has, whatever came of it.
        """
        task = asyncio.create_task(self._write(work), name="store-write")
        self._writes.add(task)
        task.add_done_callback(self._written)
        task.add_done_callback(lambda _: then())
        return await asyncio.shield(task)

    async def _write(self, work: Callable[[Connection], T]) -> T:
        with _translated(self.backend, f"writing the database {self.backend.name}"):
            return await self.backend.write(work)

    def _written(self, task: asyncio.Task[Any]) -> None:
        self._writes.discard(task)
        if not task.cancelled():
            task.exception()  # seen here in case that the caller is gone


class InDatabase:
    """A store of records in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database


@contextmanager
def _translated(backend: Backend, doing: str) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        raise backend.translate(error.orig, doing) from error
    except StatementError as error:  # a value that its column does not take
        raise GuardFailed(f"{doing}: {error.orig}") from error
    except (UnicodeEncodeError, OverflowError) as error:  # the driver's, of half a character or a number over 64 bits
        raise GuardFailed(f"{doing}: a value that no database takes ({error})") from error
    except PoolTimeout as error:
        raise StoreUnavailable(f"{doing}: too many look-ups at once ({error})") from error


async def _bring_up_to_date(backend: Backend, *, owner: bool) -> None:
    revision = await backend.read(lambda connection: migrate.revision_of(connection, backend.name))
    head = migrate.head()
    if revision == head:
        return
    if not owner:
        raise StoreOutdated(f"the database {backend.name} is of an older version: start the dialer to bring it up")
    if revision is not None:
        await asyncio.to_thread(backend.keep_copy, f"before-{head}")
    await backend.rebuild(migrate.upgrade)


def _installation(connection: Connection) -> str:
    """The id of this installation; made when the database is new."""
    found = connection.execute(select(facts.c.value).where(facts.c.name == "installation")).scalar()
    if found is None:
        found = "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(6))
        connection.execute(insert(facts).values(name="installation", value=found))
    return str(found)
