"""Which trunk a call goes over, and when none: a carrier's trouble with one customer is not everybody's."""

from __future__ import annotations

import random
from datetime import timedelta
from itertools import pairwise

import pytest

from dialer.campaign.changes import NoticeKind
from dialer.campaign.messages import CallProgress
from dialer.campaign.model.evidence import Disposition
from dialer.campaign.model.trunk import TrunkConfig
from dialer.campaign.model.visit import VisitState
from dialer.campaign.rules.breaker import BreakerState
from tests.campaign.days import Scene, at, config, row, scene
from tests.campaign.stepping import Room
from tests.virtual.fates import Fate, Turn, World

TWO = (TrunkConfig("a", "PJSIP/{number}@a"), TrunkConfig("b", "PJSIP/{number}@b"))


def test_a_trunk_takes_only_so_many_calls() -> None:
    """A limit on channels."""
    rows = [row(n, agent=f"{n:03}") for n in range(1, 4)]
    room = Room(*rows, agents=3, conf=config(trunks=[TrunkConfig("t", "PJSIP/{number}@t", channels=2)]))
    room.wait(5)
    assert len(room.calls()) == 2
    room.miss(1)
    room.wait(1)
    assert room.calls() == ["C0002", "C0003"]


def test_the_second_trunk_takes_what_the_first_cannot() -> None:
    """Full, or paused."""
    trunks = [TrunkConfig("a", "PJSIP/{number}@a", channels=1), TrunkConfig("b", "PJSIP/{number}@b")]
    rows = [row(n, agent=f"{n:03}") for n in range(1, 3)]
    room = Room(*rows, agents=2, conf=config(trunks=trunks))
    room.wait(1)
    assert [room.live(1).trunk, room.live(2).trunk] == ["a", "b"]


def test_a_route_that_answers_by_itself_is_no_customer_and_no_secret() -> None:
    """An announcement behind a Local channel: nobody is reached, nothing is counted, and an alarm tells of it once."""
    room = Room(*[row(n) for n in range(1, 9)])
    for n in (1, 2):
        call = room.live(n)
        room.progress(call, CallProgress.RINGING)
        room.progress(call, CallProgress.INTERCEPTED)
        room.progress(call, CallProgress.RESPONDED)
        room.progress(call, CallProgress.HUNG_UP, cause=16)
        assert (call.disposition, call.counts, call.answered_at) == (Disposition.OUR_FAULT, False, None)
        room.wait(1)
    assert list(room.state.alarms) == ["route:trunk"]
    assert len(room.notices(NoticeKind.ALARM)) <= 1
    room.progress(room.live(3), CallProgress.ANSWERED)
    assert list(room.state.alarms) == []


def breaker_of(room: Room, trunk: str = "trunk") -> BreakerState:
    return room.state.trunks[trunk].breaker.state


def failing(room: Room, first: int, last: int) -> None:
    """The calls to these customers fail on our own side, one after the other."""
    for n in range(first, last + 1):
        room.fail(n)
        room.wait(0.1)


def test_a_dead_trunk_is_paused_probed_and_taken_back() -> None:
    """DESIGN.md: "several failures of our own side in a row pause it, raise an alarm and probe before going on"."""
    room = Room(*[row(n) for n in range(1, 31)])
    failing(room, 1, 4)
    assert breaker_of(room) is BreakerState.CLOSED
    failing(room, 5, 5)
    assert breaker_of(room) is BreakerState.OPEN
    assert list(room.state.alarms) == ["trunk:trunk"]
    assert len(room.notices(NoticeKind.ALARM)) == 1
    room.wait(29.8)
    assert room.calls() == []
    room.wait(0.2)
    assert room.calls() == ["C0006"]
    assert breaker_of(room) is BreakerState.PROBING
    room.fail(6)
    room.wait(59.9)
    assert room.calls() == []
    room.wait(0.1)
    room.miss(7, rang=True)
    assert breaker_of(room) is BreakerState.CLOSED
    assert room.state.alarms == {}
    room.wait(1)
    assert room.calls() == ["C0008"]
    assert all(room.visit(n).counted == 0 for n in range(1, 7))


def test_a_paused_trunk_is_probed_in_time_though_another_wake_up_came_between() -> None:
    """The end of the pause is not forgotten for a slot of calls per second."""
    rows = [row(n, agent=f"{n % 6 + 1:03}") for n in range(1, 31)]
    room = Room(*rows, agents=6)
    room.wait(2)
    for customer in list(room.calls()):
        room.fail(int(customer[1:]))
    room.wait(1)
    for customer in list(room.calls()):
        room.fail(int(customer[1:]))
    assert room.state.trunks["trunk"].breaker.state is BreakerState.OPEN
    assert room.wait(40) != []
    assert len(room.calls()) == 1


def test_a_probe_that_says_nothing_is_taken_again() -> None:
    """A call that we cancelled, or of which nobody knows, is no proof either way."""
    room = Room(*[row(n) for n in range(1, 9)])
    failing(room, 1, 5)
    room.wait(30)
    room.progress(6, CallProgress.UNSENT)
    room.wait(1)
    assert room.calls() == ["C0007"]
    assert room.state.trunks["trunk"].breaker.probe == room.live(7).id


def test_one_dead_trunk_does_not_stop_the_other() -> None:
    """Two trunks, the first of them dead: at most the probes are lost on it."""
    room = Room(*[row(n) for n in range(1, 31)], conf=config(trunks=TWO))
    failing(room, 1, 5)
    room.wait(1)
    assert room.live(6).trunk == "b"
    room.miss(6)
    assert room.state.trunks["a"].breaker.state is BreakerState.OPEN
    room.wait(30)
    room.miss(7)
    room.wait(1)
    assert room.live(8).trunk == "a"


def test_a_carrier_that_takes_few_calls_a_second_is_told_of_once() -> None:
    """It refuses a burst with 503, and the next call rings: the trunk pauses each time, the alarm comes once."""
    room = Room(*[row(n) for n in range(1, 31)])
    for burst in range(3):
        failing(room, 6 * burst + 1, 6 * burst + 5)
        assert breaker_of(room) is BreakerState.OPEN
        room.wait(30)
        room.miss(6 * burst + 6, rang=True)
        room.wait(0.1)
    assert len(room.notices(NoticeKind.ALARM)) == 1


@pytest.mark.parametrize("how", ["open", "full"])
def test_waiting_for_a_trunk_costs_no_turn(how: str) -> None:
    """No wake-up in the past is left behind: the loop does not spin."""
    room = Room(*[row(n) for n in range(1, 9)])
    if how == "open":
        failing(room, 1, 5)
    else:
        room.state.trunks["trunk"].in_use = 30
    room.do()
    due = room.state.timers.next_time()
    assert due is None or due > room.now


# -- one customer's trouble ------------------------------------------------------------------------

CUSTOMERS = 300
CAPPED = frozenset(random.Random(1).sample(range(1, CUSTOMERS + 1), 100))


def capping(fate: Fate) -> World:
    """A carrier that refuses every call to some, each for itself; everybody else answers."""

    def turn(channel: str, _nth: int) -> Turn:
        number = int(channel.removeprefix("PJSIP/139").partition("@")[0])
        return Turn(fate, ring_s=0.5) if number in CAPPED else Turn(Fate.ANSWERS, ring_s=8, talk_s=120)

    return turn


def paused(s: Scene) -> timedelta:
    """How long the trunk was."""
    marks = [e for e in s.store.history if e.what in ("trunk.paused", "trunk.resumed")]
    ends = [*(mark.at for mark in marks), s.day.clock.now()]
    spans = zip(marks, pairwise(ends), strict=True)
    return sum((end - start for mark, (start, end) in spans if mark.what == "trunk.paused"), timedelta(0))


@pytest.mark.usefixtures("untraced")
@pytest.mark.parametrize("fate", [Fate.FORBIDDEN, Fate.CONGESTED])
async def test_a_carriers_cap_on_some_customers_costs_the_others_nothing(fate: Fate) -> None:
    """A hundred of three hundred are refused; before, their redials paused the trunk for seven hours of nine."""
    s = scene(capping(fate), [row(n) for n in range(1, CUSTOMERS + 1)])
    await s.day.run(at(18, 30))
    assert s.broken() == []
    reached = {visit.customer for visit in s.store.visits.values() if visit.state is VisitState.REACHED}
    assert reached == {f"C{n:04}" for n in range(1, CUSTOMERS + 1) if n not in CAPPED}
    assert paused(s) < timedelta(minutes=10)


def test_a_ring_is_a_success_at_once() -> None:
    """Not only when the conversation is over: a trunk that failed four others meanwhile works."""
    room = Room(*[row(n, agent=f"{(n == 1) + 1:03}") for n in range(1, 12)], agents=2)
    room.wait(1)
    failing(room, 2, 5)
    call = room.progress(1, CallProgress.RINGING)
    failing(room, 6, 9)
    assert breaker_of(room) is BreakerState.CLOSED
    room.hang_up(call)
    failing(room, 10, 10)
    assert breaker_of(room) is BreakerState.OPEN


def test_a_probe_that_rings_opens_the_trunk_for_all() -> None:
    """Nobody waits until it is answered or over."""
    room = Room(*[row(n, agent=f"{(n > 6) + 1:03}") for n in range(1, 9)], agents=2, ready=False)
    room.ready("001")
    room.do()
    failing(room, 1, 5)
    room.wait(30)
    room.ready("002")
    room.do()
    assert room.calls() == ["C0006"]
    room.progress(6, CallProgress.RINGING)
    assert room.state.alarms == {}
    assert room.calls() == ["C0006", "C0007"]


@pytest.mark.parametrize("sip", [404, 480, 603])
def test_what_the_carrier_alone_says_closes_no_breaker(sip: int) -> None:
    """No such number, absent, declined without a ring: a trunk that says so of everybody proves nothing by it."""
    room = Room(*[row(n) for n in range(1, 9)])
    failing(room, 1, 5)
    room.wait(30)
    room.miss(6, sip=sip, cause=19)
    assert breaker_of(room) is not BreakerState.CLOSED
    assert list(room.state.alarms) == ["trunk:trunk"]


def test_a_ring_that_ends_in_a_failure_has_still_rung() -> None:
    """503 after 180 is that call's own trouble."""
    room = Room(*[row(n) for n in range(1, 12)])
    failing(room, 1, 4)
    room.miss(5, sip=503, cause=34, rang=True)
    assert not room.state.trunks["trunk"].breaker.fails(room.visit(5).number)
    room.wait(1)
    failing(room, 6, 9)
    assert breaker_of(room) is BreakerState.CLOSED


def test_a_probe_takes_a_customer_who_has_not_failed_before() -> None:
    """Redials come first, but to a capped number they would tell nothing."""
    room = Room(*[row(n) for n in range(1, 31)])
    room.fail(1)
    room.wait(0.1)
    room.miss(2, rang=True)
    room.wait(0.1)
    failing(room, 3, 7)
    assert breaker_of(room) is BreakerState.OPEN
    room.pause()
    room.wait(minutes=6)
    room.ready()
    assert room.calls() == ["C0002"]  # the first redial is customer 1, who failed
    room.fail(2)
    room.wait(60)
    assert room.calls() == ["C0008"]


def test_without_such_a_customer_any_is_a_probe() -> None:
    """Else the trunk would never be used again."""
    room = Room(*[row(n) for n in range(1, 6)])
    failing(room, 1, 5)
    assert breaker_of(room) is BreakerState.OPEN
    room.wait(minutes=5)
    assert room.calls() == ["C0001"]


def test_a_number_that_fails_on_one_trunk_is_tried_on_the_other() -> None:
    """A cap is one carrier's."""
    room = Room(row(1), conf=config(trunks=TWO))
    assert room.live().trunk == "a"
    room.fail()
    room.wait(minutes=5)
    assert room.live().trunk == "b"
    room.fail()
    room.wait(minutes=10)
    assert room.live().trunk == "a"


# -- what never left the PBX -----------------------------------------------------------------------


def test_a_trunk_that_the_pbx_does_not_know_costs_nobody_the_gap() -> None:
    """Nothing left the PBX, so nobody's phone rang: the next trunk is tried at once."""
    room = Room(row(1), conf=config(trunks=TWO))
    first = room.live()
    room.progress(first, CallProgress.RESPONDED, reason=0)
    room.progress(first, CallProgress.REFUSED)
    assert room.wait(0.2) != []
    assert (room.live().trunk, first.counts, room.live().seq) == ("b", False, 2)


def test_without_another_trunk_it_is_tried_again_after_the_gap() -> None:
    """The same trunk would do the same; others may use the number meanwhile."""
    room = Room(row(1), row(2, number="13900000001"))
    room.progress(1, CallProgress.REFUSED)
    room.wait(0.2)
    assert room.calls() == ["C0002"]
    room.miss(2)
    room.wait(minutes=5)
    assert room.calls() == ["C0001"]


def test_when_every_trunk_has_refused_it_waits() -> None:
    """Each is asked once, then the gap is kept: nobody goes round in circles."""
    room = Room(row(1), conf=config(trunks=TWO))
    for _ in TWO:
        room.progress(1, CallProgress.REFUSED)
        room.wait(0.2)
    assert room.calls() == []
    assert room.wait(minutes=10) != []


async def test_an_unknown_first_trunk_delays_nobody() -> None:
    """A whole day on a PBX that knows only the second: everybody is reached as if there were no other."""

    def turn(channel: str, _nth: int) -> Turn:
        return Turn(Fate.NO_TRUNK) if channel.endswith("@a") else Turn(Fate.ANSWERS, ring_s=5, talk_s=20)

    s = scene(turn, [row(n) for n in range(1, 31)], conf=config(trunks=TWO))
    await s.day.run(at(18, 30))
    assert s.broken() == []
    firsts = [s.store.attempts[record.attempt] for record in s.pbx.records]
    assert [attempt.customer for attempt in firsts] == [f"C{n:04}" for n in range(1, 31)]
    assert max(attempt.placed_at for attempt in firsts) < at(8, 25)


def five_failures() -> Room:
    """The trunk is paused, and the alarm told."""
    room = Room(*[row(n) for n in range(1, 9)])
    for n in range(1, 6):
        room.fail(n)
        room.wait(0.1)
    assert "trunk:trunk" in room.state.alarms
    return room


def test_the_alarm_of_a_trunk_that_works_again_after_a_restart_is_over() -> None:
    """The pause is forgotten by the restart, the alarm is not: whoever was told of it is told."""
    room = five_failures()
    room.restart()
    room.link()
    room.progress(int(room.calls()[0][1:]), CallProgress.RINGING)
    assert "trunk:trunk" not in room.state.alarms
    assert len(room.notices(NoticeKind.ALARM_OVER)) == 1


def test_the_alarm_of_a_trunk_that_is_no_longer_set_is_over() -> None:
    """Another name in the settings may be the very remedy; no call can show any more that the old one works."""
    room = five_failures()
    room.config = config(trunks=TWO)
    room.restart()
    room.link()
    assert room.state.alarms == {}
    assert len(room.notices(NoticeKind.ALARM_OVER)) == 1


def test_a_call_of_a_trunk_that_is_no_longer_set_goes_on() -> None:
    """The settings changed while it was up."""
    room = Room(row(1))
    call = room.live()
    room.config = config(trunks=())
    room.restart()
    room.link((call, CallProgress.RINGING))
    assert room.live().evidence.ringing
