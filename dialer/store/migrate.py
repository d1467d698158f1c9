"""Bringing a database to the schema that this program knows.

Alembic is there when there is something to do: an ordinary start only looks whether there is, and does not wait the
seventh part of its time for a library that has no work.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect

from dialer.errors import StoreError

if TYPE_CHECKING:
    from alembic.config import Config

_SCRIPTS = Path(__file__).parent / "migrations"
_VERSION = "alembic_version"


def settings() -> Config:
    """Alembic's configuration, without any file."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    return config


def head() -> str:
    """The newest revision that this program knows."""
    return revisions()[-1]


def revisions() -> list[str]:
    """Every revision, oldest first: each step's file is called after it, ``v0001_day.py``."""
    return sorted(file.name[1:].partition("_")[0] for file in (_SCRIPTS / "versions").glob("v*_*.py"))


def revision_of(connection: Connection, name: str) -> str | None:
    """The revision of a database, or None for an empty one.

    Raises ``StoreError`` for a database that a newer program made, or that is not a dialer's;
    ``name`` says in the message which one is meant.
    """
    tables = inspect(connection).get_table_names()
    versioned = _VERSION in tables
    revision = connection.exec_driver_sql(f"SELECT version_num FROM {_VERSION}").scalar() if versioned else None  # noqa: S608 - ours
    check(revision, tables, name)
    return revision


def check(revision: str | None, tables: Sequence[str], name: str) -> None:
    """Raises ``StoreError`` when a database with this revision and these tables is none that we can work with."""
    if revision is None and tables:
        raise StoreError(f"{name} is not a database of the dialer: it has the tables {', '.join(sorted(tables)[:5])}")
    if revision is not None and revision not in revisions():
        raise StoreError(
            f"{name} was made by a newer version of the dialer (schema {revision}, this one knows up to {head()}): "
            "install that version again, or restore the copy that was made before the upgrade"
        )


def upgrade(connection: Connection, target: str = "head") -> None:
    """Run every step that is missing. Steps make tables anew: see :meth:`~dialer.store.backend.Backend.rebuild`."""
    from alembic import command

    config = settings()
    config.attributes["connection"] = connection
    command.upgrade(config, target)
