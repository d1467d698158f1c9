"""What tests of notices share: a real outbox and board, a clock that is set by hand, and a platform that misbehaves."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dialer.store.database import Database
from dialer.store.day import SqlDayStore
from dialer.store.records.board import SqlBoard
from dialer.store.records.outbox import SqlOutbox
from dialer.store.sqlite.backend import SqliteBackend
from tests.notices.platform import Platform
from tests.notices.tools import HandClock


@pytest.fixture(scope="session")
def new_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database as it is after its first start: to copy it costs far less than to make it."""

    async def make() -> None:
        await (await Database.open(path)).close()

    path = tmp_path_factory.mktemp("new") / "dialer.sqlite3"
    asyncio.run(make())
    return path


@pytest.fixture
async def database(tmp_path: Path, new_file: Path) -> AsyncIterator[Database]:
    """A new database."""
    path = Path(shutil.copy(new_file, tmp_path))
    database = await Database.open(SqliteBackend(path, busy_timeout_s=0.2, readers=2))
    yield database
    await database.close()


@pytest.fixture
def day(database: Database) -> SqlDayStore:
    """The store that the engine commits to: notices come into the outbox through it."""
    return SqlDayStore(database)


@pytest.fixture
def outbox(database: Database) -> SqlOutbox:
    """The outbox."""
    return SqlOutbox(database)


@pytest.fixture
def board(database: Database) -> SqlBoard:
    """The board's storage."""
    return SqlBoard(database)


@pytest.fixture
def clock() -> HandClock:
    """A clock that stands still until it is moved."""
    return HandClock()


@pytest.fixture
async def platform() -> AsyncIterator[Platform]:
    """An info platform over HTTP."""
    platform = Platform()
    await platform.start()
    yield platform
    await platform.stop()
