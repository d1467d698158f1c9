"""Building virtual days for tests: configuration, lists, people, faults."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dialer.campaign.config import CampaignConfig
from dialer.campaign.messages import ImportList, SaveAgent, SetPresence
from dialer.campaign.model.agent import Presence
from dialer.campaign.model.customer import Customer, ListRow, VisitList
from dialer.campaign.model.hours import CallingHours
from dialer.campaign.model.trunk import TrunkConfig
from dialer.campaign.rules.breaker import BreakerRule
from dialer.campaign.rules.rule import RedialRule
from tests.virtual.day import VirtualClock, VirtualDay
from tests.virtual.fates import OUTSIDE, Fate, Turn, World
from tests.virtual.invariants import violations
from tests.virtual.memory_store import MemoryStore
from tests.virtual.simulated import Faults, SimulatedPbx

ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 11, 23)
WEEK = tuple(((time(8), time(12)), (time(13), time(18))) if d < 5 else () for d in range(7))
TRUNK = TrunkConfig("trunk", "PJSIP/{number}@trunk")


def at(hour: int, minute: int = 0, second: int = 0, day: date = MONDAY) -> datetime:
    """A time on the department's wall clock, as UTC."""
    return datetime.combine(day, time(hour, minute, second), ZONE).astimezone(UTC)


PHONES = (
    "PJSIP/{extension}",
    "Local/{extension}@from-internal/n",
    "SIP/{extension}",
    "PJSIP/{extension}&PJSIP/{extension}-2",
)


def config(
    *, rule: RedialRule | None = None, wrap_up: timedelta | None = None, trunks: Sequence[TrunkConfig] = (TRUNK,)
) -> CampaignConfig:
    """Plain settings: 08:00 to 12:00 and 13:00 to 18:00 from Monday to Friday."""
    return CampaignConfig(
        hours=CallingHours(WEEK, ZONE),
        trunks=tuple(trunks),
        rule=rule or RedialRule(),
        breaker=BreakerRule(),
        wrap_up=wrap_up,
        calls_per_second=10.0,
        phone_templates=PHONES,
    )


def row(order: int, *, agent: str | None = "001", team: str | None = None, number: str | None = None) -> ListRow:
    """One row of a list."""
    customer = Customer(f"C{order:04}", shop_name=f"店{order}", department=f"营销{order % 2}部")
    agent = None if team else agent
    return ListRow(order + 1, customer, number or f"139{order:08}", order, agent=agent, team=team)


@dataclass(slots=True)
class Scene:
    """A virtual day with what surrounds it."""

    day: VirtualDay
    store: MemoryStore
    pbx: SimulatedPbx

    def broken(self, *, finished: bool = True, in_order: bool = True) -> list[str]:
        """Violated invariants."""
        return violations(
            self.day.config,
            self.store.visits,
            list(self.store.attempts.values()),
            self.store.notices.values(),
            self.pbx.records,
            self.store.history,
            finished=finished,
            in_order=in_order,
            calendar={
                day: (edit.working, edit.name) for day, edit in self.store.calendar.items() if edit.working is not None
            },
        )


def scene(
    world: World,
    rows: Sequence[ListRow],
    *,
    agents: int = 1,
    teams: dict[str, str] | None = None,
    conf: CampaignConfig | None = None,
    seed: int = 0,
    faults: Faults | None = None,
    ready_at: datetime | None = None,
) -> Scene:
    """A day that begins at 07:50 with a list and agents who are ready at 08:00."""
    start = at(7, 50)
    store, pbx = MemoryStore(), SimulatedPbx(world, start, seed=seed, faults=faults)
    day = VirtualDay(conf or config(), store, pbx, VirtualClock(start), seed=seed)
    for n in range(1, agents + 1):
        number = f"{n:03}"
        team = (teams or {}).get(number)
        day.tell(start, SaveAgent(by="test", number=number, name="", extension=f"PJSIP/{number}", team=team))
        ready = SetPresence(by=number, agent=number, presence=Presence.READY)
        day.tell(ready_at or at(8), ready)
    day.tell(start + timedelta(seconds=1), ImportList(by="test", day=MONDAY, visits=VisitList("main", tuple(rows))))
    return Scene(day, store, pbx)


def always(fate: Fate, **more: float) -> World:
    """A world in which every call meets the same fate."""
    return lambda _channel, _nth: Turn(fate, **more)


def chance(seed: int, reach: float) -> World:
    """A world that is random, and the same for the same seed."""
    others = [f for f in OUTSIDE if f is not Fate.ANSWERS]

    def turn(channel: str, nth: int) -> Turn:
        luck = random.Random(f"{seed}-{channel}-{nth}")
        fate = Fate.ANSWERS if luck.random() < reach else luck.choice(others)
        return Turn(fate, ring_s=luck.uniform(0.5, 30), talk_s=luck.uniform(1, 240))

    return turn


@dataclass(slots=True)
class Script:
    """A world given call by call; what is not in it is answered and talks for a minute."""

    turns: dict[str, list[Turn]] = field(default_factory=dict)

    def __call__(self, channel: str, nth: int) -> Turn:
        number = channel.removeprefix("PJSIP/").partition("@")[0]
        turns = self.turns.get(number, [])
        return turns[nth] if nth < len(turns) else Turn(Fate.ANSWERS, ring_s=3, talk_s=60)
