"""The database's file: made, copied, and locked while a program owns it."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO

from dialer.errors import StoreOwned, StoreUnavailable
from dialer.store.sqlite.errors import translate

_WAIT_S = 10.0
"""How long another program may hold up the database before it counts as in use."""
_PASSING = "passing"


class OwnerLock:
    """Held while a program owns the database file, so that two dialers never work on one.

    It is a lock on a file beside the database, which the system releases when the process ends in
    whatever way; the file itself stays.
    """

    def __init__(self, database: Path) -> None:
        self._path = database.with_name(database.name + ".lock")
        self._file: IO[str] | None = None

    def take(self, *, passing: bool = False) -> None:
        """Raises ``StoreOwned`` when another process holds it. ``passing``: it will not be for long."""
        file = self._path.open("a+", encoding="utf-8")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            owner, _, kind = file.read().strip().partition(" ")
            file.close()
            raise StoreOwned(
                f"another dialer (process {owner or '?'}) works on this database: {self._path} is locked; "
                "if it is just starting, try again in a moment; else end it first, or give this one another database",
                passing=kind == _PASSING,
            ) from None
        file.truncate(0)
        file.write(f"{os.getpid()} {_PASSING}\n" if passing else f"{os.getpid()}\n")
        file.flush()
        self._file = file

    def release(self) -> None:
        """Let go; nothing happens when it is not held."""
        if self._file is not None:
            self._file.close()
            self._file = None


@contextmanager
def reading(path: Path, how: str, name: str = "") -> Iterator[sqlite3.Connection]:
    """A connection, opened as SQLite's URI parameter ``how`` says. Raises ``StoreError`` for whatever goes wrong."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True, timeout=_WAIT_S)) as connection:
            yield connection
    except sqlite3.Error as error:
        raise translate(error, f"reading {name or path}") from error


def copy(source: Path, target: Path, mode: int = 0o640) -> None:
    """A consistent, compact copy of a database that may be in use; blocks. An older ``target`` is replaced.

    Nobody but those whom ``mode`` allows can read it at any moment. Raises ``StoreError``, ``StoreUnavailable``.
    """
    part = target.with_name(target.name + ".part")
    doing = f"copying the database {source} to {target}"
    try:
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode))
        with closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=rw", uri=True, timeout=10)) as connection:
            connection.execute("VACUUM INTO ?", (str(part),))
        part.chmod(mode)
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.replace(target)
        sync_folder(target.parent)
    except sqlite3.Error as error:
        part.unlink(missing_ok=True)
        raise translate(error, doing) from error
    except OSError as error:
        part.unlink(missing_ok=True)
        raise StoreUnavailable(f"{doing}: {error}") from error


def sync_folder(folder: Path) -> None:
    """Make names that were given or taken in ``folder`` last through a power cut. Raises OSError."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
