"""Passwords: hashed with argon2id, in threads, one at a time."""

from __future__ import annotations

import asyncio
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from dialer.errors import BadInput

SHORTEST = 8
LONGEST = 200
_AT_ONCE = 1
"""Each takes several threads of its own: more at once would take the processors from the calls, and end no sooner."""


class WeakPassword(BadInput):
    """The password cannot be taken: it needs at least eight characters and must not be the staff number or a name."""

    code = "weak-password"


class Passwords:
    """Hashes and compares. ``hasher`` is cheaper in tests; the default takes about 50 ms and 64 MiB each time."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turn = asyncio.Semaphore(_AT_ONCE)  # sixty people sign in at 07:55
        self._nobody = ""

    async def hash(self, password: str) -> str:
        """For keeping."""
        async with self._turn:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def fits(self, hashed: str | None, password: str) -> bool:
        """Whether it is the password; without a hash the answer is no, after the same time."""
        if hashed is None:
            self._nobody = self._nobody or await self.hash(secrets.token_urlsafe(16))
        async with self._turn:
            good = await asyncio.to_thread(self._verify, hashed or self._nobody, password)
        return good and hashed is not None

    def outdated(self, hashed: str) -> bool:
        """Whether it was made with weaker parameters than today's."""
        return self._hasher.check_needs_rehash(hashed)

    def _verify(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False


def check_strength(password: str, *names: str) -> None:
    """Raises :class:`WeakPassword`. Long is what counts; what anybody would try first is refused."""
    plain = password.casefold().strip()
    easy = {name.casefold() for name in names if name} | {"password", "12345678", "123456789", "88888888", "11111111"}
    if not SHORTEST <= len(password) <= LONGEST or plain in easy or len(set(plain)) < 3:
        raise WeakPassword
