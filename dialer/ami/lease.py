"""Who places and ends calls with these records on this PBX: one dialer, whatever copies of its database there are.

A copy of the database (a restore drill, a staging machine) takes every call of the original for its own that its
records have lost. So the owner's id stands on the PBX, as a global variable for each prefix and installation, since a
manager user without more rights can set nothing else there (measured: functions like DB are blocked). Whoever finds
another's id only watches. It is looked at on every login and every few seconds, and taken over by a person's word
alone.

A global variable is gone when Asterisk restarts. Who owned the PBX writes it anew with their next login; who has
watched does not, nor whose records say that another dialer owned it last, as those of a copy do: a copy never becomes
the owner by itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import re
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import structlog

from dialer.ami.actions import Header
from dialer.ami.protocol import Fields
from dialer.errors import PbxError

log = structlog.get_logger(__name__)

LOOK_S = 2.0
"""How often the owner is looked at; so long another one goes on at most after a person took the PBX over."""

_SETTLE_S = 0.5
"""How long to wait before what was written is read again: of two who write at once the later one stays."""

_MACHINE_ID = Path("/etc/machine-id")


@dataclass(frozen=True, slots=True)
class Owner:
    """A dialer with its records. ``books`` is the installation's id, which a copy shares; ``id`` is no copy's.

    ``last`` is whose the PBX was last as these records know, as :attr:`sign` writes it; "" when it was nobody's.
    """

    books: str
    id: str
    machine: str
    last: str = ""

    @property
    def sign(self) -> str:
        """What stands on the PBX that is this dialer's."""
        return f"{self.id} {self.machine}"

    def variable(self, prefix: str) -> str:
        """Where it stands: a global variable."""
        return f"DIALER_OWNER_{prefix}_{self.books}"

    def other(self, sign: str) -> str:
        """Whose machine a sign names; "" when it is our own, or there is none."""
        known, _, machine = sign.partition(" ")
        return "" if known == self.id else machine


class Asked(Protocol):
    """The PBX, as far as it is asked here."""

    async def ask(self, *headers: Header) -> Sequence[Fields]:
        """The answer to an action. Raises ``PbxError``."""
        ...


def owner_of(books: str, database: Path, last: str = "") -> Owner:
    """The dialer of this machine with this database, the same after every restart."""
    machine = socket.gethostname()
    try:
        known = _MACHINE_ID.read_text().strip()
    except OSError:
        known = ""
    digest = hashlib.sha256(f"{machine}\n{known}\n{database.resolve()}".encode()).hexdigest()
    return Owner(books, digest[:16], re.sub(r"[^A-Za-z0-9.-]", "-", machine)[:60] or "-", last)


class Lease:
    """Keeps watch over who owns the PBX. ``told`` hears whether it is us, and the owner's sign."""

    def __init__(self, prefix: str, owner: Owner, told: Callable[[bool, str], None]) -> None:
        self._variable = owner.variable(prefix)
        self._owner = owner
        self._told = told
        self._last = owner.last
        self.machine = ""
        self.ours = False
        """Whether we own the PBX, as it was when we last looked."""

    async def look(self, session: Asked) -> None:
        """Read whose the PBX is; take it when it is nobody's and was no other's last. Raises ``PbxError``."""
        seen = await self._read(session)
        if not seen and not self._owner.other(self._last):
            seen = await self._write(session, _SETTLE_S)
        self._is(seen or self._last)

    async def take_over(self, session: Asked) -> None:
        """By a person's word: whoever owned it has noticed before we act. Raises ``PbxError``."""
        self._is(await self._write(session, LOOK_S + _SETTLE_S))

    async def keep(self, session: Asked) -> None:
        """Look again and again, as long as the session lasts."""
        with contextlib.suppress(PbxError):
            while True:
                await asyncio.sleep(LOOK_S)
                await self.look(session)

    def _is(self, seen: str) -> None:
        other, before = self._owner.other(seen), (self.ours, self.machine)
        self._last, self.ours, self.machine = seen, not other, other or self._owner.machine
        if before != (self.ours, self.machine):
            log.log(40 if other else 20, "whose the PBX is", action="ami.owner", ours=self.ours, machine=self.machine)
            self._told(self.ours, seen)

    async def _read(self, session: Asked) -> str:
        answer = await session.ask(("Action", "Getvar"), ("Variable", self._variable))
        return str(answer[0].get("Value", ""))

    async def _write(self, session: Asked, settle_s: float) -> str:
        await session.ask(("Action", "Setvar"), ("Variable", self._variable), ("Value", self._owner.sign))
        await asyncio.sleep(settle_s)
        return await self._read(session)
