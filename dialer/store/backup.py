"""A backup: a verified copy of the database in one file, with its SHA-256 beside it. Blocking code.

A database that has its name in the folder of backups is whole, and was verified when its checksum stands beside it:
it is written and looked through under another name first, and the checksum comes last.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import groupby
from pathlib import Path

from dialer.errors import StoreError, StoreUnavailable
from dialer.store import migrate, sqlite

MODE = 0o600
OLD = timedelta(days=2)
"""A backup that is older shows that the nights' work is not done."""
SUM = ".sha256"
"""What follows the name of a backup in the name of its checksum, which `sha256sum --check` understands."""

_NAME = re.compile(r"dialer-(\d{8}T\d{6}Z)\.sqlite3")
_STAMP = "%Y%m%dT%H%M%SZ"
_PART = ".part"
_GROWING = ("visits", "attempts", "history")
"""Tables that never lose a row: a copy has at least as many as there were before it."""
_BLOCK = 1 << 20
_CLOCKS_APART = timedelta(minutes=10)
_LEFT = 64 << 20
"""Bytes that a backup leaves on the database's own disk: without room there nothing is committed, nor dialled."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What is in a database: its schema, rows by table, the last day that has a list, and the last thing noted."""

    revision: str
    rows: Mapping[str, int]
    day: date | None
    last_change: datetime | None


@dataclass(frozen=True, slots=True)
class Backup:
    """One backup. ``size`` in bytes; ``sha256`` as it was when it was verified."""

    path: Path
    made_at: datetime
    size: int
    sha256: str


def name_of(at: datetime) -> str:
    """The file of a backup made at ``at``."""
    return f"dialer-{at.astimezone(UTC).strftime(_STAMP)}.sqlite3"


def make(database: Path, target: Path, now: datetime) -> tuple[Backup, Contents]:
    """Copy ``database``, which may be in use, to ``target``, and verify the copy before it gets that name.

    Raises ``StoreError`` when there is none or the copy is not good, ``StoreUnavailable`` when trying again may help;
    an older ``target`` is then still there.
    """
    if not database.exists():
        raise StoreError(f"there is no database {database}: nothing to back up before the first start")
    part = target.with_name(f".{target.name}{_PART}")
    try:
        _look_for_room(database, target.parent)
        before = _counts(database)
        sqlite.copy(database, part, MODE)
        contents = examine(part)
        lost = [table for table in _GROWING if contents.rows.get(table, 0) < before.get(table, 0)]
        if lost:
            raise StoreError(
                f"the copy of {database} has fewer rows of {', '.join(lost)} than the database: disk or memory is bad"
            )
        found = Backup(target, now, part.stat().st_size, digest(part))
        _sum_of(target).unlink(missing_ok=True)  # of the one that is replaced
        part.replace(target)
        _write_sum(found)
        sqlite.sync_folder(target.parent)
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
    with _reading(path, "immutable=1", name) as connection:
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


def digest(path: Path) -> str:
    """SHA-256 of a file. Raises OSError."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            found.update(block)
    return found.hexdigest()


def told_sum(path: Path) -> str | None:
    """The checksum that stands beside a backup; None when there is none. Raises ``StoreError`` for one that is none."""
    file = _sum_of(path)
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(f"{file} cannot be read: {error}") from error
    word = text.split(maxsplit=1)[0] if text.strip() else ""
    if not re.fullmatch(r"[0-9a-f]{64}", word):
        raise StoreError(f"{file} has no SHA-256 in it: copy it again, or remove it to do without")
    return word


def listing(folder: Path) -> list[Backup]:
    """The verified backups in ``folder``, newest first; what else lies there is left out.

    Raises ``StoreUnavailable``.
    """
    found = []
    try:
        for path in folder.iterdir() if folder.exists() else ():
            name = _NAME.fullmatch(path.name)
            checksum = _sum_or_none(path) if name else None
            if name and checksum is not None:
                at = datetime.strptime(name[1], _STAMP).replace(tzinfo=UTC)
                found.append(Backup(path, at, path.stat().st_size, checksum))
    except OSError as error:
        raise StoreUnavailable(f"the folder of backups {folder} cannot be read: {error}") from error
    return sorted(found, key=lambda backup: backup.made_at, reverse=True)


def age_of_newest(backups: Sequence[Backup], now: datetime) -> tuple[Backup | None, timedelta]:
    """The newest of a listing, and how old it is.

    One that is dated in the future was made while the clock was wrong, and does not hide how old the others are; when
    there is no other, nobody can say, and it counts as very old.
    """
    past = next((each for each in backups if each.made_at <= now + _CLOCKS_APART), None)
    if past is not None:
        return past, now - past.made_at
    return next(iter(backups), None), timedelta.max


def too_many(backups: Sequence[Backup], keep_days: int, zone: tzinfo) -> list[Backup]:
    """Those that may go, of a listing that is newest first: the newest of each day is kept, for ``keep_days`` days.

    All of the newest day stay: what somebody made by hand a minute ago is not in the way.
    """
    days = [list(of_day) for _, of_day in groupby(backups, key=lambda b: b.made_at.astimezone(zone).date())]
    gone = [backup for of_day in days[1:keep_days] for backup in of_day[1:]]
    return gone + [backup for of_day in days[keep_days:] for backup in of_day]


def remove(backups: Sequence[Backup]) -> None:
    """Delete backups, the checksum last: without it nothing would look for them. Raises ``StoreUnavailable``."""
    try:
        for backup in backups:
            backup.path.unlink(missing_ok=True)
            _sum_of(backup.path).unlink(missing_ok=True)
    except OSError as error:
        raise StoreUnavailable(f"an old backup cannot be deleted: {error}") from error


def clear_leftovers(folder: Path, before: datetime) -> None:
    """Delete what backups that were killed before that time left behind. Raises ``StoreUnavailable``."""
    try:
        for path in folder.glob(f".dialer-*{_PART}*"):
            with suppress(FileNotFoundError):  # a backup beside us is done with it
                if path.stat().st_mtime < before.timestamp():
                    path.unlink()
    except OSError as error:
        raise StoreUnavailable(f"the folder of backups {folder} cannot be cleared: {error}") from error


def _sum_of(path: Path) -> Path:
    return path.with_name(path.name + SUM)


def _sum_or_none(path: Path) -> str | None:
    try:
        return told_sum(path)
    except StoreError:
        return None


def _write_sum(backup: Backup) -> None:
    file = _sum_of(backup.path)
    part = file.with_name(f".{file.name}{_PART}")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MODE), "w") as out:
        out.write(f"{backup.sha256}  {backup.path.name}\n")
        out.flush()
        os.fsync(out.fileno())
    part.replace(file)


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
    with _reading(database, "mode=ro") as connection:
        return {table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in _GROWING}  # noqa: S608 - ours


@contextmanager
def _reading(path: Path, how: str, name: str = "") -> Iterator[sqlite3.Connection]:
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True, timeout=10)) as connection:
            yield connection
    except sqlite3.Error as error:
        raise sqlite.translate(error, f"reading {name or path}") from error
