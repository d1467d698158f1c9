"""Random days with faults: every invariant holds at the end of each."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dialer.campaign.agent import Presence
from dialer.campaign.customer import ListRow, VisitList
from dialer.campaign.messages import (
    CorrectNumber,
    EnterManualCall,
    HangUp,
    ImportList,
    PauseCampaign,
    Promise,
    Reassign,
    ResumeCampaign,
    SaveAgent,
    SetPresence,
    Withdraw,
)
from dialer.campaign.rule import Counting, RedialRule
from dialer.campaign.trunk import TrunkConfig
from dialer.campaign.visit import Result
from dialer.rehearsal.simulated import Faults
from dialer.rehearsal.virtual import Habits, VirtualDay
from tests.campaign.days import DEAD, MONDAY, TRUNK, Scene, at, chance, config, row, scene

END = at(19, 30)
"""Calling is over at 18:00, and so is the longest conversation."""


def cut(s: Scene, when: datetime, seconds: float) -> None:
    """The link is lost for a while."""
    s.day.plan(when, lambda d: d.pbx.cut(d.clock.now()))
    s.day.plan(when + timedelta(seconds=seconds), _restore)


def _restore(day: VirtualDay) -> None:
    if day.state is not None:
        day.pbx.restore(day.clock.now())


def crash(s: Scene, when: datetime, seconds: float) -> None:
    """Asterisk is killed and comes back."""
    s.day.plan(when, lambda d: d.pbx.crash(d.clock.now()))
    s.day.plan(when + timedelta(seconds=seconds), _restore)


def full(s: Scene, when: datetime, seconds: float) -> None:
    """The disk is full for a while: nothing can be written."""
    s.day.plan(when, lambda _: setattr(s.store, "unavailable", True))
    s.day.plan(when + timedelta(seconds=seconds), lambda _: setattr(s.store, "unavailable", False))


def kill(s: Scene, when: datetime, seconds: float, where: str) -> None:
    """The dialer is killed with -9 and started again."""
    s.day.plan(when, lambda d: d.die(where))
    s.day.plan(when + timedelta(seconds=seconds), VirtualDay.revive)


OUTAGES = (cut, crash, full)
ASKS = ("withdraw", "correct", "promise", "deal", "team", "move", "pause", "away", "hang_up", "by_hand")
WHERE = ("before-commit", "after-commit", "among-intents")


def random_scene(luck: random.Random) -> Scene:
    """A random list, random answers, random faults and people who ask for things."""
    agents, sharing = luck.randint(1, 4), luck.randint(2, 31)

    def some_row(n: int) -> ListRow:
        team = "A" if n % 5 == 0 else "B" if n % 7 == 0 else None
        number = f"139{n % sharing:08}" if luck.random() < 0.5 else None
        return row(n, agent=f"{n % agents + 1:03}", team=team, number=number)

    rows = [some_row(n) for n in range(1, luck.randint(1, 30) + 1)]
    dead = TrunkConfig("dead", "PJSIP/{number}" + DEAD)
    few = replace(TRUNK, channels=luck.randint(1, 4))
    rule = RedialRule(
        attempts=luck.randint(1, 5),
        counting=luck.choice(list(Counting)),
        gap=timedelta(minutes=luck.choice([5, 5, 30])),
    )
    s = scene(
        chance(luck.getrandbits(30), luck.random(), luck.choice([0.0, 0.0, 0.2])),
        rows,
        agents=agents,
        teams={"001": "A", "002": luck.choice("AB"), "003": "B"},
        conf=config(
            rule=rule,
            wrap_up=luck.choice([None, timedelta(0), timedelta(seconds=20)]),
            trunks=luck.choice([[TRUNK], [few], [dead, few], [TRUNK, dead]]),
        ),
        seed=luck.getrandbits(30),
        faults=Faults(lose=luck.choice([0.0, 0.05]), double=luck.choice([0.0, 0.1]), delay=luck.choice([0.0, 0.05])),
    )
    s.day.habits = Habits(
        later=luck.choice([0.0, 0.3]), wrong=luck.choice([0.0, 0.2]), hasty=luck.choice([0.0, 0.5, 1.0])
    )
    if luck.random() < 0.5:
        s.pbx.dead_phones.add("PJSIP/001")
    if luck.random() < 0.2:
        s.pbx.declining_phones.add("PJSIP/002")
    for _ in range(luck.randint(0, 4)):
        luck.choice(OUTAGES)(s, moment(luck), luck.uniform(0.1, 900))
    for _ in range(luck.randint(0, 4)):
        kill(s, moment(luck), luck.uniform(0.5, 900), luck.choice(WHERE))
    for _ in range(luck.randint(0, 8)):
        ask(s, luck.choice(ASKS), moment(luck), luck.randint(1, 30), agents)
        if luck.random() < 0.3:
            amend(s, moment(luck), rows, some_row, luck)
    return s


def moment(luck: random.Random) -> datetime:
    """Some time of the day; lunch and closing more often than others."""
    edge = luck.choice([None, None, at(12), at(13), at(18)])
    return (
        at(8) + timedelta(seconds=luck.randint(0, 9 * 3600))
        if edge is None
        else edge + timedelta(seconds=luck.uniform(-60, 60))
    )


def amend(
    s: Scene, when: datetime, rows: list[ListRow], some_row: Callable[[int], ListRow], luck: random.Random
) -> None:
    """The list comes again: some rows are gone, some changed, some new."""
    kept = [some_row(r.order) if luck.random() < 0.2 else r for r in rows if luck.random() < 0.8]
    new = [some_row(n) for n in range(len(rows) + 1, len(rows) + luck.randint(1, 5))]
    s.day.tell(when, ImportList(by="test", day=MONDAY, visits=VisitList("main", (*kept, *new))))


def ask(s: Scene, what: str, when: datetime, n: int, agents: int) -> None:
    """Somebody asks for something that may or may not fit at that moment."""
    tell, agent = s.day.tell, f"{n % agents + 1:03}"
    match what:
        case "withdraw":
            tell(when, Withdraw(by="test", visit=n, reason="ordered online"))
        case "correct":
            tell(when, CorrectNumber(by="test", day=MONDAY, customer=f"C{n:04}", number=f"138{n:08}"))
        case "promise":
            tell(when, Promise(by="test", visit=n, at=when + timedelta(minutes=n)))
        case "deal":
            tell(when, Reassign(by="test", visit=n, agent=agent))
        case "team":
            tell(when, Reassign(by="test", visit=n, team="A" if n % 2 else "B"))
        case "move":
            team = "A" if n % 2 else "B"
            tell(when, SaveAgent(by="test", number=agent, name="", extension=f"PJSIP/{agent}", team=team))
        case "pause":
            tell(when, PauseCampaign(by="test"))
            tell(when + timedelta(minutes=n), ResumeCampaign(by="test"))
        case "away":
            tell(when, SetPresence(by=agent, agent=agent, presence=Presence.SIGNED_OUT))
            tell(when + timedelta(minutes=n), SetPresence(by=agent, agent=agent, presence=Presence.READY))
        case "hang_up":
            s.day.plan(when, _hang_up_first)
        case "by_hand":
            result = (None, Result.NOT_NEEDED, Result.WRONG_NUMBER)[n % 3]
            for later in range(1 + n % 2):  # some entries are made again, and differ
                at_ = when + timedelta(minutes=later)
                tell(at_, EnterManualCall(by="test", visit=n, who="001", at=at_, tries=1 + later, result=result))


def _hang_up_first(day: VirtualDay) -> None:
    if day.state is not None and day.state.attempts:
        day.tell(day.clock.now(), HangUp(by="test", attempt=next(iter(day.state.attempts))))


@pytest.mark.timeout(300)
@pytest.mark.usefixtures("untraced")
@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False))
async def test_every_invariant_holds_on_random_days_with_faults(luck: random.Random) -> None:
    """500 random days: whatever happens, no invariant is violated and nobody is forgotten."""
    s = random_scene(luck)
    await s.day.run(END)
    assert s.broken(in_order=False) == []


@pytest.mark.timeout(120)
@pytest.mark.usefixtures("untraced")
async def test_a_day_of_2000_visits_and_30_agents_takes_seconds() -> None:
    """A whole day of a city passes in well under a minute, and in visit order."""
    rows = [row(n, agent=f"{n % 30 + 1:03}") for n in range(1, 2001)]
    s = scene(chance(1, 0.7), rows, agents=30)
    began = time.perf_counter()
    await s.day.run(at(18, 30))
    assert time.perf_counter() - began < 60
    assert s.broken() == []
    assert len(s.pbx.records) > 2000
