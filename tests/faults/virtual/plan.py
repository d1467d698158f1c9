"""What a random day is made of: hours and zone, lists, people, trunks, what customers do. All of it from one seed."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dialer.campaign.config import CampaignConfig
from dialer.campaign.model.customer import Customer, ListRow
from dialer.campaign.model.hours import CallingHours, Window
from dialer.campaign.model.trunk import TrunkConfig
from dialer.campaign.rules.breaker import BreakerRule
from dialer.campaign.rules.rule import Counting, RedialRule
from tests.virtual.day import Habits
from tests.virtual.fates import OUTSIDE, Fate, Turn

OFFICE: tuple[Window, ...] = ((time(8), time(12)), (time(13), time(18)))
LATE: tuple[Window, ...] = ((time(21), time.min),)
NIGHT: tuple[Window, ...] = ((time.min, time(6)),)
ROUND_THE_CLOCK: tuple[Window, ...] = ((time.min, time.min),)

TRUNK = TrunkConfig("trunk", "PJSIP/{number}@trunk")
DEAD = TrunkConfig("dead", "PJSIP/{number}@dead")
_FAILS = (Fate.SILENT, Fate.DEAD_TRUNK, Fate.NO_TRUNK, Fate.CONGESTED)


@dataclass(frozen=True, slots=True)
class Shape:
    """When it is: the first day, the hours of every day, how many days have a list."""

    first: date
    hours: CallingHours
    days: int = 1
    happens: tuple[tuple[str, datetime], ...] = ()
    """What the calendar does by itself: (name, when, UTC)."""


def _shape(first: date, zone: str, windows: tuple[Window, ...], days: int = 1, changes: bool = False) -> Shape:
    where = ZoneInfo(zone)
    midnight = datetime.combine(first + timedelta(days=1), time.min, where).astimezone(UTC)
    happens = [("midnight passed", midnight)] if days > 1 else []
    if changes:
        start = datetime.combine(first, time.min, where).astimezone(UTC)
        offsets = [(start + timedelta(hours=h)).astimezone(where).utcoffset() for h in range(25)]
        hour = next(h for h in range(1, 25) if offsets[h] != offsets[h - 1])
        happens.append(("daylight saving time changed", start + timedelta(hours=hour)))
    return Shape(first, CallingHours((windows,) * 7, where), days, tuple(happens))


SHAPES: tuple[tuple[int, Shape], ...] = (
    (6, _shape(date(2026, 11, 23), "Asia/Shanghai", OFFICE)),
    (2, _shape(date(2026, 11, 23), "Asia/Shanghai", ROUND_THE_CLOCK, days=2)),
    (1, _shape(date(2026, 11, 24), "Asia/Urumqi", LATE, days=2)),
    (1, _shape(date(2026, 10, 25), "Europe/Berlin", NIGHT, changes=True)),
    (1, _shape(date(2026, 3, 8), "America/New_York", NIGHT, changes=True)),
    (1, _shape(date(2026, 11, 1), "America/New_York", ROUND_THE_CLOCK, days=2, changes=True)),
)
"""(weight, shape): ordinary days, days without an end, nights in which the clocks of a country change."""


def office(day: date) -> Shape:
    """An ordinary working day."""
    return _shape(day, "Asia/Shanghai", OFFICE)


@dataclass(slots=True)
class Customers:
    """The far end: random, and the same for the same seed. ``rejecting`` trunks fail every call in their own ways."""

    seed: int
    reach: float
    long_talks: float
    rejecting: set[str] = field(default_factory=set)

    def __call__(self, channel: str, nth: int) -> Turn:
        """What happens to the ``nth`` call (from 0) to this dial string."""
        luck = random.Random(f"{self.seed}-{channel}-{nth}")
        fate = (
            Fate.ANSWERS if luck.random() < self.reach else luck.choice([f for f in OUTSIDE if f is not Fate.ANSWERS])
        )
        if channel.rpartition("@")[2] in self.rejecting:
            fate = luck.choice(_FAILS)
        talk_s = luck.uniform(1, 240) if luck.random() >= self.long_talks else luck.uniform(240, 1800)
        return Turn(fate, ring_s=luck.uniform(0.5, 30), talk_s=talk_s)


@dataclass(frozen=True, slots=True)
class Plan:
    """One random day, but for what goes wrong."""

    seed: int
    shape: Shape
    config: CampaignConfig
    customers: Customers
    habits: Habits
    agents: int
    teams: dict[str, str]
    lists: tuple[tuple[date, tuple[ListRow, ...]], ...]
    some_row: Callable[[int], ListRow]
    busy: bool
    """Whether people ask for things during the day; without, visits are called in order."""

    @property
    def start(self) -> datetime:
        """Ten minutes before the calling hours begin."""
        opens = self.shape.hours.on(self.shape.first).opens
        assert opens is not None
        return opens - timedelta(minutes=10)

    @property
    def closes(self) -> datetime:
        """The end of the last calling hours."""
        return self.shape.hours.on(self.shape.first + timedelta(days=self.shape.days - 1)).ends

    @property
    def end(self) -> datetime:
        """When everything is over: also the longest talk, also by a clock that was set back an hour."""
        return self.closes + timedelta(hours=2, minutes=30)


def make(seed: int) -> Plan:
    """The day of this seed."""
    luck = random.Random(f"day-{seed}")
    shape = luck.choices([shape for _, shape in SHAPES], [weight for weight, _ in SHAPES])[0]
    agents, sharing = luck.randint(1, 4), luck.randint(2, 31)
    kinds = random.Random(f"rows-{seed}")

    def some_row(n: int) -> ListRow:
        team = "A" if n % 5 == 0 else "B" if n % 7 == 0 else None
        number = f"139{n % sharing:08}" if kinds.random() < 0.5 else f"139{n:08}"
        customer = Customer(f"C{n:04}", shop_name=f"店{n}", department=f"营销{n % 2}部")
        return ListRow(n + 1, customer, number, n, agent=None if team else f"{n % agents + 1:03}", team=team)

    def some_list() -> tuple[ListRow, ...]:
        return tuple(some_row(n) for n in range(1, luck.choice([luck.randint(1, 30), luck.randint(30, 80)]) + 1))

    rejects = luck.random() < 0.15
    few = replace(TRUNK, channels=luck.randint(1, 4))
    return Plan(
        seed,
        shape,
        CampaignConfig(
            hours=shape.hours,
            trunks=luck.choice([(TRUNK,), (few,), (DEAD, few), (TRUNK, DEAD)]),
            rule=RedialRule(
                attempts=luck.randint(1, 5),
                counting=luck.choice(list(Counting)),
                gap=timedelta(minutes=luck.choice([5, 5, 5, 30])),
            ),
            breaker=BreakerRule(),
            wrap_up=luck.choice([None, timedelta(0), timedelta(seconds=20)]),
            calls_per_second=luck.choice([5.0, 10.0, None]),
        ),
        Customers(luck.getrandbits(30), luck.random(), luck.choice([0.0, 0.0, 0.2]), {"dead"} if rejects else set()),
        Habits(later=luck.choice([0.0, 0.3]), wrong=luck.choice([0.0, 0.2]), hasty=luck.choice([0.0, 0.5, 1.0])),
        agents,
        {"001": "A", "002": luck.choice("AB"), "003": "B"},
        tuple((shape.first + timedelta(days=n), some_list()) for n in range(shape.days)),
        some_row,
        busy=luck.random() < 0.7,
    )
