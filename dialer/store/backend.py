"""What each kind of database does in its own way: SQLite in :mod:`dialer.store.sqlite`.

Statements are written once, elsewhere; the few expressions that differ are in :mod:`dialer.store.expressions`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol, TypeVar

from sqlalchemy import Connection

from dialer.errors import StoreError
from dialer.store.backups.files import Backup, Contents

T = TypeVar("T")


class Backend(Protocol):
    """One database, of some kind. Nothing is opened before it is used.

    ``work`` gets an ordinary connection in a transaction, which is committed when it returns and undone when it raises.
    What drivers raise comes out as it is; :meth:`translate` says what it means.
    """

    @property
    def name(self) -> str:
        """How people know it."""

    def exists(self) -> bool:
        """Whether it was ever made."""

    def create(self) -> None:
        """Make an empty one where there is none. Raises OSError."""

    def own(self, *, passing: bool = False) -> None:
        """Keep every other dialer away, until :meth:`disown` or the end of the process. Raises ``StoreError``.

        ``passing``: for one command, so that a service may wait for its end.
        """

    def disown(self) -> None:
        """Let another dialer in; nothing happens when it is not owned."""

    async def read(self, work: Callable[[Connection], T], *, first: bool = False) -> T:
        """Run ``work``, which sees one state and changes nothing; several at once; see ``Database.read``."""

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` and commit it durably; one after the other."""

    async def rebuild(self, work: Callable[[Connection], None]) -> None:
        """Run ``work``, which may make tables anew: references are looked at before it is committed.

        Raises ``StoreError`` when one is broken.
        """

    def keep_copy(self, why: str) -> None:
        """Keep it as it is under another name, which ``why`` is a part of. Blocks; raises ``StoreError``."""

    def translate(self, error: BaseException | None, doing: str) -> StoreError:
        """What a driver's error means: try again later, a guard held, or neither."""

    async def close(self) -> None:
        """Finish what is under way, and close every connection."""

    def back_up(self, target: Path, now: datetime) -> tuple[Backup, Contents]:
        """Copy it to ``target``, also while work goes on, and verify the copy before it gets that name. Blocks.

        Raises ``BadInput`` for a file that is a part of it, ``StoreError`` when there is none or the copy is not good,
        ``StoreUnavailable`` when trying again may help; an older ``target`` is then still there.
        """

    def restoring(self) -> AbstractContextManager[Restore]:
        """Room for a backup that is to take its place; gone at the end. Raises OSError."""


class Restore(Protocol):
    """A backup on its way into the place of a database that nobody else uses. All of it blocks."""

    @property
    def ready(self) -> Backend:
        """What will take the place; for the day's work before that, after :meth:`stage`."""

    def stage(self, file: Path) -> tuple[Contents, bool]:
        """Take in a backup and look through it; whether there was a checksum to compare it with as well.

        Raises ``StoreError``, ``StoreUnavailable``.
        """

    def unknown_calls(self) -> list[UnknownCall]:
        """Calls of the present database that the new one does not know, by time.

        Raises ``StoreError`` when the present one cannot be read.
        """

    def recorded_calls(self, names: Collection[str]) -> list[UnknownCall]:
        """Those of these attempt ids that the new one does not know, as far as their ids tell, by time.

        Raises ``StoreError``.
        """

    def put_in_place(self, stamp: str) -> Path | None:
        """Give it the place; where the replaced one is kept, None when there was none.

        At every moment the old or the new one is there. Raises ``StoreUnavailable``; nothing was changed then.
        """


@dataclass(frozen=True, slots=True)
class UnknownCall:
    """A call that a restored database does not know. ``customer`` is "" when it does not know the visit either."""

    attempt: str
    customer: str
    number: str
    placed_at: datetime
