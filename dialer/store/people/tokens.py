"""API tokens; only hashes are stored."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from dialer.errors import Conflict, NotFound
from dialer.people.grants import Giver, Right
from dialer.store.database import Database, InDatabase
from dialer.store.people.staff import write_down
from dialer.store.schema.people import tokens

_VALID = tokens.c.revoked_at.is_(None)


class SqlTokenStore(InDatabase):
    """:class:`~dialer.people.tokens.TokenStore` in a database.

    Valid tokens are kept in memory once they were asked for: every request asks, and only this store writes them.
    """

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._valid: dict[str, tuple[str, tuple[str, ...]]] = {}
        self._changes = 0

    async def save_token(
        self, name: str, digest: str, scopes: tuple[str, ...], at: datetime, by: Giver | None = None
    ) -> None:
        """Raises ``Conflict`` when a token of this name is in use; a revoked one's name is free again."""

        def save(connection: Connection) -> None:
            query = select(tokens.c.name).where((tokens.c.digest == digest) | ((tokens.c.name == name) & _VALID))
            if connection.execute(query).first() is not None:
                raise Conflict(f"there is a token '{name}' already: revoke it first, or take another name")
            connection.execute(insert(tokens).values(name=name, digest=digest, scopes=scopes, created_at=at))
            if by is not None:
                write_down(connection, by, Right.TOKEN, name, ", ".join(scopes))

        await self._database.write(save, self._forget)

    async def token(self, digest: str) -> tuple[str, tuple[str, ...]] | None:
        """(name, scopes) of the token with this SHA-256 digest, when it is not revoked."""
        if (known := self._valid.get(digest)) is not None:
            return known
        query = select(tokens.c.name, tokens.c.scopes).where(tokens.c.digest == digest, _VALID)
        changes = self._changes
        found = await self._database.read(lambda connection: connection.execute(query).first())
        if found is None:
            return None
        if changes == self._changes:  # else it may have been revoked while it was read
            self._valid[digest] = found.name, found.scopes
        return found.name, found.scopes

    async def tokens(self) -> list[tuple[str, tuple[str, ...], datetime, bool]]:
        """(name, scopes, created at, revoked), by time."""
        query = select(tokens).order_by(tokens.c.created_at, tokens.c.name)
        return await self._database.read(
            lambda connection: [
                (row.name, row.scopes, row.created_at, row.revoked_at is not None) for row in connection.execute(query)
            ]
        )

    async def revoke_token(self, name: str, at: datetime) -> None:
        """Raises ``NotFound`` when no token of this name is in use."""

        def revoke(connection: Connection) -> None:
            statement = update(tokens).where(tokens.c.name == name, _VALID).values(revoked_at=at)
            if not connection.execute(statement).rowcount:
                raise NotFound(f"there is no token '{name}' in use")

        await self._database.write(revoke, self._forget)

    def _forget(self) -> None:
        self._changes += 1
        self._valid.clear()
