"""Random days with faults: every invariant holds at the end of each."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dialer.campaign.agent import Presence
from dialer.campaign.messages import (
    CorrectNumber,
    HangUp,
    PauseCampaign,
    Promise,
    Reassign,
    ResumeCampaign,
    SetPresence,
    Withdraw,
)
from dialer.campaign.rule import Counting, RedialRule
from dialer.rehearsal.simulated import Faults
from dialer.rehearsal.virtual import VirtualDay
from tests.campaign.days import MONDAY, Scene, at, chance, config, row, scene

Trouble = Callable[[Scene, datetime], None]


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


def kill(s: Scene, when: datetime, seconds: float, where: str) -> None:
    """The dialer is killed with -9 and started again."""
    s.day.plan(when, lambda d: d.die(where))
    s.day.plan(when + timedelta(seconds=seconds), VirtualDay.revive)


moments = st.integers(0, 9 * 3600).map(lambda s: at(8) + timedelta(seconds=s))
outages = st.tuples(st.sampled_from(["cut", "crash"]), moments, st.floats(0.1, 900))
kills = st.tuples(moments, st.floats(0.5, 900), st.sampled_from(["before-commit", "after-commit", "among-intents"]))
asks = st.tuples(
    st.sampled_from(["withdraw", "correct", "promise", "deal", "pause", "away", "hang_up"]), moments, st.integers(1, 30)
)
faults = st.builds(
    Faults, lose=st.sampled_from([0.0, 0.05]), double=st.sampled_from([0.0, 0.1]), delay=st.sampled_from([0.0, 0.05])
)


@st.composite
def days(draw: st.DrawFn) -> Scene:
    """A random list, random answers, random faults and people who ask for things."""
    size = draw(st.integers(1, 30))
    agents = draw(st.integers(1, 4))
    sharing = draw(st.integers(2, 31))
    rows = [
        row(
            n,
            agent=f"{n % agents + 1:03}",
            team="A" if n % 5 == 0 else None,
            number=f"139{n % sharing:08}" if draw(st.booleans()) else None,
        )
        for n in range(1, size + 1)
    ]
    counting = draw(st.sampled_from(Counting))
    gap = timedelta(minutes=draw(st.sampled_from([5, 5, 30])))
    s = scene(
        chance(draw(st.integers(0, 1 << 30)), draw(st.floats(0, 1))),
        rows,
        agents=agents,
        teams={"001": "A", "002": "A"},
        conf=config(rule=RedialRule(number=draw(st.integers(1, 5)), counting=counting, gap=gap)),
        seed=draw(st.integers(0, 1 << 30)),
        faults=draw(faults),
    )
    if draw(st.booleans()):
        s.pbx.dead_phones.add("PJSIP/001")
    for what, when, seconds in draw(st.lists(outages, max_size=4)):
        (cut if what == "cut" else crash)(s, when, seconds)
    for when, seconds, where in draw(st.lists(kills, max_size=4)):
        kill(s, when, seconds, where)
    for what, when, n in draw(st.lists(asks, max_size=8)):
        ask(s, what, when, n, agents)
    return s


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
        case "pause":
            tell(when, PauseCampaign(by="test"))
            tell(when + timedelta(minutes=n), ResumeCampaign(by="test"))
        case "away":
            tell(when, SetPresence(by=agent, agent=agent, presence=Presence.SIGNED_OUT))
            tell(when + timedelta(minutes=n), SetPresence(by=agent, agent=agent, presence=Presence.READY))
        case "hang_up":
            s.day.plan(when, _hang_up_first)


def _hang_up_first(day: VirtualDay) -> None:
    if day.state is not None and day.state.attempts:
        day.tell(day.clock.now(), HangUp(by="test", attempt=next(iter(day.state.attempts))))


@pytest.mark.timeout(300)
@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(days())
async def test_every_invariant_holds_on_random_days_with_faults(s: Scene) -> None:
    """500 random days: whatever happens, no invariant is violated and nobody is forgotten."""
    await s.day.run(at(18, 30))
    assert s.broken(in_order=False) == []


@pytest.mark.timeout(120)
async def test_a_day_of_2000_visits_and_30_agents_takes_seconds() -> None:
    """A whole day of a city passes in well under a minute, and in visit order."""
    rows = [row(n, agent=f"{n % 30 + 1:03}") for n in range(1, 2001)]
    s = scene(chance(1, 0.7), rows, agents=30)
    began = time.perf_counter()
    await s.day.run(at(18, 30))
    assert time.perf_counter() - began < 60
    assert s.broken() == []
    assert len(s.pbx.records) > 2000
