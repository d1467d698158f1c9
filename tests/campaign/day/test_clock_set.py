"""Somebody sets the clock of the machine: gaps stay five real minutes, and what the wall clock names stays named."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dialer.campaign.changes import NoticeKind
from dialer.campaign.clock_watch import CLOCK_MARK, CLOCK_SETS, ClockWatch, present, recent
from dialer.campaign.messages import CallEvent, CallProgress, ClockSet, EnterManualCall, LinkRestored, Promise
from dialer.campaign.model.evidence import Disposition
from dialer.campaign.model.visit import VisitState
from dialer.campaign.rules.breaker import BreakerState
from dialer.campaign.views.wording import alarm
from tests.campaign.days import at, config, row
from tests.campaign.stepping import Room
from tests.campaign.surroundings import LoggedStore, agent, house, listing, ready

HOUR = timedelta(hours=1)
GAP = timedelta(minutes=5)
BOTH = pytest.mark.parametrize("by", [HOUR, -HOUR], ids=["ahead", "back"])


def set_clock(room: Room, by: timedelta) -> None:
    """The clock shows another time from one moment to the next."""
    room.now += by
    room.do(ClockSet(by))


def calls_after(room: Room, minutes: int, customer: str) -> None:
    """``customer`` is called when so many minutes are over, and nobody before."""
    room.wait(minutes=minutes - 1, seconds=59)
    assert not room.calls()
    room.wait(seconds=1)
    assert room.calls() == [customer]


@BOTH
def test_a_gap_is_five_minutes_whatever_the_clock_does(by: timedelta) -> None:
    """Invariant 2: not a second earlier, and not an hour later."""
    room = Room(row(1), now=at(9, 30))
    room.miss()
    room.wait(minutes=1)
    set_clock(room, by)
    calls_after(room, 4, "C0001")


@BOTH
def test_a_gap_of_a_shared_number_is_kept_as_well(by: timedelta) -> None:
    """The other customer's visit waits for the number, not for a time of its own."""
    room = Room(row(1, number="13900000001"), row(2, number="13900000001"), now=at(9, 30))
    room.talk()
    room.ready()
    room.wait(minutes=1)
    set_clock(room, by)
    calls_after(room, 4, "C0002")


@BOTH
def test_a_restart_keeps_the_gap_too(by: timedelta) -> None:
    """The end of the call is in the books by the clock of then."""
    room = Room(row(1, number="13900000001"), row(2, number="13900000001"), now=at(9, 30))
    room.talk()
    room.ready()
    room.wait(minutes=1)
    set_clock(room, by)
    room.wait(minutes=1)
    room.restart()
    room.do(LinkRestored(room.now, ()))
    calls_after(room, 3, "C0002")


@BOTH
def test_a_restart_keeps_the_gap_after_a_call_by_hand(by: timedelta) -> None:
    """Found by a soak: read by a clock that was set back since, it seemed to lie ahead, and to have ended just now."""
    room = Room(row(1), ready=False, now=at(9, 30))
    number = room.visit().number
    room.ask(EnterManualCall(by="test", visit=room.visit().id, who="001", at=room.now))
    room.wait(minutes=1)
    set_clock(room, by)
    free_at = room.state.free_at(number)
    room.wait(minutes=1)
    room.restart()
    assert room.state.free_at(number) == free_at


def test_the_last_end_is_not_the_one_with_the_latest_time() -> None:
    """Found by a soak: a call in an hour that was taken back hid, after a restart, a later one to the same number."""
    room = Room(row(1, number="13900000001"), row(2, number="13900000001"), now=at(9, 30))
    set_clock(room, HOUR)
    room.miss(1)
    room.wait(seconds=1)
    set_clock(room, -HOUR)
    room.wait(minutes=6)
    assert room.calls() == ["C0002"]
    room.miss(2)
    room.wait(seconds=1)
    room.restart()
    room.do(LinkRestored(room.now, ()))
    room.wait(minutes=4, seconds=58)
    assert not room.calls()
    room.wait(seconds=1)
    assert room.calls() == ["C0001"]


def test_a_clock_that_is_set_right_again_does_not_forget_that_it_was_wrong() -> None:
    """Found by a soak: after a restart an end of before looked like one that is still to come, and held its number."""
    room = Room(row(1, number="13900000001"), row(2, number="13900000001"), now=at(9, 30))
    room.talk()
    set_clock(room, -HOUR)
    room.wait(minutes=6)
    set_clock(room, HOUR)
    room.wait(seconds=1)
    room.restart()
    room.do(LinkRestored(room.now, ()))
    room.ready()
    assert room.calls() == ["C0002"]


def test_an_end_in_an_hour_that_was_taken_back_holds_nobody_up() -> None:
    """Found by a soak: a call that is up has its times moved, to a moment that no clock has shown; then a restart."""
    room = Room(row(1), now=at(9, 30))
    call = room.progress(1, CallProgress.RINGING)
    room.wait(seconds=5)
    set_clock(room, HOUR)
    room.wait(seconds=1)
    by_the_pbx = room.now - HOUR
    room.do(CallEvent(call.id, CallProgress.RESPONDED, by_the_pbx, reason=0))
    room.do(CallEvent(call.id, CallProgress.HUNG_UP, by_the_pbx, cause=17, sip=486))
    room.wait(seconds=5)
    set_clock(room, -HOUR)
    room.wait(seconds=5)
    room.restart()
    room.do(LinkRestored(room.now, ()))
    room.wait(minutes=4)
    assert not room.calls()
    room.wait(minutes=5)
    assert room.calls() == ["C0001"]


@BOTH
def test_a_call_from_before_is_adopted_by_the_present_clock(by: timedelta) -> None:
    """After a restart nobody takes a call that rings since a few seconds for one of an hour ago."""
    room = Room(row(1), now=at(9, 30))
    call = room.progress(1, CallProgress.RINGING)
    room.wait(seconds=5)
    set_clock(room, by)
    room.restart()
    assert room.live().placed_at == room.now - timedelta(seconds=5)
    room.link((call, CallProgress.RINGING))
    assert not room.wait(seconds=30)


def test_an_hour_back_does_not_hold_up_the_next_call() -> None:
    """The spacing of Originates is seconds, not an hour."""
    room = Room(row(1), row(2), now=at(9, 30))
    room.talk()
    set_clock(room, -HOUR)
    room.ready()
    assert room.calls() == ["C0002"]


def test_a_phone_that_rings_rings_on() -> None:
    """The watch over a call that should be over by now is not early by an hour, and its times fit each other."""
    room = Room(row(1))
    room.wait(seconds=1)
    call = room.connect()
    placed, talking = call.placed_at, call.connected_at
    assert talking is not None
    set_clock(room, HOUR)
    assert (call.placed_at, call.connected_at) == (placed + HOUR, talking + HOUR)
    assert room.store.attempts[call.id].placed_at == placed
    assert room.agent().since == talking + HOUR
    room.hang_up(call)
    ended = room.store.attempts[call.id]
    assert ended.placed_at <= (ended.ended_at or placed)


def test_nobody_hangs_up_on_a_ringing_phone() -> None:
    """Invariant of the count: a call that we cut short would be counted against the customer."""
    room = Room(row(1))
    room.progress(1, CallProgress.RINGING)
    room.wait(seconds=5)
    set_clock(room, HOUR)
    assert room.intents == []
    room.wait(seconds=5)
    assert room.miss().disposition is Disposition.BUSY


def test_a_promised_time_is_kept_by_the_wall_clock() -> None:
    """The customer named ten o'clock, and means theirs."""
    room = Room(row(1), ready=False)
    room.ask(Promise(by="test", visit=room.visit().id, at=at(10)))
    set_clock(room, HOUR)
    assert room.visit().due == at(10)
    room.ready()
    room.wait_until(at(9, 59, 59))
    assert not room.calls()
    room.wait(seconds=1)
    assert room.calls() == ["C0001"]


def test_a_promise_within_the_gap_waits_for_both() -> None:
    """Neither before the time that was named, nor within the gap after the last call."""
    room = Room(row(1))
    room.miss()
    room.ask(Promise(by="test", visit=room.visit().id, at=at(8, 3)))
    set_clock(room, timedelta(minutes=-2))
    room.wait_until(at(8, 2))
    set_clock(room, timedelta(minutes=-1))
    room.wait_until(at(8, 2, 59))
    assert not room.calls()
    room.wait(seconds=1)
    assert room.calls() == ["C0001"]


def test_pauses_and_wrap_ups_last_as_long_as_ever() -> None:
    """A paused trunk is probed after its pause, an agent gets ready after the set wrap-up."""
    room = Room(row(1), conf=config(wrap_up=timedelta(seconds=20)))
    room.talk()
    trunk = room.state.trunks["trunk"].breaker
    trunk.state, trunk.until = BreakerState.OPEN, room.now + timedelta(seconds=30)
    set_clock(room, -HOUR)
    assert trunk.until == room.now + timedelta(seconds=30)
    room.wait(seconds=19)
    assert room.agent().wrap_until is not None
    room.wait(seconds=1)
    assert room.agent().wrap_until is None


def test_hours_follow_the_wall_clock_at_once() -> None:
    """Ahead past the end of the day: whoever still waits is reported, for that is what the clock says."""
    room = Room(row(1), now=at(17, 30), ready=False)
    set_clock(room, HOUR)
    assert room.visit().state is VisitState.OUT_OF_TIME


def test_the_operator_is_told() -> None:
    """An alarm that is over as soon as it is told, in words."""
    room = Room()
    set_clock(room, HOUR)
    assert room.state.alarms == {}
    (notice,) = room.notices(NoticeKind.ALARM)
    assert "clock:+3600" in notice
    assert room.told("clock.set") == 1
    assert "3600" in alarm("clock:+3600", "", "zh")


def test_without_a_link_there_is_nothing_since_when() -> None:
    """A dialer that has never had a link."""
    room = Room(linked=False)
    set_clock(room, HOUR)
    assert room.state.link_since is None


def test_settings_of_the_clock_are_forgotten_when_they_matter_no_more() -> None:
    """After the gap nobody asks for ends from before; after an hour back, only when that hour has passed again."""
    room = Room()
    set_clock(room, HOUR)
    set_clock(room, -HOUR)
    flags = {CLOCK_SETS: room.store.flags[CLOCK_SETS]}
    assert [by for _, by in recent(flags, room.now, GAP)] == [HOUR, -HOUR]
    assert room.state.ends_since(room.now) == room.now - GAP - HOUR
    assert recent(flags, room.now + HOUR + GAP, GAP) == []


def test_a_clock_that_is_set_over_and_over_fills_no_books() -> None:
    """Only the last settings are remembered."""
    room = Room()
    for _ in range(50):
        set_clock(room, timedelta(seconds=1))
    assert len(room.store.flags[CLOCK_SETS].split()) == 20


def test_an_end_in_the_books_is_read_by_the_present_clock() -> None:
    """Where the clock has shown a time twice, the later reading keeps the gap."""
    ahead, back = [(at(9), HOUR)], [(at(8), -HOUR)]
    assert present(at(7, 59), ahead, at(9, 1)) == at(8, 59)
    assert present(at(9, 1), ahead, at(9, 1)) == at(9, 1)
    assert present(at(8, 59), back, at(8, 1)) == at(7, 59)
    assert present(at(7, 59), back, at(8, 1)) == at(6, 59)
    assert present(at(8), back, at(8, 1)) == at(8)


def test_a_clock_that_was_set_twice_is_read_era_by_era() -> None:
    """At ten back to nine, and ten minutes later right again."""
    steps = [(at(9), -HOUR), (at(10, 10), HOUR)]
    assert present(at(10, 11), steps, at(10, 12)) == at(10, 11)
    assert present(at(9, 4), steps, at(10, 12)) == at(10, 4)
    assert present(at(9, 58), steps, at(10, 12)) == at(9, 58)


def test_a_clock_that_runs_is_not_one_that_was_set() -> None:
    """Only a jump against the steady seconds is told, and only once; the first look has nothing to compare with."""
    seconds = iter([100.0, 160.0, 161.0, 162.0])
    watch = ClockWatch(lambda: next(seconds), "boot")
    first = watch.look(at(8))
    assert first is not None
    assert (first.by, first.mark[:5]) == (timedelta(0), "boot/")
    assert watch.look(at(8, 1)) is None
    found = watch.look(at(9, 1, 1))
    assert found is not None
    assert found.by == HOUR
    assert watch.look(at(9, 1, 2)) is None


def test_a_mark_is_good_for_one_run_of_the_machine() -> None:
    """The steady seconds of another run count from another moment."""
    marked = ClockWatch(lambda: 100.0, "boot").look(at(8))
    assert marked is not None
    for boot, by in (("boot", HOUR), ("another", timedelta(0))):
        watch = ClockWatch(lambda: 160.0, boot)
        watch.resume(marked.mark)
        found = watch.look(at(9, 1))
        assert found is not None
        assert found.by == by


def test_a_mark_is_only_written_down() -> None:
    """Nothing moves, and nobody is told, when nothing was set."""
    room = Room()
    room.do(ClockSet(timedelta(0), mark="boot/1.0"))
    assert room.store.flags[CLOCK_MARK] == "boot/1.0"
    assert room.told("clock.set") == 0


async def test_the_engine_notices_that_the_clock_was_set() -> None:
    """Whoever sets the machine's clock tells nobody: the next turn compares it with the steady one."""
    async with house(watch=ClockWatch(lambda: 0.0, "boot")) as h:
        await h.ask(agent(), listing(row(1)), ready())
        await h.until(lambda: h.pbx.placed)
        h.jump(h.clock.now() + HOUR)
        await h.until(lambda: any(entry.what == "clock.set" for entry in h.store.history))
        (live,) = h.engine.state.attempts.values()
        assert live.placed_at == h.store.attempts[live.id].placed_at + HOUR


async def test_a_clock_that_was_set_while_nobody_ran_is_noticed_at_the_start() -> None:
    """The mark is in the books: the end of the last call is read by the present clock, ahead by an hour or not."""
    store = LoggedStore([])
    async with house(store=store, watch=ClockWatch(lambda: 0.0, "boot")) as h:
        await h.ask(agent(), listing(row(1)), ready())
        await h.until(lambda: h.pbx.placed)
        h.engine.post(CallEvent(h.live, CallProgress.RESPONDED, h.clock.now(), reason=0))
        h.engine.post(CallEvent(h.live, CallProgress.HUNG_UP, h.clock.now(), cause=17, sip=486))
        await h.until(lambda: store.visits[1].ended_at)
    async with house(at(9, 1), store, watch=ClockWatch(lambda: 60.0, "boot")) as h:
        await h.until(lambda: store.visits[1].due == at(9, 5))
        assert h.engine.state.free_at(store.visits[1].number) == at(9, 5)
        assert not h.pbx.placed


def test_a_time_that_no_clock_has_shown_was_told_when_it_had_been_set() -> None:
    """The clock was set past it while nobody ran; then the PBX told of the call's end, by the clock of that moment."""
    assert present(at(9, 8), [(at(9, 17), HOUR)], at(9, 18)) == at(9, 8)
    steps = [(at(9, 17), HOUR), (at(8, 18), -HOUR), (at(9, 20), HOUR), (at(8, 21), -HOUR)]
    assert present(at(9, 8), steps, at(8, 43)) == at(8, 8)
