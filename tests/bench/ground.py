"""What is measured on: the rig with contexts of its own for every kind of customer, and books filled in advance."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from dialer.ami import pbxconfig
from dialer.campaign.changes import Changes
from dialer.campaign.model.agent import Agent, Presence
from dialer.campaign.model.customer import Customer
from dialer.campaign.model.visit import Visit
from dialer.demo.config import beside, write_settings
from dialer.demo.rig.build import AsteriskBuild
from dialer.demo.rig.rig import ANNOUNCEMENT, RecordingFolders, Rig
from dialer.settings import Settings, load
from dialer.store.database import Database
from dialer.store.day import SqlDayStore

BUSY = "Local/{number}@bench-busy/n"
"""A customer who is busy, without a carrier in between: as fast as Asterisk can be."""
TRUNK = "PJSIP/{number}@carrier"
RINGS = "Local/{number}@bench-rings/n"
"""A customer whose phone rings until we give up."""
RINGS_BRIEFLY = "Local/{number}@bench-brief/n"
"""Rings for two seconds, then is busy."""
ANSWERS = "Local/{number}@bench-answers/n"
"""A customer who answers at once and waits for the agent; behind the carrier, for a dialplan that answers is none."""
PICKS_UP = "Local/{number}@bench-picks-up/n"
"""A customer who answers after a second and waits for the agent to hang up."""
PHONE = "Local/{number}@bench-phone/n"
"""An agent's phone that picks up at once and hangs up after a second."""
TALKING_PHONE = "Local/{number}@bench-talks/n"
"""One that picks up at once and talks for eight seconds."""

HEARD = "Local/{number}@bench-heard/n"
"""A customer who answers at once and is heard for some seconds."""
SPEAKS = "Local/{number}@bench-speaks/n"
"""An agent's phone that picks up at once and is heard for six seconds."""
PHONES = [phone.format(number="{extension}") for phone in (PHONE, TALKING_PHONE, SPEAKS)]
"""The forms of phones that the settings allow."""

_DIALPLAN = """
[bench-busy]
exten => _X.,1,Busy(0)
[bench-rings]
exten => _X.,1,Ringing()
 same => n,Wait(600)
[bench-brief]
exten => _X.,1,Ringing()
 same => n,Wait(2)
 same => n,Busy(0)
[bench-answers]
exten => _X.,1,Dial(PJSIP/13800000079@carrier)
[bench-picks-up]
exten => _X.,1,Ringing()
 same => n,Wait(1)
 same => n,Dial(PJSIP/13800000079@carrier)
[bench-heard]
exten => _X.,1,Dial(PJSIP/13800000000@carrier)
; Phones at the end of a chain, as an extension is: what answers in a dialplan itself is no phone.
[bench-phone]
exten => _X.,1,Dial(PJSIP/13800000079@carrier,,S(1))
[bench-talks]
exten => _X.,1,Dial(PJSIP/13800000079@carrier,,S(8))
[bench-speaks]
exten => _X.,1,Dial(PJSIP/13800000000@carrier,,S(6))
; The signs of an answered and connected call without its sound: no recording and no second leg, which would be nearly
; all of the work of a PBX on the same machine. For settings with this prefix.
[light-connect]
exten => s,1,UserEvent(DialerAnswered,Attempt: ${UNIQUEID})
 same => n,UserEvent(DialerConnected,Attempt: ${UNIQUEID})
 same => n,Wait(1.1)
 same => n,Hangup()
[light-ended]
exten => s,1,UserEvent(DialerEnded,Attempt: ${UNIQUEID},Cause: ${HANGUPCAUSE},Agent: ANSWER,Tech: )
 same => n,Return()
"""
LIGHT = "light"
"""A prefix: see ``_DIALPLAN``."""

AT_ONCE = 10_000
_NEVER = 10_000_000
"""Customers in a row of whom a trunk may say the same. All are alike here, which would pause it."""


@dataclass(slots=True)
class Ground:
    """The running rig, and a folder for each measurement."""

    rig: Rig
    folder: Path
    say: Callable[[str], None]
    _count: count[int] = field(default_factory=count)

    async def place(
        self,
        template: str,
        *,
        port: int | None = None,
        calls_per_second: float = 1e6,
        ring_s: int = 45,
        wrap_up_s: float | None = None,
        prefix: str = "dialer",
    ) -> Place:
        """New settings and empty books, for calls to ``template``. ``port`` is where the PBX is reached.

        The PBX forgets the calls of other measurements too, and their recordings are deleted: it would offer the calls
        to this dialer at its login, 50,000 of them after the first figure, and this dialer would look at each recording
        without finding its call. One that goes on running has done with both in time.
        """
        async with self.rig.office.control() as pbx:
            await pbx.action("DBDelTree", timeout=30, Family=prefix)
        for of_others in (self.rig.recordings.spool, self.rig.recordings.done):
            for file in of_others.iterdir():
                file.unlink(missing_ok=True)
        folder = self.folder / f"place-{next(self._count)}"
        path = write_settings(
            folder / "dialer.toml",
            beside(self.rig, template),
            {
                "pbx": {"port": port or self.rig.ami.port, "prefix": prefix},
                "trunks": {"name": "bench", "channels": 10_000},
                "lists": {"other_phone_templates": PHONES},
                "dialling": {
                    "calls_per_second": calls_per_second, "ring_timeout_s": ring_s, "wrap_up_s": wrap_up_s,
                    **dict.fromkeys(("breaker_failures", "breaker_refusals", "breaker_unanswered"), _NEVER),
                },
                "log": {"level": "warning"},
            },
        )  # fmt: skip
        return Place(folder, path, load(path))


@dataclass(frozen=True, slots=True)
class Place:
    """One dialer's folder, settings and books."""

    folder: Path
    config: Path
    settings: Settings

    async def fill(
        self,
        *,
        visits: int,
        agents: int,
        ready: bool = True,
        numbers: Callable[[int], str] | None = None,
        phone: str = PHONE,
    ) -> None:
        """Write today's list, dealt out in turn to ``agents``, and the agents, into the books.

        ``numbers`` gives the nth customer's number, when it has to have a certain form; ``phone`` is each agent's.
        """
        now = datetime.now(UTC)
        day = self.settings.campaign().hours.day_of(now)
        self.settings.data.mkdir(parents=True, exist_ok=True)
        database = await Database.open(self.settings.database)
        try:
            store = SqlDayStore(database)
            presence = Presence.READY if ready else Presence.PAUSED
            people = [
                Agent(agent(n), agent(n), phone.format(number=8000 + n), "一组", presence, now) for n in range(agents)
            ]
            await store.commit(Changes(agents=people))
            for begin in range(0, visits, AT_ONCE):
                added = [
                    (
                        Visit(
                            id=n + 1,
                            day=day,
                            list_name="main",
                            customer=f"C{n:07}",
                            number=(numbers or number)(n),
                            order=n,
                            agent=agent(n % agents),
                        ),
                        customer(n),
                    )
                    for n in range(begin, min(begin + AT_ONCE, visits))
                ]
                await store.commit(Changes(added=added))
        finally:
            await database.close()


def agent(n: int) -> str:
    """Staff number of the nth agent."""
    return f"{n:04}"


def number(n: int) -> str:
    """Phone number of the nth customer."""
    return f"139{n:08}"


def customer(n: int) -> Customer:
    """What a list carries of the nth customer."""
    return Customer(
        f"C{n:07}",
        shop_name=f"红山区第{n}便利店",
        person=f"王{n}",
        address=f"红山区桥北镇文明路{n}号",
        licence=f"150402{n:06}",
        category="三类",
        settlement="电子结算",
        quota="30",
        account_manager=f"李{n % 40}",
        department=f"第{n % 8}营销部",
        phone=number(n),
        last_order="25条",
        extra=(("片区", f"{n % 17}"),),
    )


@asynccontextmanager
async def ground(folder: Path, build: AsteriskBuild, say: Callable[[str], None]) -> AsyncIterator[Ground]:
    """The rig, up while inside."""
    recordings = RecordingFolders.under((folder / "rig").absolute())
    dialplan = pbxconfig.dialplan(str(recordings.spool), str(recordings.done), 10, ANNOUNCEMENT)
    # The second user sees every event, as an unfiltered client would.
    user = pbxconfig.manager_user("dialer", secrets.token_hex(12), "127.0.0.1/255.255.255.255")
    async with Rig(folder / "rig", build, dialplan=dialplan + _DIALPLAN, manager=user) as rig:
        yield Ground(rig, folder, say)
