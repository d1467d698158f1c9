"""A backup of a SQLite database: a verified copy in one file, with its SHA-256 beside it. Blocking code."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime
from pathlib import Path

from dialer.errors import StoreError, StoreUnavailable
from dialer.store import migrate
from dialer.store.backups.files import MODE, PART, Backup, Contents, digest, sum_of, write_sum
from dialer.store.sqlite import files

_GROWING = ("visits", "attempts", "history")
"""Tables that never lose a row: a copy has at least as many as there were before it."""
_LEFT = 64 << 20
"""Bytes that a backup leaves on the database's own disk: without room there nothing is committed, nor dialled."""


def make(database: Path, target: Path, now: datetime) -> tuple[Backup, Contents]:
    """Copy ``database``, which may be in use, to ``target``, and verify the copy before it gets that name.

    Raises ``StoreError`` when there is none or the copy is not good, ``StoreUnavailable`` when trying again may help;
    an older ``target`` is then still there.
    """
    if not database.exists():
        raise StoreError(f"there is no database {database}: nothing to back up before the first start")
    part = target.with_name(f".{target.name}{PART}")
    try:
        _look_for_room(database, target.parent)
        before = _counts(database)
        files.copy(database, part, MODE)
        contents = examine(part)
        lost = [table for table in _GROWING if contents.rows.get(table, 0) < before.get(table, 0)]
        if lost:
            raise StoreError(
                f"the copy of {database} has fewer rows of {', '.join(lost)} than the database: disk or memory is bad"
            )
        found = Backup(target, now, part.stat().st_size, digest(part))
        sum_of(target).unlink(missing_ok=True)  # of the one that is replaced
        part.replace(target)
        write_sum(found)
        files.sync_folder(target.parent)
    except OSError as error:
        raise StoreUnavailable(f"backing up {database} to {target}: {error}") from error
    finally:
        part.unlink(missing_ok=True)
    return found, contents


def examine(path: Path, name: str = "") -> Contents:
    """Look through a database that nobody writes: is it whole, is it ours, and what is in it.

    Raises ``StoreError`` for one that is damaged, foreign, or of a newer version; ``name`` is what it says instead of
    the path.
    """
    name = name or str(path)
    try:
        with path.open("rb") as file:
            head = file.read(16)
    except OSError as error:
        raise StoreError(f"{name} cannot be read: {error.strerror}") from error
    if head != b"SQLite format 3\0":
        raise StoreError(f"{name} is no database: is it packed, or cut off, or another file?")
    with files.reading(path, "immutable=1", name) as connection:
        for pragma, good in (("integrity_check", [("ok",)]), ("foreign_key_check", [])):
            found = connection.execute(f"PRAGMA {pragma}").fetchmany(5)
            if found != good:
                raise StoreError(f"{name} is damaged ({pragma}: {'; '.join(str(row[0]) for row in found)})")
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        versioned = "alembic_version" in tables
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone() if versioned else None
        revision = row[0] if row else None
        if revision is None:
            raise StoreError(
                f"{name} is not a database of the dialer: it has {', '.join(sorted(tables)[:5]) or 'no tables'}"
            )
        migrate.check(revision, tables, name)
        ours = [table for table in tables if not table.startswith(("sqlite_", "alembic_"))]
        rows = {table: connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0] for table in sorted(ours)}  # noqa: S608 - its own names
        (day,) = connection.execute("SELECT max(day) FROM visits").fetchone()
        (at,) = connection.execute("SELECT max(at) FROM history").fetchone()
    return Contents(
        revision,
        rows,
        date.fromisoformat(day) if day else None,
        datetime.fromisoformat(at).astimezone(UTC) if at else None,
    )


def _look_for_room(database: Path, folder: Path) -> None:
    """Raises ``StoreUnavailable`` when a copy there would take the room that the database itself needs; OSError."""
    there = database.stat()
    free = shutil.disk_usage(folder).free
    if there.st_dev == folder.stat().st_dev and free < there.st_size + _LEFT:
        raise StoreUnavailable(
            f"backing up {database} to {folder}: it is on the same disk, which has only {free >> 20} MiB left: "
            "make room, or set backup.folder to another disk"
        )


def _counts(database: Path) -> dict[str, int]:
    with files.reading(database, "mode=ro") as connection:
        return {table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in _GROWING}  # noqa: S608 - ours
