"""Databases for tests: real files, copied from one that was migrated once."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dialer.store.database import Database, StoreConfig
from dialer.store.day import SqlDayStore


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file that is up to date and empty."""
    path = tmp_path_factory.mktemp("empty") / "dialer.sqlite3"

    async def make() -> None:
        await (await Database.open(StoreConfig(path))).close()

    asyncio.run(make())
    return path


@pytest.fixture
def config(empty: Path, tmp_path: Path) -> StoreConfig:
    """A database of one's own, impatient with other programs."""
    path = tmp_path / "dialer.sqlite3"
    shutil.copyfile(empty, path)
    return StoreConfig(path, busy_timeout_s=0.2, readers=2)


@pytest.fixture
async def database(config: StoreConfig) -> AsyncIterator[Database]:
    """It, open."""
    database = await Database.open(config)
    yield database
    await database.close()


@pytest.fixture
def day(database: Database) -> SqlDayStore:
    """The engine's store in it."""
    return SqlDayStore(database)
