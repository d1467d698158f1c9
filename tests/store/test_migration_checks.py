"""A column that may hold something new from now on: the table is made anew with all that it had."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection

from dialer.campaign.model.evidence import Disposition
from dialer.store.database import Database
from dialer.store.migrations.made_of import allow
from dialer.store.sqlite.backend import SqliteBackend
from tests.store.test_migrations import schema
from tests.store.test_older_databases import fill


async def change(path: Path, *values: str) -> None:
    """What a step of a migration does."""

    def step(connection: Connection) -> None:
        with Operations.context(MigrationContext.configure(connection)):
            allow("attempts", "disposition", values)

    backend = SqliteBackend(path)
    await backend.rebuild(step)
    await backend.close()


def rows(path: Path) -> list[tuple[object, ...]]:
    """Every attempt."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT * FROM attempts ORDER BY id").fetchall()


async def test_a_column_holds_something_new(tmp_path: Path) -> None:
    """The new value is let in, others are not; rows, indexes and guards are what they were, and there is a way back."""
    path = tmp_path / "dialer.sqlite3"
    await fill(path)
    before, was = schema(path), rows(path)
    await change(path, *Disposition, "forwarded")
    after = schema(path)
    assert rows(path) == was
    assert after.keys() == before.keys()
    assert {name for name, sql in after.items() if sql != before[name]} == {"attempts"}
    live = "UPDATE attempts SET disposition = ? WHERE state <> 'ended'"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(live, ("forwarded",))
        with pytest.raises(sqlite3.IntegrityError, match="ck_attempts_disposition"):
            connection.execute(live, ("lost",))
        with pytest.raises(sqlite3.IntegrityError, match="never deleted"):
            connection.execute("DELETE FROM attempts")
        connection.execute(live, (None,))
    await change(path, *Disposition)
    assert schema(path) == before
    await (await Database.open(path)).close()
