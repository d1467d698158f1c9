"""Looking into the books from outside while the dialer runs: plain SQLite, read only."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any


def ask(database: Path, query: str, *values: object) -> list[Any]:
    """The rows of one query."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=10)) as connection:
        return connection.execute(query, values).fetchall()


async def until_ended(database: Path, calls: int, alive: Callable[[], None], timeout_s: float = 180) -> None:
    """Wait until so many attempts have ended in the books. Raises ``TimeoutError``."""
    async with asyncio.timeout(timeout_s):
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=10)) as connection:
            query = "SELECT count(*) FROM (SELECT 1 FROM attempts WHERE ended_at IS NOT NULL LIMIT ?)"
            while connection.execute(query, (calls,)).fetchone()[0] < calls:
                alive()
                await asyncio.sleep(0.02)


def moment(text: str) -> float:
    """A stored time as epoch seconds."""
    return datetime.fromisoformat(text).timestamp()
