"""Sign-ins, and where they are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

Ending = Literal["disabled", "ended", "too-long", "idle"]
"""Why a session is over: the account is disabled, somebody ended it, it is as old as may be, nobody was there."""


class SessionStore(Protocol):
    """Sign-ins, and the tries that failed."""

    async def open(self, session: Session) -> None: ...

    async def session(self, digest: str) -> Session | None: ...

    async def seen(self, digest: str, at: datetime) -> None: ...

    async def revoke(self, digests: Sequence[str], at: datetime) -> None: ...

    async def sessions(self, staff: str | None, since: datetime) -> list[Session]:
        """Sessions seen since then, of one person or of everybody, newest first; revoked ones too."""

    async def begin_try(self, most: Mapping[str, int], at: datetime, since: datetime) -> dict[str, list[datetime]]:
        """Note a try at a password under each key, unless one of them has as many as its limit already.

        Gives the times of the tries before it since then, oldest first. It is counted before the password is looked
        at, so that many tries at once are no way around the limit.
        """

    async def tries(self, since: datetime) -> dict[str, list[datetime]]:
        """Key -> the times of its tries since then, oldest first."""

    async def forget_tries(self, keys: Sequence[str], at: datetime | None = None) -> None:
        """The tries under these keys were good; with ``at`` only those of that time."""


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in. ``digest`` is the SHA-256 of the token, which only the person's browser has."""

    digest: str
    staff: str
    created_at: datetime
    last_seen: datetime
    expires_at: datetime
    address: str
    user_agent: str
    revoked_at: datetime | None = None

    def ending(self, now: datetime, idle: timedelta, *, disabled: bool) -> Ending | None:
        """Why it is over; None while it is good. ``idle``: how long nobody may be there."""
        if disabled:
            return "disabled"
        if self.revoked_at is not None:
            return "ended"
        if now >= self.expires_at:
            return "too-long"
        return "idle" if now - self.last_seen >= idle else None
