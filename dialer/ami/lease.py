"""Who places and ends calls with these records on this PBX: one dialer, whatever copies of its database there are.

A copy of the database (a restore drill, a staging machine) takes every call of the original for its own that its
records have lost. So the owner's id stands on the PBX, as a global variable for each prefix and installation, since a
manager user without more rights can set nothing else there (measured: functions like DB are blocked). Whoever finds
another's id only watches. It is looked at on every login and every few seconds, and taken over by a person's word
alone.

A global variable is gone when Asterisk restarts. Who owned the PBX writes it anew with their next login; who has
watched does not: a copy never becomes the owner by itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import re
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from dialer.ami.session import Session
from dialer.errors import PbxError

log = structlog.get_logger(__name__)

LOOK_S = 2.0
"""How often the owner is looked at; so long another one goes on at most after a person took the PBX over."""

_SETTLE_S = 0.5
"""How long to wait before what was written is read again: of two who write at once the later one stays."""

_MACHINE_ID = Path("/etc/machine-id")


@dataclass(frozen=True, slots=True)
class Owner:
    """A dialer with its records. ``books`` is the installation's id, which a copy shares; ``id`` is no copy's."""

    books: str
    id: str
    machine: str


def owner_of(books: str, database: Path) -> Owner:
    """The dialer of this machine with this database, the same after every restart."""
    machine = socket.gethostname()
    try:
        known = _MACHINE_ID.read_text().strip()
    except OSError:
        known = ""
    digest = hashlib.sha256(f"{machine}\n{known}\n{database.resolve()}".encode()).hexdigest()
    return Owner(books, digest[:16], re.sub(r"[^A-Za-z0-9.-]", "-", machine)[:60] or "-")


class Lease:
    """Keeps watch over who owns the PBX. ``told`` hears whether it is us, and else whose machine it is."""

    def __init__(self, prefix: str, owner: Owner, told: Callable[[bool, str], None]) -> None:
        self._variable = f"DIALER_OWNER_{prefix}_{owner.books}"
        self._owner = owner
        self._told = told
        self._watched = False
        self.machine = ""
        self.ours = False
        """Whether we own the PBX, as it was when we last looked."""

    async def look(self, session: Session) -> None:
        """Read whose the PBX is; take it when it is nobody's and we have not only watched. Raises ``PbxError``."""
        seen = await self._read(session)
        if not seen and not self._watched:
            seen = await self._write(session, _SETTLE_S)
        self._is(seen)

    async def take_over(self, session: Session) -> None:
        """By a person's word: whoever owned it has noticed before we act. Raises ``PbxError``."""
        self._is(await self._write(session, LOOK_S + _SETTLE_S))

    async def keep(self, session: Session) -> None:
        """Look again and again, as long as the session lasts."""
        with contextlib.suppress(PbxError):
            while True:
                await asyncio.sleep(LOOK_S)
                await self.look(session)

    def _is(self, seen: str) -> None:
        known, _, machine = seen.partition(" ")
        ours, before = known == self._owner.id, (self.ours, self.machine)
        self.ours, self.machine = ours, self._owner.machine if ours else machine
        self._watched = not ours
        if before != (self.ours, self.machine):
            log.log(20 if ours else 40, "whose the PBX is", action="ami.owner", ours=ours, machine=self.machine)
            self._told(ours, self.machine)

    async def _read(self, session: Session) -> str:
        answer = await session.ask(("Action", "Getvar"), ("Variable", self._variable))
        return str(answer[0].get("Value", ""))

    async def _write(self, session: Session, settle_s: float) -> str:
        value = f"{self._owner.id} {self._owner.machine}"
        await session.ask(("Action", "Setvar"), ("Variable", self._variable), ("Value", value))
        await asyncio.sleep(settle_s)
        return await self._read(session)
