"""Bringing a database to the schema that this program knows."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect
from sqlalchemy.ext.asyncio import AsyncEngine

from dialer.errors import StoreError

_SCRIPTS = Path(__file__).parent / "migrations"


def settings() -> Config:
    """Alembic's configuration, without any file."""
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    return config


def head() -> str:
    """The newest revision that this program knows."""
    revision = ScriptDirectory.from_config(settings()).get_current_head()
    assert revision is not None
    return revision


async def revision_of(engine: AsyncEngine, name: str) -> str | None:
    """The revision of a database, or None for an empty one.

    Raises ``StoreError`` for a database that a newer program made, or that is not a dialer's;
    ``name`` says in the message which one is meant.
    """
    async with engine.connect() as connection:
        revision, tables = await connection.run_sync(_look)
    if revision is None and tables:
        raise StoreError(f"{name} is not a database of the dialer: it has the tables {', '.join(sorted(tables)[:5])}")
    known = {script.revision for script in ScriptDirectory.from_config(settings()).walk_revisions()}
    if revision is not None and revision not in known:
        raise StoreError(
            f"{name} was made by a newer version of the dialer (schema {revision}, this one knows up to {head()}): "
            "install that version again, or restore the copy that was made before the upgrade"
        )
    return revision


def _look(connection: Connection) -> tuple[str | None, list[str]]:
    context = MigrationContext.configure(connection)
    return context.get_current_revision(), inspect(connection).get_table_names()


async def upgrade(engine: AsyncEngine, target: str = "head") -> None:
    """Run every step that is missing, in one transaction.

    Foreign keys must be off on ``engine`` (making a table anew drops the old one); they are
    checked before the commit.
    """
    async with engine.begin() as connection:
        await connection.run_sync(_upgrade, target)


def _upgrade(connection: Connection, target: str) -> None:
    config = settings()
    config.attributes["connection"] = connection
    command.upgrade(config, target)
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if broken:
            raise StoreError(f"the upgrade of the database would break references, so it was not made: {broken[:5]}")
