"""Databases for tests: real files, copied from one that was migrated once."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from dialer.store import migrate
from dialer.store.database import Database
from dialer.store.day import SqlDayStore
from dialer.store.sqlite.backend import SqliteBackend


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file that is up to date and empty."""
    path = tmp_path_factory.mktemp("empty") / "dialer.sqlite3"

    async def make() -> None:
        await (await Database.open(path)).close()

    asyncio.run(make())
    return path


@pytest.fixture
def file(empty: Path, tmp_path: Path) -> Path:
    """A database of one's own."""
    path = tmp_path / "dialer.sqlite3"
    shutil.copyfile(empty, path)
    return path


def impatient(file: Path) -> SqliteBackend:
    """It, not yet open, and not patient with other programs."""
    return SqliteBackend(file, busy_timeout_s=0.2, readers=2)


@pytest.fixture
async def database(file: Path) -> AsyncIterator[Database]:
    """It, open."""
    database = await Database.open(impatient(file))
    yield database
    await database.close()


@pytest.fixture
def day(database: Database) -> SqlDayStore:
    """The engine's store in it."""
    return SqlDayStore(database)


def readers_of(database: Database) -> Engine:
    """What its look-ups go through."""
    assert isinstance(database.backend, SqliteBackend)
    return database.backend._readers.engine


def writer_of(database: Database) -> Engine:
    """What its transactions go through."""
    assert isinstance(database.backend, SqliteBackend)
    return database.backend._writer.engine


async def at_revision(path: Path, revision: str) -> None:
    """Make a database as an older version of the program left it."""
    backend = SqliteBackend(path)
    await backend.rebuild(lambda connection: migrate.upgrade(connection, revision))
    await backend.close()
