"""Figure 8: the day on the virtual clock, against the bound that an all-knowing scheduler could reach.

The day: agents with a list each, in visit order, in progressive mode. How the nth call to a customer goes (who answers,
how long it rings and how long they talk) is drawn in advance and is the same for everybody: for the engine, and for a
scheduler that knows all of it before the day begins. Both have to follow the rules: an agent serves one customer at a
time; an agent's customers are first called in visit order (invariant 10); between two calls to a customer there are at
least ``gap`` seconds (invariant 2); a customer is called until reached, or five times.

**Bound.** For an agent let visit k (in visit order, from 1) need the calls 1 … m(k), and let d(k, j) be how long the
jth of them keeps the agent: ringing, and if it is answered the connecting, the talk and the wrap-up. Then no schedule
ends before

    B = max( Σ over all k, j of d(k, j),
             max over k of ( Σ over i < k of d(i, 1)  +  Σ over j of d(k, j)  +  (m(k) − 1) · gap ) )

*Proof.* (1) The rules fix which calls are made: a customer who answers for the first time on call m is called exactly
m times, one who never does five times. Each keeps its agent for d(k, j), two at once are impossible, so the last ends
no sooner than the sum. (2) The first calls of visits 1 … k − 1 start before the first call of visit k and keep the
same agent, so that call starts no sooner than the sum of their d(i, 1). After it the calls of visit k follow one
another, each at least ``gap`` after the end of the one before; ends of calls come no sooner than the d(k, j) add up
(wrap-up comes after the last call only, which alone is answered). So visit k ends no sooner than the second term, for
every k. ∎

The bound may be out of reach even for the all-knowing; a ratio of 1 cannot be exceeded.

* finish: bound of the agent who could be done last, by the time at which the last agent was done.
* talk share: an agent's share of talk is talk by time until their last customer is done; the mean over agents, by the
  mean of what it would be at the bound.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from statistics import fmean

from dialer.campaign.config import CampaignConfig
from dialer.campaign.messages import ImportList, SaveAgent, SetPresence
from dialer.campaign.model.agent import Presence
from dialer.campaign.model.customer import ListRow, VisitList
from dialer.campaign.model.hours import CallingHours
from dialer.campaign.model.trunk import TrunkConfig
from dialer.campaign.rules.rule import RedialRule
from tests.bench.figure import Figure, ratio_at_least
from tests.bench.ground import Ground, agent, customer, number
from tests.virtual.day import VirtualClock, VirtualDay
from tests.virtual.fates import Fate, Turn
from tests.virtual.memory_store import MemoryStore
from tests.virtual.simulated import SimulatedPbx

_DAY = date(2026, 11, 23)
_START = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
_CONNECT_S = 0.3
"""How long the simulated PBX needs from the answer to the agent's picking up."""


@dataclass(frozen=True, slots=True)
class Size:
    """The day: ``visits`` for each of ``agents``; ``seeds`` days, of which the worst counts."""

    agents: int = 30
    visits: int = 110
    seeds: int = 5
    reach: float = 0.7


@dataclass(frozen=True, slots=True)
class Bound:
    """For one agent: the earliest end and the talk, in seconds."""

    ends: float
    talk: float


async def measure(ground: Ground, size: Size | None = None) -> list[Figure]:
    """Finish and talk share, worst of the days; hours and shares."""
    size = size or Size()
    days = []
    for seed in range(size.seeds):
        ground.say(f"day: {size.agents} agents with {size.visits} visits each, day {seed + 1} of {size.seeds}")
        days.append(await played(size, seed))
    ends, bound_ends = min(((d[0], d[1]) for d in days), key=lambda pair: pair[1] / pair[0])
    share, bound_share = min(((d[2], d[3]) for d in days), key=lambda pair: pair[0] / pair[1])
    against = "bound of an all-knowing scheduler"
    return [
        # Of a time, less is better: the ratio is of speeds, so that 1 is the bound for both figures.
        Figure("day.finish", 1 / ends, "1/h", against, 1 / bound_ends, ratio_at_least(0.97), f"{ends:.2f} h"),
        Figure("day.talk_share", share, "", against, bound_share, ratio_at_least(0.97)),
    ]


def turns(size: Size, seed: int) -> dict[tuple[int, int], Turn]:
    """(customer, call from 0) -> how it goes. Who is not reached mostly does not pick up."""
    made = {}
    for n in range(size.agents * size.visits):
        for nth in range(5):
            luck = random.Random(f"{seed}-{n}-{nth}")
            if luck.random() < size.reach:
                fate, ring = Fate.ANSWERS, luck.uniform(4, 25)
            else:
                fate = luck.choices((Fate.RINGS_OUT, Fate.BUSY, Fate.UNREACHABLE, Fate.DECLINES), (6, 2, 1, 1))[0]
                ring = {Fate.RINGS_OUT: 45.0, Fate.BUSY: 3.0}.get(fate) or luck.uniform(3, 15)
            made[n, nth] = Turn(fate, ring_s=ring, talk_s=luck.uniform(120, 300))
    return made


def bound(size: Size, who: int, plan: dict[tuple[int, int], Turn], gap_s: float, wrap_up_s: float) -> Bound:
    """B of one agent: see the module's docstring."""
    total = before = talk = longest = 0.0
    for place in range(size.visits):
        n = place * size.agents + who
        lengths: list[float] = []
        for nth in range(5):
            turn = plan[n, nth]
            if turn.fate is Fate.ANSWERS:
                lengths.append(turn.ring_s + _CONNECT_S + turn.talk_s + wrap_up_s)
                talk += turn.talk_s
                break
            lengths.append(turn.ring_s)
        longest = max(longest, before + sum(lengths) + (len(lengths) - 1) * gap_s)
        before += lengths[0]
        total += sum(lengths)
    return Bound(max(total, longest), talk)


async def played(size: Size, seed: int) -> tuple[float, float, float, float]:
    """(hours to the end, the bound of it, talk share, the bound of it) of one day."""
    plan = turns(size, seed)
    who_is = {number(n): n for n in range(size.agents * size.visits)}

    def world(channel: str, nth: int) -> Turn:
        return plan[who_is[channel.removeprefix("PJSIP/").partition("@")[0]], nth]

    rule = RedialRule()
    config = CampaignConfig(
        hours=CallingHours(((((time(0), time.min),)),) * 7, UTC),
        trunks=(TrunkConfig("trunk", "PJSIP/{number}@trunk", channels=size.agents),),
        rule=rule,
        calls_per_second=None,
    )
    pbx, store = SimulatedPbx(world, _START, seed=seed), MemoryStore()
    day = VirtualDay(config, store, pbx, VirtualClock(_START), seed=seed)
    rows = tuple(
        ListRow(n + 2, customer(n), number(n), n, agent=agent(n % size.agents))
        for n in range(size.agents * size.visits)
    )
    for n in range(size.agents):
        day.tell(_START, SaveAgent(by="bench", number=agent(n), name="", extension=f"PJSIP/{agent(n)}"))
    day.tell(_START, ImportList(by="bench", day=_DAY, visits=VisitList("main", rows)))
    for n in range(size.agents):
        day.tell(_START, SetPresence(by="bench", agent=agent(n), presence=Presence.READY))
    await day.run(_START + timedelta(hours=23))
    assert not any(visit.open for visit in store.visits.values()), "the day was too short for its list"
    wrap_up_s = day.habits.ready_s
    ends = dict.fromkeys(range(size.agents), 0.0)
    talks = dict.fromkeys(range(size.agents), 0.0)
    for record in pbx.records:
        who = int(record.agent.removeprefix("PJSIP/"))
        assert record.end is not None
        after = wrap_up_s if record.connect else 0.0
        ends[who] = max(ends[who], (record.end - _START).total_seconds() + after)
        if record.connect is not None:
            talks[who] += (record.end - record.connect).total_seconds()
    bounds = [bound(size, who, plan, rule.gap.total_seconds(), wrap_up_s) for who in range(size.agents)]
    return (
        max(ends.values()) / 3600,
        max(each.ends for each in bounds) / 3600,
        fmean(talks[who] / ends[who] for who in ends),
        fmean(each.talk / each.ends for each in bounds),
    )
