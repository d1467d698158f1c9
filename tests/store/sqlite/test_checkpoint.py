"""The log is moved into the database beside the writer, and what goes wrong there stops nobody."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import insert
from structlog.testing import capture_logs

from dialer.store.database import Database
from dialer.store.schema.day import facts
from dialer.store.sqlite import checkpoint
from dialer.store.sqlite.checkpoint import Checkpointer
from tests.store.conftest import readers_of


async def until_moved(path: Path, rows: int) -> None:
    """Wait until the file alone, without its log, has so many rows of ``big…``."""
    copy = path.with_name("without-log.sqlite3")
    async with asyncio.timeout(60):
        while True:
            copy.write_bytes(path.read_bytes())
            with closing(sqlite3.connect(f"file:{copy}?immutable=1", uri=True)) as alone:
                try:
                    found = alone.execute("SELECT count(*) FROM facts WHERE name LIKE 'big%'").fetchone()[0]
                except sqlite3.DatabaseError:  # copied in the middle of it
                    found = 0
            if found >= rows:
                return
            await asyncio.sleep(0.05)


async def write(database: Database, first: int) -> None:
    async with asyncio.timeout(30):
        await database.write(
            lambda c: c.execute(insert(facts), [{"name": f"big{first + n}", "value": "x" * 1000} for n in range(50)])
        )


async def test_the_log_is_moved_while_readers_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every commit comes into the file by itself; a reader in between neither waits nor is waited for."""
    monkeypatch.setattr(checkpoint, "_EVERY_S", 0.01)
    path = tmp_path / "d.sqlite3"
    database = await Database.open(path)
    try:
        await write(database, 0)
        await until_moved(path, 50)
        with readers_of(database).begin() as reading:
            before = reading.exec_driver_sql("SELECT count(*) FROM facts").scalar()
            await write(database, 50)
            assert reading.exec_driver_sql("SELECT count(*) FROM facts").scalar() == before
        await write(database, 100)
        await until_moved(path, 150)
    finally:
        await database.close()


async def test_a_failure_is_said_once_and_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no such folder; then there is."""
    monkeypatch.setattr(checkpoint, "_EVERY_S", 0.01)
    path = tmp_path / "away" / "d.sqlite3"
    with capture_logs() as logs:
        mover = Checkpointer(path)
        try:
            for _ in range(3):
                mover.written()
                async with asyncio.timeout(30):
                    while mover._some.is_set():  # noqa: ASYNC110 - that it was taken up
                        await asyncio.sleep(0.01)
            path.parent.mkdir()
            mover.written()
            async with asyncio.timeout(30):
                while not path.exists():
                    mover.written()
                    await asyncio.sleep(0.01)
        finally:
            await mover.close()
    assert [each["action"] for each in logs] == ["store.checkpoint"]
