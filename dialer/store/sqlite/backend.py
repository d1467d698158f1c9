"""SQLite as a :class:`~dialer.store.backend.Backend`: one file, one connection that writes, others that read."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection

from dialer.errors import BadInput, StoreError
from dialer.store.backups.files import Backup, Contents
from dialer.store.sqlite import backup, files
from dialer.store.sqlite.checkpoint import Checkpointer
from dialer.store.sqlite.connections import Readers, Writer
from dialer.store.sqlite.errors import translate
from dialer.store.sqlite.restore import SqliteRestore

T = TypeVar("T")

_STAGE = ".restore"


class SqliteBackend:
    """The database in the file ``path``; its readers never wait for the writer.

    ``busy_timeout_s`` is how long a transaction waits for another program that holds the database; ``readers`` how many
    look-ups can run at once, and ``wait_for_reader_s`` how long one more waits for its turn.
    """

    translate = staticmethod(translate)

    def __init__(
        self, path: Path, busy_timeout_s: float = 5.0, readers: int = 4, wait_for_reader_s: float = 20.0
    ) -> None:
        self.name = str(path)
        self._path = path
        self._busy_timeout_s = busy_timeout_s
        self._lock = files.OwnerLock(path)
        self._writer = Writer(path, busy_timeout_s=busy_timeout_s)
        self._readers = Readers(path, busy_timeout_s=busy_timeout_s, count=readers, wait_s=wait_for_reader_s)
        self._reserved = Readers(path, busy_timeout_s=busy_timeout_s, count=1, wait_s=wait_for_reader_s)
        self._checkpointer = Checkpointer(path)

    def exists(self) -> bool:
        """Whether there is a file."""
        return self._path.exists()

    def create(self) -> None:
        """Make the folder and an empty file that only its owner and group can read: it holds customers' data."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        if not self._path.exists():
            self._path.touch(mode=0o640)

    def own(self, *, passing: bool = False) -> None:
        """Lock a file beside it. Raises ``StoreError``."""
        self._lock.take(passing=passing)

    def disown(self) -> None:
        """Unlock it."""
        self._lock.release()

    async def read(self, work: Callable[[Connection], T], *, first: bool = False) -> T:
        """On a connection that cannot write."""
        return await (self._reserved if first else self._readers).run(work)

    async def write(self, work: Callable[[Connection], T]) -> T:
        """On the one connection that writes."""
        try:
            return await self._writer.run(work)
        finally:
            self._checkpointer.written()

    async def rebuild(self, work: Callable[[Connection], None]) -> None:
        """Without foreign keys, since making a table anew drops the old one."""

        def checked(connection: Connection) -> None:
            work(connection)
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
            if broken:
                raise StoreError(
                    f"the upgrade of the database would break references, so it was not made: {broken[:5]}"
                )

        connections = Writer(self._path, busy_timeout_s=self._busy_timeout_s, foreign_keys=False)
        try:
            await connections.run(checked)
        finally:
            await connections.close()

    def keep_copy(self, why: str) -> None:
        """A copy beside it: ``<file>-<why>-<time>``."""
        now = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        files.copy(self._path, self._path.with_name(f"{self._path.name}-{why}-{now}"))

    async def close(self) -> None:
        """The readers first."""
        await self._checkpointer.close()
        await self._readers.close()
        await self._reserved.close()
        await self._writer.close()
        self._lock.release()

    def back_up(self, target: Path, now: datetime) -> tuple[Backup, Contents]:
        """See the port."""
        own = [
            self._path,
            *(self._path.with_name(self._path.name + end) for end in ("-wal", "-shm", ".lock", ".service")),
        ]
        if target.resolve() in {path.resolve() for path in own}:
            raise BadInput(f"{target} is the database itself: name another file")
        return backup.make(self._path, target, now)

    @contextmanager
    def restoring(self) -> Iterator[SqliteRestore]:
        """An empty folder on the database's own disk, gone at the end."""
        folder = self._path.parent / _STAGE
        shutil.rmtree(folder, ignore_errors=True)  # of a restore that was killed
        folder.mkdir(mode=0o700)
        try:
            yield SqliteRestore(self._path, SqliteBackend(folder / self._path.name))
        finally:
            shutil.rmtree(folder, ignore_errors=True)
