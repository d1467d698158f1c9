"""Tokens, of systems and of people who are signed in: 256 random bits, for their holder alone.

What is kept is the SHA-256. A token is looked up by it: whatever the time of that look-up gives away is about the
digest of a guess, from which nothing leads to a token; and 256 random bits need no slow hash.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from typing import Protocol

from dialer.people.grants import Giver


def new_token(prefix: str = "") -> tuple[str, str]:
    """(token, digest): the token is for its holder and is kept nowhere."""
    token = prefix + secrets.token_urlsafe(32)
    return token, digest_of(token)


def digest_of(token: str) -> str:
    """The SHA-256 of a token as hexadecimal digits."""
    return hashlib.sha256(token.encode(errors="surrogateescape")).hexdigest()


class TokenStore(Protocol):
    """API tokens; only hashes are stored."""

    async def save_token(
        self, name: str, digest: str, scopes: tuple[str, ...], at: datetime, by: Giver | None = None
    ) -> None:
        """With the rights that it gives, if somebody gives them. Raises ``Conflict`` when the name is in use."""

    async def token(self, digest: str) -> tuple[str, tuple[str, ...]] | None:
        """(name, scopes) of the token with this SHA-256 digest, when it is not revoked."""

    async def tokens(self) -> list[tuple[str, tuple[str, ...], datetime, bool]]:
        """(name, scopes, created at, revoked)."""

    async def revoke_token(self, name: str, at: datetime) -> None: ...
