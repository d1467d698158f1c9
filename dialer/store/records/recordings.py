"""The index of recordings, and who listened to them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, false, insert, select, update

from dialer.campaign.model.attempt import Attempt
from dialer.campaign.model.query import Page
from dialer.campaign.model.recording import Recording
from dialer.errors import NotFound
from dialer.store import rows
from dialer.store.database import InDatabase
from dialer.store.expressions import upsert
from dialer.store.schema.day import attempts
from dialer.store.schema.records import PLAYABLE, accesses, recordings, recordings_due


class SqlRecordingStore(InDatabase):
    """:class:`~dialer.recording.ports.RecordingStore` in a database."""

    async def recording(self, attempt: str) -> Recording | None:
        """The recording of an attempt, if there is a row."""
        query = select(recordings).where(recordings.c.attempt == attempt)
        return await self._database.read(rows.first_of(Recording, query))

    async def save_recording(self, recording: Recording) -> None:
        """Insert or replace the row of this attempt; a hold that is there stays as it is.

        Raises ``NotFound`` when the records know no such attempt: its recording has no counterpart.
        """

        def save(connection: Connection) -> None:
            query = select(attempts.c.placed_at).where(attempts.c.id == recording.attempt)
            placed_at = connection.execute(query).scalar()
            if placed_at is None:
                raise NotFound(f"there is no attempt {recording.attempt}")
            statement = upsert(connection.dialect, recordings, keep=("hold", "hold_reason"))
            connection.execute(statement, {**rows.values(recording), "placed_at": placed_at})
            connection.execute(delete(recordings_due).where(recordings_due.c.attempt == recording.attempt))

        await self._database.write(save)

    async def hold(self, attempt: str, hold: bool, reason: str) -> None:
        """Protect a recording from retention, or release it. Raises ``NotFound``."""

        def change(connection: Connection) -> None:
            statement = update(recordings).where(recordings.c.attempt == attempt)
            if not connection.execute(statement.values(hold=hold, hold_reason=reason)).rowcount:
                raise NotFound(f"there is no recording of {attempt}")

        await self._database.write(change)

    async def connected_without_recording(self, ended_before: datetime, limit: int) -> list[Attempt]:
        """Ended connected attempts that have no recording row yet, oldest first."""
        query = (
            select(*rows.ATTEMPT_COLUMNS)
            .join(recordings_due, recordings_due.c.attempt == attempts.c.id)
            .where(recordings_due.c.ended_at < ended_before)
            .order_by(recordings_due.c.ended_at, attempts.c.id)
            .limit(limit)
        )
        return await self._database.read(rows.all_of(Attempt, query))

    async def expired(self, ended_before: datetime, limit: int) -> list[Recording]:
        """Recordings with a file, of calls that ended before, that are not on hold; oldest first."""
        query = (
            select(recordings)
            .join(attempts, attempts.c.id == recordings.c.attempt)
            .where(
                PLAYABLE,
                recordings.c.hold == false(),
                recordings.c.placed_at < ended_before,  # follows from the next line, and has an index
                attempts.c.ended_at < ended_before,
            )
            .order_by(recordings.c.placed_at, recordings.c.attempt)
            .limit(limit)
        )
        return await self._database.read(rows.all_of(Recording, query))

    async def log_access(self, attempt: str, who: str, what: str, at: datetime, address: str) -> None:
        """Note who listened to or downloaded what; append-only."""
        row = {"attempt": attempt, "who": who, "what": what, "at": at, "address": address}
        await self._database.write(lambda connection: connection.execute(insert(accesses), row))

    async def accesses(self, attempt: str | None, page: Page) -> list[tuple[datetime, str, str, str, str]]:
        """(at, who, what, attempt, address), newest first."""
        query = (
            select(accesses.c.at, accesses.c.who, accesses.c.what, accesses.c.attempt, accesses.c.address)
            .where(*([accesses.c.attempt == attempt] if attempt is not None else []))
            .order_by(accesses.c.at.desc(), accesses.c.id.desc())
            .limit(page.limit)
            .offset(page.offset)
        )
        return await self._database.read(lambda connection: list(connection.execute(query)))
