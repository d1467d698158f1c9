"""A trunk that says of everybody what a carrier says of some: nobody is charged for it, given up, or told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from dialer.campaign.calls.trunks import UNBELIEVED
from dialer.campaign.changes import NoticeKind
from dialer.campaign.messages import CallProgress
from dialer.campaign.model.evidence import Disposition
from dialer.campaign.model.trunk import TrunkConfig
from dialer.campaign.model.visit import VisitState
from dialer.campaign.rules.breaker import BreakerState
from tests.campaign.days import at, config, row, scene
from tests.campaign.stepping import Room
from tests.virtual.fates import Fate, Says, Turn, World

CUSTOMERS = 36
TWO = (TrunkConfig("a", "PJSIP/{number}@a"), TrunkConfig("b", "PJSIP/{number}@b"))
CONFIG = replace(config(), calls_per_second=None)
REFUSALS = 12

LIES: dict[Fate | Says, int] = {
    Says(480): REFUSALS,
    Says(603): REFUSALS,
    Says(486): REFUSALS,
    Says(408, plays=True): 20,
    Fate.SILENT: 5,
    Says(480, plays=True): 20,
}
"""How many calls it takes until each is noticed."""


def lying(fate: Fate | Says, trunk: str = "", kind: str = "") -> World:
    """One trunk, or all, says the same of everybody, or of numbers of that kind; the rest answers."""

    def turn(channel: str, _nth: int) -> Turn:
        lies = channel.endswith(trunk) and channel.removeprefix("PJSIP/").startswith(kind)
        return Turn(fate, ring_s=1) if lies else Turn(Fate.ANSWERS, ring_s=3, talk_s=20)

    return turn


@pytest.mark.usefixtures("untraced")
@pytest.mark.parametrize(("lie", "limit"), LIES.items())
async def test_a_day_on_which_the_trunk_says_the_same_of_everybody(lie: Fate | Says, limit: int) -> None:
    """Before: each customer was called five times and given up, with a notice each, and nobody heard of the trunk."""
    s = scene(lying(lie), [row(n) for n in range(1, CUSTOMERS + 1)], conf=CONFIG)
    await s.day.run(at(18, 30))
    assert s.broken() == []
    kinds = [notice.kind for notice in s.store.notices.values()]
    assert NoticeKind.UNREACHED not in kinds
    assert kinds.count(NoticeKind.ALARM) == 1
    assert sum(attempt.counts for attempt in s.store.attempts.values()) < limit
    assert {visit.state for visit in s.store.visits.values()} == {VisitState.OUT_OF_TIME}


@pytest.mark.usefixtures("untraced")
@pytest.mark.parametrize("lie", [Says(480), Says(408, plays=True)])
async def test_the_next_trunk_is_used(lie: Says) -> None:
    """All are reached over it, the first ones after a gap."""
    s = scene(lying(lie, "@a"), [row(n) for n in range(1, CUSTOMERS + 1)], conf=replace(CONFIG, trunks=TWO))
    await s.day.run(at(18, 30))
    assert s.broken() == []
    assert {visit.state for visit in s.store.visits.values()} == {VisitState.REACHED}
    assert max(visit.counted for visit in s.store.visits.values()) == 1
    assert max(attempt.placed_at for attempt in s.store.attempts.values()) < at(10)


@pytest.mark.usefixtures("untraced")
@pytest.mark.parametrize("lie", [Says(404), Says(480), Says(503)])
async def test_a_trunk_that_knows_no_mobiles(lie: Says) -> None:
    """Its landlines ring, so nobody noticed: all mobiles had wrong numbers, were given up, or ran out of time."""
    numbers = [f"0470822{n:04}" if n % 2 else f"139{n:08}" for n in range(1, CUSTOMERS + 1)]
    rows = [row(n, number=number) for n, number in enumerate(numbers, 1)]
    s = scene(lying(lie, kind="1"), rows, conf=CONFIG)
    await s.day.run(at(18, 30))
    assert s.broken(in_order=False) == []
    assert [notice.kind for notice in s.store.notices.values()].count(NoticeKind.ALARM) == 1
    states = {kind: {v.state for v in s.store.visits.values() if v.number[0] == kind} for kind in "01"}
    assert states == {"0": {VisitState.REACHED}, "1": {VisitState.OUT_OF_TIME}}
    firsts = [a.placed_at for a in s.store.attempts.values() if a.number[0] == "0" and a.seq == 1]
    assert max(firsts) - at(8) < timedelta(hours=1)  # they do not wait behind those who cannot be called


@pytest.mark.usefixtures("untraced")
async def test_customers_whose_phones_are_off_are_no_fault_of_the_trunk() -> None:
    """The evening has nobody left but those who were unreachable all day: they are given up, and told of, as ever."""

    def turn(channel: str, _nth: int) -> Turn:
        off = int(channel.removeprefix("PJSIP/139").partition("@")[0]) % 3 == 0
        return Turn(Fate.UNREACHABLE, ring_s=1) if off else Turn(Fate.ANSWERS, ring_s=3, talk_s=20)

    s = scene(turn, [row(n) for n in range(1, CUSTOMERS + 1)], conf=CONFIG)
    s.day.plan(at(8, 40), lambda day: day.die("before-commit"))  # what it knew of them is forgotten
    s.day.plan(at(8, 41), lambda day: day.revive())
    await s.day.run(at(18, 30))
    assert s.broken() == []
    kinds = [notice.kind for notice in s.store.notices.values()]
    assert kinds == [NoticeKind.UNREACHED] * (CUSTOMERS // 3)


def called(room: Room) -> int:
    """The customer who is being called."""
    (customer,) = room.calls()
    return int(customer[1:])


def paused(room: Room) -> BreakerState:
    return room.state.trunks["trunk"].breaker.state


def test_the_probe_is_a_customer_who_is_not_charged_for_it() -> None:
    """One test call, to somebody who had to be called anyway: it counts only if it gets through, or says otherwise."""
    room = Room(*[row(n) for n in range(1, 31)], conf=CONFIG)
    for n in range(1, REFUSALS + 1):
        room.miss(n, sip=480, cause=19)
    assert (paused(room), list(room.state.alarms), room.calls()) == (BreakerState.OPEN, ["trunk:trunk"], [])
    assert [room.visit(n).counted for n in (REFUSALS - 1, REFUSALS)] == [1, 0]
    room.wait(30)
    probe = room.live(REFUSALS + 1)
    room.miss(REFUSALS + 1, sip=480, cause=19)
    assert (probe.disposition, probe.counts) == (Disposition.OUR_FAULT, False)
    assert probe.source == UNBELIEVED + Disposition.UNREACHABLE
    room.wait(59.9)
    assert room.calls() == []
    room.wait(0.1)
    room.progress(called(room), CallProgress.RINGING)
    assert (paused(room), room.state.alarms) == (BreakerState.CLOSED, {})


def test_a_phone_that_rings_between_shows_that_the_trunk_tells_them_apart() -> None:
    """However many are off, busy or decline: somebody is always at home."""
    room = Room(*[row(n) for n in range(1, 61)], conf=CONFIG)
    for n in range(1, 51):
        room.miss(n, sip=(480, 486, 603)[n % 3], cause=19, rang=n % REFUSALS == 0)
    assert (paused(room), room.state.alarms) == (BreakerState.CLOSED, {})
    assert all(room.visit(n).counted == 1 for n in range(1, 51))


def test_failures_and_refusals_add_up() -> None:
    """A trunk that is dying says now this, now that."""
    room = Room(*[row(n) for n in range(1, 31)], conf=CONFIG)
    for n in range(1, REFUSALS):
        room.miss(n, sip=503 if n % 3 == 0 else 480, cause=19)
    assert paused(room) is BreakerState.CLOSED
    room.miss(REFUSALS, sip=480, cause=19)
    assert paused(room) is BreakerState.OPEN


def test_nobody_is_given_up_on_the_word_of_a_trunk_that_has_said_nothing_else() -> None:
    """Before the row is long enough to pause it; once somebody's phone rings it is believed again."""
    room = Room(*[row(n) for n in range(1, 6)], conf=CONFIG)
    for _ in range(4):
        for _ in range(5):
            room.miss(called(room), sip=480, cause=19, rang=True)
        room.wait(minutes=5)
    for n in range(1, 4):
        room.miss(n, sip=480, cause=19)
        assert room.visit(n).state is VisitState.UNREACHED
    room.miss(4, sip=480, cause=19)
    assert (room.visit(4).state, room.visit(4).counted) == (VisitState.WAITING, 4)
    room.progress(5, CallProgress.RINGING)
    room.miss(5, sip=480, cause=19)
    room.wait(minutes=5)
    room.miss(4, sip=480, cause=19)
    assert room.visit(4).state is VisitState.UNREACHED


def test_the_alarm_stays_while_any_kind_of_number_is_held() -> None:
    """Mobiles and landlines fail; a landline that rings says nothing of the mobiles, nor opens the trunk for them."""
    numbers = [f"139{n:08}" for n in range(1, 7)] + [f"0470{n:07}" for n in range(7, 14)]
    room = Room(*[row(n, number=number) for n, number in enumerate(numbers, 1)], conf=CONFIG)
    for n in range(1, 6):
        room.fail(n)
    assert room.calls() == ["C0007"]  # nobody waits behind the mobiles
    for n in range(7, 12):
        room.fail(n)
    assert (room.calls(), list(room.state.alarms)) == ([], ["trunk:trunk"])
    room.wait(30)
    assert room.calls() == ["C0006"]
    room.fail(6)
    assert room.calls() == ["C0012"]
    room.progress(12, CallProgress.RINGING)
    assert (paused(room), list(room.state.alarms)) == (BreakerState.OPEN, ["trunk:trunk"])
    room.miss(12, sip=480)
    room.talk(13)
    room.ready()
    room.wait(minutes=5)
    room.progress(called(room), CallProgress.RINGING)
    assert (paused(room), room.state.alarms) == (BreakerState.CLOSED, {})
