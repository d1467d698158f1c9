"""Random days under random faults: they hold, they replay exactly, and a rule that is broken on purpose shows."""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from dialer.campaign.day.clock_set import on_clock_set
from dialer.campaign.day_list import Day
from dialer.campaign.dialling.placing import next_visit
from dialer.campaign.messages import ClockSet
from dialer.campaign.model.agent import Agent
from dialer.campaign.model.customer import Customer, ListRow
from dialer.campaign.model.visit import Visit
from dialer.campaign.rules.breaker import BreakerState
from dialer.campaign.rules.rule import RedialRule
from dialer.campaign.state import State
from dialer.campaign.step import HANDLERS
from dialer.campaign.views.why import Answer, Why
from tests.faults.virtual.day import NO_REASON, PATIENCE, TRUE_REASON, FaultyDay
from tests.faults.virtual.inject import HOUR, kill
from tests.faults.virtual.plan import TRUNK, Customers, make
from tests.faults.virtual.soak import ON_DISK_EVERY, build, play, soak
from tests.virtual.fates import Fate, Says, Turn

CALM = 20
"""The seed of a day on which no fault happens."""

LEFT_LATE = 660
"""The seed of a day on which a call to a team's customer is decided while nothing can be written."""

ONE_DAY = "import asyncio; from tests.faults.virtual.soak import play; print(asyncio.run(play({seed})).digest)"


@pytest.mark.usefixtures("untraced")
async def test_days_hold() -> None:
    """A few of the thousand that `make faults` plays; one of them on a database."""
    said: list[str] = []
    outcome = await soak(16, 2 * ON_DISK_EVERY, said.append)
    assert outcome.violations == ()
    assert outcome.whole
    assert {"PBX killed, ids given again", "link half open", "clock set 1 h ahead", "database on a full disk"} <= {
        each.fault for each in outcome.injections
    }
    assert outcome.checked[0] == "16 days (1 of them on a database)"


@pytest.mark.usefixtures("untraced")
async def test_a_team_does_not_wait_for_a_call_that_is_decided() -> None:
    """It could not be written in time, so it is booked as one that never left, and its gap is no slow recovery."""
    outcome = await soak(1, LEFT_LATE, lambda _: None)
    assert "database read-only" in {each.fault for each in outcome.injections}
    assert outcome.whole


@pytest.mark.usefixtures("untraced")
async def test_a_seed_is_a_day() -> None:
    """The same seed plays the same day to the last row, another seed another day."""
    assert (await play(7)).digest == (await play(7)).digest != (await play(8)).digest


@pytest.mark.usefixtures("untraced")
def test_a_day_replays_in_another_process() -> None:
    """Nothing hangs on what differs from one Python to the next, such as the order of its sets."""
    digests = {
        subprocess.run(
            [sys.executable, "-c", ONE_DAY.format(seed=12)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()[-1]
        for seed in ("1", "2")
    }
    assert digests == {asyncio.run(play(12)).digest}


@pytest.mark.usefixtures("untraced")
async def test_a_day_on_a_database_is_the_day_in_memory(tmp_path: Path) -> None:
    """But for a lock that is really held, the database changes nothing."""
    seed = 7
    assert (await play(seed, tmp_path / "day.sqlite3")).digest == (await play(seed)).digest


# -- while everybody else goes on calling ----------------------------------------------------------

MINUTE = timedelta(minutes=1)


@dataclass(slots=True)
class Alike(Customers):
    """The same becomes of every call, within seconds."""

    turn: Turn = field(kw_only=True)

    def __call__(self, channel: str, nth: int) -> Turn:
        return self.turn


def rush(turn: Turn) -> tuple[FaultyDay, datetime]:
    """A day, and when it opens: four agents with long lists and one wide trunk; nobody asks for anything.

    Without wrap-up some call begins or ends every few seconds, so that every check must hold in the midst of it.
    """
    plan = make(CALM)
    rows = tuple(ListRow(n + 1, Customer(f"C{n:04}"), f"139{n:08}", n, agent=f"{n % 4 + 1:03}") for n in range(1, 401))
    plan = replace(
        plan,
        config=replace(
            plan.config, trunks=(TRUNK,), rule=RedialRule(gap=5 * MINUTE), wrap_up=timedelta(0), calls_per_second=None
        ),
        customers=Alike(CALM, 1.0, 0.0, turn=turn),
        agents=4,
        teams={},
        lists=((plan.shape.first, rows),),
        busy=False,
    )
    day, opens = build(plan), plan.start + 10 * MINUTE
    for second in range(0, 600, 10):
        day.plan(opens + timedelta(seconds=second), lambda _: None)
    return day, opens


def calls_ended(day: FaultyDay, since: datetime) -> int:
    """How many calls ended since then; no pause between two ends was long enough to find anything in it."""
    ends = sorted(each for each in day.books.learnt.values() if each >= since)
    assert all(later - sooner < PATIENCE for sooner, later in pairwise([since, *ends, day.clock.now()]))
    return len(ends)


async def test_an_agent_who_is_forgotten_while_others_call_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once is for good, for nothing else puts an agent with a line of their own back."""
    forgotten: list[datetime] = []

    def once(state: State, day: Day, agent: Agent, now: datetime) -> Visit | None:
        if agent.number == "001" and not forgotten:
            forgotten.append(now)
            return None
        return next_visit(state, day, agent, now)

    monkeypatch.setattr("dialer.campaign.dialling.progressive.next_visit", once)
    day, opens = rush(Turn(Fate.ANSWERS, ring_s=5, talk_s=10))
    await day.run(opens + 2 * MINUTE)
    assert (len(forgotten), day.faults) == (1, [])
    assert calls_ended(day, opens) >= 10
    assert {violation.invariant for violation in day.waited} == {NO_REASON}
    assert day.waited[0].what.startswith("agent 001 is free")


async def test_a_wide_trunk_that_is_called_full_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """That calls come and go on it makes it no truer."""
    day, opens = rush(Turn(Fate.ANSWERS, ring_s=5, talk_s=10))
    await day.run(opens + MINUTE)
    monkeypatch.setattr("tests.faults.virtual.day.why", lambda *_: Answer(Why.TRUNKS_FULL))
    assert day.waited == []
    await day.run(opens + 2 * MINUTE)
    assert calls_ended(day, opens + MINUTE) >= 5
    assert {violation.invariant for violation in day.waited} == {TRUE_REASON}


@pytest.mark.parametrize("invariant", [NO_REASON, TRUE_REASON])
async def test_a_pause_from_before_a_restart_is_found(monkeypatch: pytest.MonkeyPatch, invariant: str) -> None:
    """A dialer that is started has failed at nothing yet, whatever its predecessor knew of the trunk."""
    day, opens = rush(Turn(Fate.CONGESTED, ring_s=0))
    await day.run(opens + 1.6 * MINUTE)
    assert day.state is not None
    assert day.waited == []
    breaker = next(iter(day.state.trunks.values())).breaker
    assert breaker.state is BreakerState.OPEN
    assert breaker.until is not None
    assert breaker.until > opens + 3.3 * MINUTE
    monkeypatch.setattr("dialer.campaign.rules.breaker.Breaker", lambda _: replace(breaker))
    kill("before-commit", "")(day, opens + 1.7 * MINUTE, 1.0, random.Random(0))
    await day.run(opens + 3.3 * MINUTE)
    assert invariant in {violation.invariant for violation in day.waited}


async def test_a_gap_that_a_set_clock_draws_out_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """An hour ahead counted twice holds numbers for an hour; that a clock was set is no reason for so long."""

    def twice(state: State, message: ClockSet, now: datetime) -> None:
        on_clock_set(state, message, now)
        for number in state.last_end:
            state.last_end[number] += message.by

    monkeypatch.setitem(HANDLERS, ClockSet, twice)
    day, opens = rush(Turn(Says(486, rings=True), ring_s=6))
    day.plan(opens + 2 * MINUTE, lambda _: day.set_clock(HOUR))
    await day.run(opens + 8 * MINUTE)
    day.steps = 0  # who is asked about goes by the steps: the first on the list, who were called before
    await day.run(opens + 10 * MINUTE)
    assert calls_ended(day, opens) >= 100
    assert {violation.invariant for violation in day.waited} == {TRUE_REASON}
    assert "number_gap" in day.waited[0].what
