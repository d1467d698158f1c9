"""A trunk that says of everybody that the number does not exist is not believed, and nobody is told of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dialer.campaign.changes import NoticeKind
from dialer.campaign.messages import CallProgress, CorrectNumber
from dialer.campaign.model.evidence import Disposition
from dialer.campaign.model.trunk import TrunkConfig
from dialer.campaign.model.visit import VisitState
from dialer.campaign.rules.breaker import BreakerState
from tests.campaign.days import MONDAY, at, config, row, scene
from tests.campaign.stepping import Room
from tests.virtual.fates import Fate, Turn

TWO = (TrunkConfig("a", "PJSIP/{number}@a"), TrunkConfig("b", "PJSIP/{number}@b"))
WAITING, WRONG = VisitState.WAITING, VisitState.INVALID_NUMBER


def deny(room: Room, n: int) -> None:
    """The carrier says that customer ``n`` has no such number, and the next one is called."""
    room.miss(n, sip=404, cause=1)
    room.wait(0.2)


@pytest.mark.parametrize(("sip", "rang"), [(480, True), (486, False), (480, False), (603, False)])
def test_it_is_believed_once_its_trunk_says_something_else(sip: int, rang: bool) -> None:
    """Of whomever, and whether or not a phone rings: then at once, with one notice."""
    room = Room(row(1), row(2))
    deny(room, 1)
    assert (room.visit(1).state, room.notices(NoticeKind.INVALID_NUMBER)) == (WAITING, [])
    room.miss(2, sip=sip, cause=19, rang=rang)
    assert (room.visit(1).state, len(room.notices(NoticeKind.INVALID_NUMBER))) == (WRONG, 1)
    room.wait(minutes=30)
    assert room.visit(1).attempts == 1


def test_it_is_not_believed_of_a_trunk_that_fails_otherwise() -> None:
    """503 tells no numbers apart."""
    room = Room(row(1), row(2))
    deny(room, 1)
    room.fail(2)
    assert room.visit(1).state is WAITING


def test_who_is_denied_again_later_has_a_wrong_number() -> None:
    """The last on the list, when nobody is left over whom the trunk could say something else."""
    room = Room(row(1), row(2))
    room.talk(1)
    room.ready()
    room.wait(1)
    deny(room, 2)
    assert (room.visit(2).state, room.calls()) == (WAITING, [])
    room.wait(minutes=5)
    deny(room, 2)
    assert (room.visit(2).state, len(room.notices(NoticeKind.INVALID_NUMBER))) == (WRONG, 1)


def test_but_not_by_a_trunk_that_has_said_nothing_else_for_long() -> None:
    """It may lie by now."""
    room = Room(row(1), row(2))
    room.talk(1)
    room.pause()
    room.wait(minutes=61)
    room.ready()
    room.wait(1)
    deny(room, 2)
    room.wait(minutes=5)
    deny(room, 2)
    assert room.visit(2).state is WAITING


def test_a_trunk_that_says_so_of_everybody_is_paused_and_nobody_is_told() -> None:
    """The alarm comes before any notice."""
    room = Room(*[row(n) for n in range(1, 31)])
    for n in range(1, 6):
        deny(room, n)
    assert room.state.trunks["trunk"].breaker.state is BreakerState.OPEN
    assert list(room.state.alarms) == ["trunk:trunk"]
    for _ in range(4):
        room.wait(minutes=11)
        deny(room, int(room.calls()[0][1:]))
    assert room.notices(NoticeKind.INVALID_NUMBER) == []
    assert {room.visit(n).state for n in range(1, 31)} == {WAITING}


def test_the_next_trunk_is_asked() -> None:
    """It may know the number."""
    room = Room(row(1), conf=config(trunks=TWO))
    deny(room, 1)
    room.wait(minutes=5)
    assert room.live(1).trunk == "b"
    room.progress(1, CallProgress.RINGING)
    assert room.visit(1).state is VisitState.CALLING


def test_a_number_that_was_corrected_meanwhile_is_not_the_one_that_was_denied() -> None:
    """Nor is a visit that was called again since."""
    room = Room(row(1), row(2))
    deny(room, 1)
    room.ask(CorrectNumber(by="t", day=MONDAY, customer="C0001", number="13900000099"))
    room.miss(2, rang=True)
    assert room.visit(1).state is not WRONG


def test_a_call_that_rang_is_denied_by_its_own_line() -> None:
    """404 after 180: the trunk got as far as that number."""
    room = Room(row(1))
    room.miss(1, sip=404, cause=1, rang=True)
    assert room.visit(1).state is WRONG


def test_a_trunk_that_is_no_longer_set_is_believed() -> None:
    """There is nobody who could say something else."""
    room = Room(row(1))
    call = room.live()
    room.config = config(trunks=())
    room.restart()
    room.link((call, CallProgress.DIALLED))
    room.miss(1, sip=404, cause=1)
    assert room.visit(1).state is WRONG


def test_a_carrier_that_means_something_else_by_a_code_is_set_right_in_the_settings() -> None:
    """One that says 404 of phones that are switched off: they are called again, and count."""
    room = Room(
        row(1),
        conf=config(trunks=[TrunkConfig("t", "PJSIP/{number}@t", dispositions={"404": Disposition.UNREACHABLE})]),
    )
    call = room.miss(1, sip=404, cause=1)
    assert (call.disposition, call.counts, call.source) == (Disposition.UNREACHABLE, True, "settings of the trunk: 404")


@pytest.mark.parametrize("others", [0, 1])
async def test_a_day_on_which_a_trunk_denies_everybody(others: int) -> None:
    """Before: 40 of 40 customers had a wrong number, with 40 notices, and the other trunk was never tried."""

    def turn(channel: str, _nth: int) -> Turn:
        return Turn(Fate.UNALLOCATED, ring_s=0.3) if channel.endswith("@a") else Turn(Fate.ANSWERS, talk_s=30)

    s = scene(turn, [row(n) for n in range(1, 41)], conf=config(trunks=TWO[: 1 + others]))
    await s.day.run(at(18, 30))
    assert s.broken() == []
    kinds = [notice.kind for notice in s.store.notices.values()]
    assert NoticeKind.INVALID_NUMBER not in kinds
    assert kinds.count(NoticeKind.ALARM) == 1
    states = {visit.state for visit in s.store.visits.values()}
    assert states == ({VisitState.REACHED} if others else {VisitState.OUT_OF_TIME})
    if others:
        assert max(a.placed_at for a in s.store.attempts.values()) - at(8) < timedelta(hours=1)
