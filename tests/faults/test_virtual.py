"""Random days under random faults: they hold, they replay exactly, and a rule that is broken on purpose shows."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from dialer.campaign.breaker import Breaker
from dialer.campaign.messages import ClockSet, LinkRestored
from dialer.campaign.rule import RedialRule
from dialer.campaign.state import State
from dialer.campaign.step import HANDLERS
from dialer.campaign.trunk import Trunk
from dialer.campaign.why import Answer, Why
from dialer.faults import checks
from dialer.faults.day import NO_REASON, TRUE_REASON
from dialer.faults.report import Violation
from dialer.faults.virtual import ON_DISK_EVERY, command, play, soak

ONE_DAY = "import asyncio; from dialer.faults.virtual import play; print(asyncio.run(play({seed})).digest)"


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
        ).stdout
        for seed in ("1", "2")
    }
    assert digests == {f"{asyncio.run(play(12)).digest}\n"}


@pytest.mark.usefixtures("untraced")
async def test_a_day_on_a_database_is_the_day_in_memory(tmp_path: Path) -> None:
    """But for a lock that is really held, the database changes nothing."""
    seed = 7
    assert (await play(seed, tmp_path / "day.sqlite3")).digest == (await play(seed)).digest


async def first_violation(is_wanted: Callable[[Violation], bool], first: int = 1) -> Violation | None:
    """The first violation of a kind on 60 days from ``first`` on."""
    for seed in range(first, first + 60):
        found = next(filter(is_wanted, (await play(seed)).violations), None)
        if found is not None:
            assert found.replay == command(seed)
            return found
    return None


def of(invariant: str) -> Callable[[Violation], bool]:
    """Violations of this invariant."""
    return lambda violation: violation.invariant == invariant


@pytest.mark.usefixtures("untraced")
@pytest.mark.parametrize("invariant", [checks.GAP, NO_REASON])
async def test_a_clock_that_nobody_minds_is_found(monkeypatch: pytest.MonkeyPatch, invariant: str) -> None:
    """An hour ahead cuts gaps short, an hour back keeps customers and agents waiting: both are seen."""
    monkeypatch.setitem(HANDLERS, ClockSet, lambda *_: None)
    found = await first_violation(of(invariant))
    assert found is not None
    assert any(fault.startswith("clock set") for fault in found.faults)


@pytest.mark.usefixtures("untraced")
async def test_a_gap_that_is_forgotten_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Invariant 2, from the carrier's records."""
    monkeypatch.setattr(State, "free_at", lambda *_: None)
    assert await first_violation(of(checks.GAP)) is not None


@pytest.mark.usefixtures("untraced")
async def test_one_attempt_too_many_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Invariant 1, from the books."""
    monkeypatch.setattr(RedialRule, "exhausted", lambda self, counted: counted > self.limit)
    assert await first_violation(of(checks.AT_MOST_N)) is not None


@pytest.mark.usefixtures("untraced")
async def test_calls_outside_the_hours_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Invariant 4, from the carrier's records by the clock that the dialer had."""
    monkeypatch.setattr("dialer.campaign.dialling.may_dial", lambda state, *_: state.link_up)
    assert await first_violation(of(checks.HOURS), first=20) is not None


@pytest.mark.usefixtures("untraced")
async def test_a_pbx_that_is_never_asked_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls that ended while nobody listened would stay up in the books for ever."""

    def deaf(state: State, message: LinkRestored, _: object) -> None:
        state.link_up, state.link_since = True, message.at

    monkeypatch.setitem(HANDLERS, LinkRestored, deaf)
    assert await first_violation(of(checks.FORGOTTEN)) is not None


@pytest.mark.usefixtures("untraced")
async def test_an_agent_who_waits_for_no_reason_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody tells an agent of a redial that is due: no other invariant minds, and it is seen all the same."""
    monkeypatch.setattr(State, "wake_owner", lambda *_: None)
    assert await first_violation(of(NO_REASON)) is not None


@pytest.mark.usefixtures("untraced")
@pytest.mark.parametrize("invariant", [NO_REASON, TRUE_REASON])
async def test_a_trunk_that_stays_paused_is_found(monkeypatch: pytest.MonkeyPatch, invariant: str) -> None:
    """A breaker that never closes again: agents wait although the probe got through, and are told of a pause."""
    monkeypatch.setattr(Breaker, "works", lambda _: False)
    assert await first_violation(of(invariant)) is not None


@pytest.mark.usefixtures("untraced")
@pytest.mark.parametrize("invariant", [NO_REASON, TRUE_REASON])
async def test_a_trunk_that_stays_full_is_found(monkeypatch: pytest.MonkeyPatch, invariant: str) -> None:
    """Calls that are over go on counting: the trunk takes no more although none is up."""

    def leaks(trunk: Trunk, name: str, value: object) -> None:
        if name != "in_use" or value == 0 or value == getattr(trunk, name) + 1:
            object.__setattr__(trunk, name, value)

    monkeypatch.setattr(Trunk, "__setattr__", leaks)
    assert await first_violation(of(invariant)) is not None


@pytest.mark.usefixtures("untraced")
@pytest.mark.parametrize(
    "told",
    [Why.GAP, Why.NUMBER_GAP, Why.TRUNKS_DOWN, Why.TRUNKS_FULL, Why.NO_LINK, Why.AGENT_AWAY, Why.NEXT, Why.REACHED],
)
async def test_a_reason_that_is_not_so_is_found(monkeypatch: pytest.MonkeyPatch, told: Why) -> None:
    """A customer who waits gets the same answer, whatever the truth."""
    monkeypatch.setattr("dialer.faults.day.why", lambda *_: Answer(told))
    assert await first_violation(of(TRUE_REASON)) is not None


@pytest.mark.usefixtures("untraced")
async def test_a_dialer_that_breaks_is_a_violation(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error in the rules ends the day, not the soak."""

    def broken(*_: object) -> timedelta:
        raise LookupError("a bug")

    monkeypatch.setattr(RedialRule, "wait", broken)
    found = await first_violation(of(checks.AGREE))
    assert found is not None
    assert "LookupError: a bug" in found.what
