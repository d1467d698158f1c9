"""A whole dialer, fresh for every test; its database is copied from one that was migrated once."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dialer.store.database import Database
from tests.web.people import People, open_people
from tests.web.system import System, open_system


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database that is up to date."""
    path = tmp_path_factory.mktemp("migrated") / "dialer.sqlite3"

    async def make() -> None:
        await (await Database.open(path)).close()

    asyncio.run(make())
    return path


@pytest.fixture
def folder(migrated: Path, tmp_path: Path) -> Path:
    """A folder with a database of one's own."""
    shutil.copyfile(migrated, tmp_path / "dialer.sqlite3")
    return tmp_path


@pytest.fixture
async def system(folder: Path) -> AsyncIterator[System]:
    """A running dialer."""
    async with open_system(folder) as opened:
        yield opened


@pytest.fixture
async def people(folder: Path) -> AsyncIterator[People]:
    """A fresh dialer with one person of each role."""
    async with open_people(folder) as opened:
        yield opened
