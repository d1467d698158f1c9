"""Putting a backup in the place of a database. Blocking code, for while no dialer owns the database.

First a copy is made beside the database and looked through; only then is the present one touched, which is kept.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path

import structlog

from dialer import callid
from dialer.errors import StoreError, StoreUnavailable
from dialer.store.backend import Backend, UnknownCall
from dialer.store.backups.files import MODE, Contents, digest, told_sum
from dialer.store.sqlite import files
from dialer.store.sqlite.backup import examine

_log = structlog.get_logger(__name__)


class InUse(StoreUnavailable):
    """Some program has the database open."""


class SqliteRestore:
    """As :class:`~dialer.store.backend.Restore`: the file of ``ready`` is to be ``database``."""

    def __init__(self, database: Path, ready: Backend) -> None:
        self.ready = ready
        self._database = database
        self._ready = Path(ready.name)

    def stage(self, file: Path) -> tuple[Contents, bool]:
        """Copy the backup ``file``, which stays as it is, and look through it.

        What still stands in a log beside ``file`` (a database that was set aside) comes in too.
        """
        target = self._ready
        told = told_sum(file)
        try:
            if not file.is_file():
                raise StoreError(f"there is no file {file}")
            os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MODE))
            shutil.copyfile(file, target)
            found = digest(target)
            log = file.with_name(file.name + "-wal")
            has_log = told is None and log.exists()
            if has_log:
                shutil.copyfile(log, target.with_name(target.name + "-wal"))
        except OSError as error:
            raise StoreUnavailable(f"copying {file} to {target}: {error}") from error
        if told not in (None, found):
            raise StoreError(f"{file} is not what was backed up: its SHA-256 is {found}, and {told} stands beside it")
        if has_log:
            _take_in_log(target)
        return examine(target, str(file)), told is not None

    def put_in_place(self, stamp: str) -> Path | None:
        """The replaced one is kept beside it. Raises ``StoreUnavailable`` also when some program has one of them open.

        What stands in the log of the new one comes in, or it is refused: its log stays behind, and the new records
        would not know what was written last, as that calling is paused.
        """
        ready, database = self._ready, self._database
        aside = database.with_name(f"{database.name}-replaced-{stamp}")
        log = ready.with_name(ready.name + "-wal")
        try:
            if log.exists():
                _take_in_log(ready)
            with ready.open("rb+") as file:
                os.fsync(file.fileno())
            was_there = database.exists()
            _set_aside(database, aside)
            files.sync_folder(database.parent)
            ready.replace(database)
            files.sync_folder(database.parent)
        except OSError as error:
            raise StoreUnavailable(f"putting the backup in the place of {database}: {error}") from error
        return aside if was_there else None

    def unknown_calls(self) -> list[UnknownCall]:
        """None where there is no database yet."""
        if not self._database.exists():
            return []
        with files.reading(self._database, _how(self._database)) as connection:
            connection.execute("ATTACH ? AS restored", (f"{self._ready.absolute().as_uri()}?{_how(self._ready)}",))
            rows = connection.execute(
                "SELECT id, customer, number, placed_at FROM attempts "
                "WHERE id NOT IN (SELECT id FROM restored.attempts) ORDER BY placed_at, id"
            ).fetchall()
        return [
            UnknownCall(name, customer, number, datetime.fromisoformat(at).astimezone(UTC))
            for name, customer, number, at in rows
        ]

    def recorded_calls(self, names: Collection[str]) -> list[UnknownCall]:
        """See the port."""
        found = []
        with files.reading(self._ready, _how(self._ready)) as connection:
            for name in names:
                call = callid.read(name)
                if call is None or connection.execute("SELECT 1 FROM attempts WHERE id = ?", (name,)).fetchone():
                    continue
                query = "SELECT customer, number FROM visits WHERE id = ?"
                customer, number = connection.execute(query, (call.visit,)).fetchone() or ("", "")
                found.append(UnknownCall(name, customer, number, call.placed_at))
        return sorted(found, key=lambda call: (call.placed_at, call.attempt))


def _how(path: Path) -> str:
    """To read it without leaving files beside it, unless it has some."""
    return "mode=ro" if path.with_name(path.name + "-wal").exists() else "immutable=1"


def _take_in_log(database: Path) -> None:
    """Bring what stands in the log into the database itself, so that it is one file.

    Raises ``StoreError``, :class:`InUse`.
    """
    with files.reading(database, "mode=rw") as connection:
        busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    # The last connection that closes takes the log away. One that is still open elsewhere would do so later by its
    # name, which is then that of the new database's log.
    if busy or database.with_name(database.name + "-wal").exists():
        raise InUse(f"another program has {database} open: end it (a shell, a backup), then restore again")


def _set_aside(database: Path, aside: Path) -> None:
    """Keep a database as it is under another name as well; nothing is left beside the first one.

    Its log is kept until all of it stands in the database: of a damaged one SQLite may throw it away.
    """
    log, memory = (database.with_name(database.name + end) for end in ("-wal", "-shm"))
    kept_log = aside.with_name(aside.name + "-wal")
    if aside.exists() or kept_log.exists():
        raise FileExistsError(f"there is something at {aside} already")
    if log.exists():
        shutil.copyfile(log, kept_log)
    if database.exists():
        try:
            _take_in_log(database)
        except InUse:
            kept_log.unlink(missing_ok=True)
            raise
        except StoreError as error:
            _log.warning("the replaced database is damaged", action="restore.damaged", error=str(error))
        else:
            kept_log.unlink(missing_ok=True)
        _link(database, aside)
    for left in (log, memory):
        left.unlink(missing_ok=True)


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # a file system without hard links
        shutil.copy2(source, target)
