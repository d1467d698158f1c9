"""Everything that is special about SQLite: how a connection is set up, the file, its owner, its errors."""

from __future__ import annotations

import fcntl
import json
import os
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import IO, TypeVar, cast

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, StaticPool

from dialer.errors import GuardFailed, StoreError, StoreOwned, StoreUnavailable
from dialer.store.checkpoint import BACKSTOP_PAGES
from dialer.store.columns import iso

T = TypeVar("T")

_PLAIN = "dialer-plain-engine"
# https://www.sqlite.org/rescode.html, primary codes: the low byte.
_BUSY, _LOCKED, _CORRUPT, _NOT_A_DATABASE = 5, 6, 11, 26
_TRYING_AGAIN_MAY_HELP = {
    _BUSY: "another program is writing to it: end that program",
    _LOCKED: "another program is writing to it: end that program",
    7: "there is not enough memory",
    8: "it cannot be written: check the owner and the rights of the file and its folder",
    9: "the work was interrupted",
    10: "the disk failed to read or write: check the disk and the system's log",
    13: "the disk is full: make room",
    14: "it cannot be opened: check the owner and the rights of the file and its folder",
}
_GUARDS = {
    18: "a value is too big",
    19: "a constraint refused it",
    20: "a value is of the wrong type",
    25: "a value is out of range",
}


def make_engine(
    path: Path,
    *,
    busy_timeout_s: float,
    writes: bool,
    connections: int = 1,
    wait_s: float = 30.0,
    foreign_keys: bool = True,
) -> AsyncEngine:
    """A pool of ``connections`` to the file, each waited for up to ``wait_s``; nothing is opened yet.

    With ``isolation_level=None`` the driver leaves transactions alone, so that ours begin as they
    must: a writer takes the write lock at once (a lock upgraded in the middle of a transaction can
    fail without waiting), a reader keeps one snapshot for all its statements.
    """
    engine = create_async_engine(
        URL.create("sqlite+aiosqlite", database=str(path)),
        connect_args={"isolation_level": None, "timeout": busy_timeout_s},
        pool_size=connections,
        pool_timeout=wait_s,
        max_overflow=0,
        json_serializer=_to_json,
    )
    pragmas = [
        f"foreign_keys = {'ON' if foreign_keys else 'OFF'}",
        f"busy_timeout = {round(busy_timeout_s * 1000)}",
        "synchronous = FULL",
        "cache_size = -32000",
        "temp_store = MEMORY",
    ]
    if writes:
        pragmas += ["journal_mode = WAL", "journal_size_limit = 67108864", f"wal_autocheckpoint = {BACKSTOP_PAGES}"]
    else:
        pragmas.append("query_only = ON")

    def connected(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    def begun(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    event.listen(engine.sync_engine, "connect", connected)
    event.listen(engine.sync_engine, "begin", begun)
    return engine


async def at_once(connection: AsyncConnection, work: Callable[[Connection], T], *, writes: bool) -> T:
    """Run ``work`` in the thread of this connection, as one transaction of its own: not one errand for each statement.

    Inside it is an ordinary SQLAlchemy connection over the same SQLite connection. ``connection`` must not be in a
    transaction.
    """
    pooled = await connection.get_raw_connection()
    driver = pooled.driver_connection
    engine = pooled.info.get(_PLAIN)
    if engine is None:
        engine = pooled.info[_PLAIN] = _plain(driver._conn, writes=writes)  # type: ignore[union-attr]  # aiosqlite has no word for it

    def transaction() -> T:
        with engine.begin() as plain:
            return work(plain)

    return cast("T", await driver._execute(transaction))  # type: ignore[union-attr]  # nor for "in your thread, please"


def _plain(connection: sqlite3.Connection, *, writes: bool) -> Engine:
    engine = create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool, json_serializer=_to_json)
    event.listen(engine, "begin", lambda begun: begun.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN"))
    return engine


def translate(error: BaseException | None, doing: str) -> StoreError:
    """What a driver's error means: try again later, a guard held, or neither."""
    code = getattr(error, "sqlite_errorcode", None)
    primary = code & 0xFF if isinstance(code, int) else None
    if primary in _TRYING_AGAIN_MAY_HELP:
        return StoreUnavailable(f"{doing}: {_TRYING_AGAIN_MAY_HELP[primary]} ({error})")
    if primary in _GUARDS:
        return GuardFailed(f"{doing}: {_GUARDS[primary]} ({error})")
    if primary in (_CORRUPT, _NOT_A_DATABASE):
        return StoreError(f"{doing}: the file is damaged or not a database: restore a backup ({error})")
    return StoreError(f"{doing}: {error}")


def _to_json(value: object) -> str:
    return _JSON.encode(value)


def _json_value(value: object) -> str | dict[str, object]:
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{value!r} cannot be written as JSON")


_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_json_value)


class OwnerLock:
    """Held while a program owns the database file, so that two dialers never work on one.

    It is a lock on a file beside the database, which the system releases when the process ends in
    whatever way; the file itself stays.
    """

    def __init__(self, database: Path) -> None:
        self._path = database.with_name(database.name + ".lock")
        self._file: IO[str] | None = None

    def take(self) -> None:
        """Raises ``StoreOwned`` when another process holds it."""
        file = self._path.open("a+", encoding="utf-8")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            owner = file.read().strip() or "unknown"
            file.close()
            raise StoreOwned(
                f"another dialer (process {owner}) works on this database: {self._path} is locked; "
                "if it is just starting, try again in a moment; else end it first, or give this one another database"
            ) from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        self._file = file

    def release(self) -> None:
        """Let go; nothing happens when it is not held."""
        if self._file is not None:
            self._file.close()
            self._file = None


def prepare(path: Path) -> None:
    """Make the folder and an empty file that only its owner and group can read: it holds customers' data."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.touch(mode=0o640)


def copy(source: Path, target: Path, mode: int = 0o640) -> None:
    """A consistent, compact copy of a database that may be in use; blocks. An older ``target`` is replaced.

    Nobody but those whom ``mode`` allows can read it at any moment. Raises ``StoreError``, ``StoreUnavailable``.
    """
    part = target.with_name(target.name + ".part")
    doing = f"copying the database {source} to {target}"
    try:
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode))
        with closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=rw", uri=True, timeout=10)) as connection:
            connection.execute("VACUUM INTO ?", (str(part),))
        part.chmod(mode)
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.replace(target)
        sync_folder(target.parent)
    except sqlite3.Error as error:
        part.unlink(missing_ok=True)
        raise translate(error, doing) from error
    except OSError as error:
        part.unlink(missing_ok=True)
        raise StoreUnavailable(f"{doing}: {error}") from error


def sync_folder(folder: Path) -> None:
    """Make names that were given or taken in ``folder`` last through a power cut. Raises OSError."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
