"""Backups as files: their names, checksums and ages, and which of them may go. Blocking code.

A file that has a backup's name is whole, and was verified when its checksum stands beside it: it is written and looked
through under another name first, and the checksum comes last.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import groupby
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from dialer.errors import StoreError, StoreUnavailable
from dialer.section import Section

MODE = 0o600
OLD = timedelta(days=2)
"""A backup that is older shows that the nights' work is not done."""
SUM = ".sha256"
"""What follows the name of a backup in the name of its checksum, which `sha256sum --check` understands."""
PART = ".part"
"""What follows the name of a backup that is not finished."""

_NAME = re.compile(r"dialer-(\d{8}T\d{6}Z)\.sqlite3")
_STAMP = "%Y%m%dT%H%M%SZ"
_CLOCKS_APART = timedelta(minutes=10)


def _wall_clock(value: time) -> time:
    if value.tzinfo is not None:
        raise ValueError("is a time on the department's clock, without an offset, for example '02:00'")
    return value


class BackupSettings(Section):
    """The nightly backup of the database."""

    folder: Path | None = None
    keep_days: int = Field(14, ge=1)
    at: Annotated[time, AfterValidator(_wall_clock)] = time(2)


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


def digest(path: Path) -> str:
    """SHA-256 of a file. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def told_sum(path: Path) -> str | None:
    """The checksum that stands beside a backup; None when there is none. Raises ``StoreError`` for one that is none."""
    file = sum_of(path)
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
            with suppress(StoreError):  # a checksum that is none
                if name and (checksum := told_sum(path)):
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
            sum_of(backup.path).unlink(missing_ok=True)
    except OSError as error:
        raise StoreUnavailable(f"an old backup cannot be deleted: {error}") from error


def clear_leftovers(folder: Path, before: datetime) -> None:
    """Delete what backups that were killed before that time left behind. Raises ``StoreUnavailable``."""
    try:
        for path in folder.glob(f".dialer-*{PART}*"):
            with suppress(FileNotFoundError):  # a backup beside us is done with it
                if path.stat().st_mtime < before.timestamp():
                    path.unlink()
    except OSError as error:
        raise StoreUnavailable(f"the folder of backups {folder} cannot be cleared: {error}") from error


def sum_of(path: Path) -> Path:
    """The file of a backup's checksum."""
    return path.with_name(path.name + SUM)


def write_sum(backup: Backup) -> None:
    """Put the checksum beside a backup, whole or not at all. Raises OSError."""
    file = sum_of(backup.path)
    part = file.with_name(f".{file.name}{PART}")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MODE), "w") as out:
        out.write(f"{backup.sha256}  {backup.path.name}\n")
        out.flush()
        os.fsync(out.fileno())
    part.replace(file)
