"""Bringing a database up to date."""

from __future__ import annotations

import io
import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from dialer.errors import StoreError, StoreUnavailable
from dialer.store import migrate
from dialer.store.database import Database
from dialer.store.schema import metadata
from dialer.store.sqlite import files
from tests.store.conftest import at_revision


def schema(path: Path) -> dict[str, str]:
    """What the database was made with, by name; spaces and quotes apart."""
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    return {name: plain(sql) for name, sql in found}


def plain(sql: str) -> str:
    """The parts of a statement in alphabetical order: constraints may come in any.

    Without the empty text that a migration gives to rows that are there already: statements always name every column.
    """
    sql = sql.replace('"', "").replace(" DEFAULT ''", "")
    head, _, body = re.sub(r"\s+", " ", sql).strip().partition("(")
    return head.strip() + " " + ", ".join(sorted(part.strip() for part in body.removesuffix(")").split(", ")))


def test_tables_are_what_the_migrations_make(empty: Path) -> None:
    """The tables that statements are made from are those that the migrations made."""
    made = schema(empty)
    triggers = {name for name, sql in made.items() if sql.startswith("CREATE TRIGGER")}
    dialect = sqlite.dialect()
    for table in metadata.sorted_tables:
        assert made.pop(table.name) == plain(str(CreateTable(table).compile(dialect=dialect)))
        for index in table.indexes:
            assert made.pop(str(index.name)) == plain(str(CreateIndex(index).compile(dialect=dialect)))
    assert set(made) - triggers == {"alembic_version"}
    assert len(triggers) == 12


def copies(path: Path) -> list[Path]:
    """The copies made before upgrades."""
    return [other for other in path.parent.iterdir() if "-before-" in other.name]


async def test_an_older_database_is_copied_and_upgraded(empty: Path, tmp_path: Path) -> None:
    """The copy is what was there before; the database has what it had, and everything new."""
    path = tmp_path / "dialer.sqlite3"
    await at_revision(path, "0001")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT INTO flags VALUES ('paused', '停电')")
    await (await Database.open(path)).close()
    assert schema(path) == schema(empty)
    (copy,) = copies(path)
    assert copy.name.startswith(f"dialer.sqlite3-before-{migrate.head()}-")
    for file, version in ((path, migrate.head()), (copy, "0001")):
        with closing(sqlite3.connect(file)) as connection:
            assert connection.execute("SELECT value, version_num FROM flags, alembic_version").fetchall() == [
                ("停电", version)
            ]


async def test_an_upgrade_is_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, empty: Path) -> None:
    """A step that fails leaves the database as it was."""
    path = tmp_path / "dialer.sqlite3"
    await at_revision(path, "0001")
    before = schema(path)
    with closing(sqlite3.connect(path)) as connection, connection:
        # In the way of the last step.
        connection.execute("CREATE TRIGGER attempts_ended BEFORE DELETE ON flags BEGIN SELECT 1; END")
    with pytest.raises(StoreError):
        await Database.open(path)
    after = schema(path)
    assert {name: sql for name, sql in after.items() if name != "attempts_ended"} == before


async def test_broken_references_stop_an_upgrade(tmp_path: Path) -> None:
    """References are checked before an upgrade is committed."""
    path = tmp_path / "dialer.sqlite3"
    await at_revision(path, "0002")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT INTO recordings_due VALUES ('abc123-9', '2026')")
    with pytest.raises(StoreError, match="references"):
        await Database.open(path)


async def test_a_newer_database_is_refused(empty: Path, tmp_path: Path) -> None:
    """What a newer program made is not touched."""
    path = tmp_path / "dialer.sqlite3"
    shutil.copyfile(empty, path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match=r"newer version .*9999"):
        await Database.open(path)
    assert copies(path) == []


async def test_a_foreign_database_is_refused(tmp_path: Path) -> None:
    """A database of another program is not touched."""
    path = tmp_path / "other.sqlite3"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE contacts (name)")
    with pytest.raises(StoreError, match="contacts"):
        await Database.open(path)
    assert set(schema(path)) == {"contacts"}


async def test_no_room_for_the_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a copy there is no upgrade."""
    path = tmp_path / "dialer.sqlite3"
    await at_revision(path, "0001")

    def fail(source: Path, target: Path) -> None:
        raise StoreUnavailable("the disk is full")

    monkeypatch.setattr(files, "copy", fail)
    with pytest.raises(StoreUnavailable):
        await Database.open(path)
    assert "notices" not in schema(path)


def test_the_same_for_postgresql() -> None:
    """The steps can be written for PostgreSQL: its types, partial indexes and triggers."""
    config = migrate.settings()
    config.attributes["dialect"] = "postgresql"
    config.output_buffer = io.StringIO()
    command.upgrade(config, "head", sql=True)
    script = config.output_buffer.getvalue()
    assert "placed_at TIMESTAMP WITH TIME ZONE NOT NULL" in script
    assert "CREATE UNIQUE INDEX uq_attempts_live_number ON attempts (number) WHERE state != 'ended'" in script
    assert "EXECUTE FUNCTION refuse('history is append-only')" in script
    assert "RAISE(ABORT" not in script
