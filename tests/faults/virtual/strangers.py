"""A month among strangers: customers whom a carrier caps, trunks that lie, agents' phones that come and go.

Each working day has a list of its own and any of the faults of :mod:`tests.faults.virtual.inject`. Besides the
invariants one figure is asked for: how many were reached of those whom a dialer that knows everything would have
reached, which calls each of them over a trunk that tells the truth, with an agent whose phone works, as often as the
rule allows.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import partial

from dialer.campaign.config import CampaignConfig
from dialer.campaign.model.customer import Customer, ListRow
from dialer.campaign.model.trunk import TrunkConfig
from dialer.campaign.model.visit import VisitState
from dialer.campaign.rules.breaker import BreakerRule
from dialer.campaign.rules.rule import RedialRule
from tests.faults.report import Goal, Outcome
from tests.faults.virtual.day import FaultyDay
from tests.faults.virtual.inject import dead_phone, moment
from tests.faults.virtual.plan import Customers, Plan, office
from tests.faults.virtual.soak import build, judged
from tests.virtual.day import Habits
from tests.virtual.fates import Fate, Turn

CUSTOMERS = 120
WORKING_DAYS = 22
AGENTS = 3
MISSED_AT_MOST_PERCENT = 1.0

_TRUNKS = (TrunkConfig("first", "PJSIP/{number}@first"), TrunkConfig("second", "PJSIP/{number}@second"))
_CAPS = (Fate.FORBIDDEN, Fate.CONGESTED, Fate.DECLINES)
_LIES = (
    Fate.UNALLOCATED, Fate.FORBIDDEN, Fate.CONGESTED, Fate.DEAD_TRUNK, Fate.NO_TRUNK, Fate.SERVER_ERROR,
    Fate.INTERCEPTED,
)  # fmt: skip
_NOT_NOW = (Fate.RINGS_OUT, Fate.BUSY, Fate.DECLINES, Fate.ABSENT, Fate.TIMED_OUT, Fate.UNREACHABLE, Fate.ANNOUNCED)
_CAPPED, _UNALLOCATED, _ANSWERS = 0.2, 0.03, 0.55
_LIE_S = (600.0, 2400.0)


@dataclass(slots=True)
class Strangers(Customers):
    """The far end, the same for the same seed. ``lying`` trunks say the same of everybody, whoever is called."""

    lying: dict[str, Fate] = field(default_factory=dict)
    _heard: Counter[str] = field(default_factory=Counter)

    def __call__(self, channel: str, nth: int) -> Turn:
        """What happens to one more call; only one that a trunk puts through is a try of the customer's own."""
        number, _, trunk = channel.rpartition("/")[2].partition("@")
        if trunk in self.lying:
            return Turn(self.lying[trunk], ring_s=0.5)
        if trunk in self.rejecting:
            return Customers.__call__(self, channel, nth)
        self._heard[number] += 1
        return self.turn(number, self._heard[number])

    def turn(self, number: str, nth: int) -> Turn:
        """What becomes of the ``nth`` call (from 1) that gets to this number's exchange."""
        kind = random.Random(f"{self.seed}-{number}")
        drawn = kind.random()
        if drawn < _CAPPED:
            return Turn(kind.choice(_CAPS), ring_s=0.5)
        if drawn < _CAPPED + _UNALLOCATED:
            return Turn(Fate.UNALLOCATED, ring_s=0.5)
        luck = random.Random(f"{self.seed}-{number}-{nth}")
        fate = Fate.ANSWERS if luck.random() < _ANSWERS else luck.choice(_NOT_NOW)
        return Turn(fate, ring_s=luck.uniform(2, 30), talk_s=luck.uniform(20, 180))


@dataclass(frozen=True, slots=True)
class Reached:
    """Of ``reachable`` customers ``missed`` were not reached: code, state, and how their last call ended."""

    reachable: int = 0
    missed: tuple[str, ...] = ()


def make(seed: int, first: date = date(2026, 11, 2)) -> Plan:
    """The working day of this seed; Mondays to Fridays follow one another."""
    luck = random.Random(f"strangers-{seed}")
    weeks, weekday = divmod(seed, 5)
    shape = office(first + timedelta(weeks=weeks % 50, days=weekday))

    def row(n: int) -> ListRow:
        customer = Customer(f"C{n:04}", shop_name=f"店{n}", department=f"营销{n % 2}部")
        return ListRow(n + 1, customer, f"139{seed % 10000:04}{n:04}", n, agent=f"{n % AGENTS + 1:03}")

    config = CampaignConfig(
        hours=shape.hours,
        trunks=_TRUNKS,
        rule=RedialRule(),
        breaker=BreakerRule(),
        wrap_up=timedelta(seconds=20),
        calls_per_second=5.0,
    )
    rows = tuple(map(row, range(1, CUSTOMERS + 1)))
    strangers = Strangers(luck.getrandbits(30), _ANSWERS, 0.0)
    return Plan(seed, shape, config, strangers, Habits(), AGENTS, {}, ((shape.first, rows),), row, busy=False)


def day_of(plan: Plan) -> FaultyDay:
    """The day with its faults, one or two trunks that lie for a while, never both at once, and phones that go away."""
    assert isinstance(plan.customers, Strangers)
    luck = random.Random(f"strange-{plan.seed}")
    day, lying = build(plan), plan.customers.lying
    at = moment(plan, luck)
    for trunk in luck.sample(_TRUNKS, luck.randint(1, 2)):
        fate, seconds = luck.choice(_LIES), luck.uniform(*_LIE_S)
        begin, end = partial(lying.__setitem__, trunk.name, fate), partial(lying.__delitem__, trunk.name)
        day.inject(f"trunk says {fate} to all", at, seconds, begin, end, ("trunk", "route"))
        at += timedelta(seconds=seconds + 60)
    for _ in range(luck.randint(1, 3)):
        dead_phone(plan)(day, moment(plan, luck), luck.uniform(300, 1200), luck)
    return day


def reached(day: FaultyDay, plan: Plan) -> Reached:
    """Who was reached of those whom it was possible to reach."""
    assert isinstance(plan.customers, Strangers)
    turn, tries = plan.customers.turn, range(1, plan.config.rule.limit + 1)
    able = [v for v in day.books.memory.visits.values() if any(turn(v.number, n).fate is Fate.ANSWERS for n in tries)]
    missed = [v for v in able if v.state is not VisitState.REACHED]
    return Reached(len(able), tuple(f"day {plan.seed}: {v.customer} {v.state}, last {v.last}" for v in missed))


async def soak(days: int, seed: int, say: Callable[[str], None]) -> Outcome:
    """Play ``days`` working days from ``seed`` on."""
    injections, violations, found = [], [], []
    for number in range(seed, seed + days):
        plan = make(number)
        day = day_of(plan)
        broken = await judged(day, plan)
        faults = tuple(dict.fromkeys(fault.name for fault in day.faults))
        violations += [replace(each, replay=command(number), faults=faults) for each in broken]
        injections += day.injections()
        found.append(reached(day, plan))
    reachable, missed = sum(each.reachable for each in found), [line for each in found for line in each.missed]
    for line in missed:
        say(line)
    share = 100 * len(missed) / max(reachable, 1)
    return Outcome(
        "strangers",
        seed,
        command(seed, days),
        tuple(injections),
        tuple(violations),
        (Goal("not reached of those who could be", share, "%", MISSED_AT_MOST_PERCENT),),
        (f"{days:,} days", f"{reachable - len(missed):,} of {reachable:,} reached ({100 - share:.2f} %)"),
    )


def command(seed: int, days: int = 1) -> str:
    """What replays these days exactly."""
    return f"python -m tests.faults strangers --days {days} --seed {seed}"
