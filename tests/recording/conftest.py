"""Real records for the recording room: the SQLite store."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dialer.store.database import Database


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """A database of one's own."""
    database = await Database.open(tmp_path / "dialer.sqlite3")
    yield database
    await database.close()
