"""The database's file: made, copied, and locked while a program owns it."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, NoReturn

from dialer.errors import StoreOwned, StoreUnavailable
from dialer.store.sqlite.errors import translate

_WAIT_S = 10.0
"""How long another program may hold up the database before it counts as in use."""


class OwnerLock:
    """Held while a program owns the database file, so that two dialers never work on one.

    It is a lock on a file beside the database, which the system releases when the process ends in whatever way; the
    file itself stays. A service holds a second one, ``.service``, from before it tries: of two services one is told at
    once, and a command that comes first by a moment gives the first lock back, so that no row of commands, however
    fast, keeps a service from starting.
    """

    def __init__(self, database: Path) -> None:
        self._path = database.with_name(database.name + ".lock")
        self._service_path = database.with_name(database.name + ".service")
        self._file: IO[str] | None = None
        self._service: IO[str] | None = None

    def take(self, *, passing: bool = False) -> None:
        """Raises ``StoreOwned`` when another process holds it. ``passing``: it will not be for long.

        A service that was refused may try again, and is in front of every command that comes meanwhile.
        """
        if not passing and self._service is None:
            self._service = _locked(self._service_path, fcntl.LOCK_EX)
            if self._service is None:
                self._refuse(passing=False)
        file = _locked(self._path, fcntl.LOCK_EX)
        if file is None:
            self._refuse(passing=self._service is not None)  # a service would hold the other lock, too
        if passing and self._service_path.exists():
            nobody = _locked(self._service_path, fcntl.LOCK_SH)
            if nobody is None:
                file.close()
                self._refuse(passing=False)
            nobody.close()
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        self._file = file

    def release(self) -> None:
        """Let go; nothing happens when it is not held."""
        for file in (self._file, self._service):
            if file is not None:
                file.close()
        self._file = self._service = None

    def _refuse(self, *, passing: bool) -> NoReturn:
        owner = self._path.read_text(encoding="utf-8").strip() if self._path.exists() else ""
        raise StoreOwned(
            f"another dialer (process {owner or '?'}) works on this database: {self._path} is locked; "
            "if it is just starting, try again in a moment; else end it first, or give this one another database",
            passing=passing,
        )


def _locked(path: Path, how: int) -> IO[str] | None:
    """The file, made and locked; None when another program has locked it."""
    file = path.open("a+", encoding="utf-8")
    try:
        fcntl.flock(file, how | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


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
