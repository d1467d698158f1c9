"""Why has this customer not been called? Each answer, and that it is true."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from dialer.campaign.dialling.strategy import dial
from dialer.campaign.messages import (
    CallProgress,
    LinkRestored,
    OwnerTold,
    PauseCampaign,
    Promise,
    ResumeCampaign,
    SetCalendarDay,
    Withdraw,
)
from dialer.campaign.model.agent import Presence
from dialer.campaign.model.attempt import AttemptState
from dialer.campaign.model.phone import PhoneState
from dialer.campaign.model.trunk import TrunkConfig
from dialer.campaign.model.visit import Result
from dialer.campaign.views.why import Why
from tests.campaign.days import MONDAY, at, config, row
from tests.campaign.stepping import Room, invalid, unreached

TUESDAY = MONDAY + timedelta(days=1)
SHARED = "13900000001"


def idle(room: Room) -> Room:
    """An agent is free; the rules are asked once more, and do not call customer 1."""
    room.state.wanting.update(room.state.agents)
    before = set(room.state.attempts)
    dial(room.state, room.now)
    assert all(room.state.attempts[a].customer != "C0001" for a in set(room.state.attempts) - before)
    return room


def not_on_list() -> Room:
    return Room(row(2))


def reached() -> Room:
    room = Room(row(1))
    room.result(room.talk(), Result.NOT_NEEDED)
    room.ready()
    return room


def withdrawn() -> Room:
    room = Room(row(1), ready=False)
    room.ask(Withdraw(by="test", visit=1, reason="ordered online"))
    room.ready()
    return room


def out_of_time() -> Room:
    room = Room(row(1), ready=False)
    room.wait_until(at(18))
    room.ready()
    return room


def transferred() -> Room:
    room = Room(row(1))
    room.progress(room.connect(), CallProgress.TRANSFERRED, text="8002")
    return room


def calling() -> Room:
    room = Room(row(1))
    room.progress(1, CallProgress.RINGING)
    return room


def other_day() -> Room:
    room = Room()
    room.open_day(TUESDAY)
    room.import_rows(row(1), day=TUESDAY)
    return room


def day_off() -> Room:
    room = Room(row(1), now=at(7))
    room.ask(SetCalendarDay(by="test", day=MONDAY, working=False, name="国庆节"))
    room.wait_until(at(9))
    return room


def not_open() -> Room:
    return Room(row(1), now=at(7))


def no_link() -> Room:
    room = Room(row(1), linked=False)
    room.cut()
    return room


def not_owner() -> Room:
    room = Room(row(1), ready=False)
    room.do(OwnerTold(room.now, ours=False, machine="production"))
    room.ready()
    return room


def paused() -> Room:
    room = Room(now=at(8))
    room.ask(PauseCampaign(by="leader", reason="fire drill"))
    room.import_rows(row(1))
    return room


def promised() -> Room:
    room = Room(row(1), ready=False)
    room.ask(Promise(by="test", visit=1, at=at(10)))
    room.ready()
    return room


def gap() -> Room:
    room = Room(row(1))
    room.miss()
    return room


def number_in_use() -> Room:
    room = Room(row(2, number=SHARED), row(1, agent="002", number=SHARED), agents=2, now=at(7, 59), ready=False)
    room.ready("001")
    room.wait(60)
    room.ready("002")
    return room


def number_gap() -> Room:
    room = number_in_use()
    room.talk(2)
    return room


def number_spent() -> Room:
    room = Room(row(9))
    for _ in range(5):
        room.miss(9)
        room.wait(minutes=6)
    room.import_rows(row(1, number=row(9).number))
    return room


def no_agent() -> Room:
    return Room(row(1, team="Z"))


def agent_away() -> Room:
    room = Room(row(1), ready=False)
    room.pause(reason="lunch")
    return room


def phone_away() -> Room:
    room = Room(row(1), linked=False)
    room.phones["PJSIP/001"] = PhoneState.AWAY
    room.link()
    return room


def trunks_down() -> Room:
    room = Room(*[row(n) for n in range(2, 7)])
    for n in range(2, 7):
        room.fail(n)
        room.wait(0.1)
    room.import_rows(*[row(n) for n in range(1, 7)])
    return room


def trunks_full() -> Room:
    trunk = TrunkConfig("t", "PJSIP/{number}@t", channels=1)
    return Room(row(2, agent="002"), row(1), agents=2, conf=config(trunks=[trunk]), ready=False)


CASES: list[tuple[Why, Callable[[], Room], dict[str, object]]] = [
    (Why.NOT_ON_LIST, not_on_list, {"customer": "C0001", "day": "2026-11-23"}),
    (Why.REACHED, reached, {"at": at(8, 1), "result": Result.NOT_NEEDED}),
    (Why.UNREACHED, unreached, {"counted": 5, "at": at(8, 20)}),
    (Why.NUMBER_SPENT, number_spent, {"customer": "C0009", "counted": 0}),
    (Why.INVALID_NUMBER, invalid, {"number": SHARED}),
    (Why.WITHDRAWN, withdrawn, {"reason": "ordered online"}),
    (Why.OUT_OF_TIME, out_of_time, {"attempts": 0}),
    (Why.CALLING, calling, {"agent": "001", "since": at(8), "state": AttemptState.RINGING}),
    (Why.TRANSFERRED, transferred, {"agent": "001", "to": "8002", "since": at(8)}),
    (Why.OTHER_DAY, other_day, {"day": "2026-11-24"}),
    (Why.DAY_OFF, day_off, {"note": "国庆节"}),
    (Why.NOT_OPEN, not_open, {"at": at(8)}),
    (Why.NO_LINK, no_link, {"since": at(8)}),
    (Why.NOT_OWNER, not_owner, {"machine": "production"}),
    (Why.PAUSED, paused, {"by": "leader: fire drill"}),
    (Why.PROMISED, promised, {"at": at(10)}),
    (Why.GAP, gap, {"until": at(8, 5), "last": "busy"}),
    (Why.NUMBER_IN_USE, number_in_use, {"customer": "C0002"}),
    (Why.NUMBER_GAP, number_gap, {"until": at(8, 6)}),
    (Why.NO_AGENT, no_agent, {"agent": None, "team": "Z"}),
    (
        Why.AGENT_AWAY,
        agent_away,
        {"agent": "001", "team": None, "presence": Presence.PAUSED, "reason": "lunch", "since": at(8)},
    ),
    (Why.PHONE, phone_away, {"agent": "001", "team": None, "phone": PhoneState.AWAY, "extension": "PJSIP/001"}),
    (Why.TRUNKS_DOWN, trunks_down, {"until": at(8, 0, 30) + timedelta(seconds=0.4)}),
]


@pytest.mark.parametrize(("why", "build", "params"), CASES, ids=[case[0] for case in CASES])
def test_each_reason_is_given_and_is_true(why: Why, build: Callable[[], Room], params: dict[str, object]) -> None:
    """DESIGN.md: the answer to "why has this customer not been called?"; dial() then does not call them either."""
    room = build()
    answer = room.why()
    assert (answer.why, answer.params) == (why, params)
    if why is not Why.NOT_ON_LIST:
        idle(room)


def test_every_reason_is_tested() -> None:
    """Those below are the rest; HELD is tested with the streaks."""
    assert set(Why) - {case[0] for case in CASES} == {Why.HELD, Why.TRUNKS_FULL, Why.IN_LINE, Why.NEXT, Why.BY_HAND}


def one_step_later(room: Room, when: datetime) -> None:
    room.wait_until(when - timedelta(seconds=0.1))
    assert room.calls() in ([], ["C0002"])
    room.wait(0.2)
    assert room.calls()[0] == "C0001"


@pytest.mark.parametrize("build", [not_open, promised, gap, number_gap, trunks_down], ids=lambda build: build.__name__)
def test_the_time_that_is_named_is_the_time_of_the_call(build: Callable[[], Room]) -> None:
    """Not earlier, and not later than the slot of calls per second."""
    room = build()
    if build is number_gap:
        room.sign_out("001")
    params = room.why().params
    until = params.get("until") or params["at"]
    assert isinstance(until, datetime)
    one_step_later(room, until)


def test_what_held_every_call_back_is_the_reason_until_it_is_gone() -> None:
    """Then the next reason, or the call."""
    room = no_link()
    room.do(LinkRestored(room.now, ()))
    assert room.why().why is Why.CALLING
    room = paused()
    room.ask(ResumeCampaign(by="leader"))
    assert room.why().why is Why.CALLING
    room = agent_away()
    room.ready()
    assert room.why().why is Why.CALLING
    room = number_in_use()
    room.ask(Withdraw(by="test", visit=room.visit(2).id, reason=""))
    assert room.why().why is Why.NUMBER_IN_USE


def test_trunks_full() -> None:
    """One channel, and another customer is on it."""
    room = trunks_full()
    room.ready("002")
    room.wait(1)
    room.ready("001")
    room.wait(1)
    assert room.why(1).why is Why.TRUNKS_FULL
    room.miss(2)
    room.wait(1)
    assert room.why(1).why is Why.CALLING


def test_a_trunk_that_is_probed_is_still_down() -> None:
    """One call finds out; its end is not known beforehand."""
    room = trunks_down()
    room.wait(31)
    assert room.calls() == ["C0001"]
    assert room.why(2).why is Why.GAP
    room.wait(minutes=5)
    room.state.agents["001"].presence = Presence.READY
    assert (room.why(2).why, room.why(2).params) == (Why.TRUNKS_DOWN, {"until": None})


def test_in_line_says_how_many_are_called_before() -> None:
    """In the lines that the agent serves: their own and their team's."""
    room = Room(
        row(1), row(2, team="A"), row(3), row(4), row(5, team="B"), row(6, team="B"), teams={"001": "A"}, agents=2
    )
    assert room.calls() == ["C0001"]
    assert [room.why(n).why for n in (2, 3, 4)] == [Why.NEXT, Why.IN_LINE, Why.IN_LINE]
    assert [room.why(n).params.get("ahead") for n in (3, 4)] == [1, 2]
    assert room.why(5).why is Why.NO_AGENT
    order = []
    while room.state.attempts:
        (customer,) = room.calls()
        order.append(customer)
        room.talk(int(customer[1:]))
        room.ready()
        room.wait(1)
    assert order == ["C0001", "C0002", "C0003", "C0004"]


def test_a_team_customer_is_next_for_whoever_comes_first() -> None:
    """One agent is absent, the other busy with an own customer: next for that one."""
    room = Room(row(1, agent="002"), row(2, team="A"), agents=2, teams={"001": "A", "002": "A"}, ready=False)
    room.ready("002")
    assert room.calls() == ["C0001"]
    assert (room.why(2).why, room.why(2).params) == (Why.NEXT, {"agent": None, "team": "A"})
    room.miss(1)
    room.wait(1)
    assert room.calls() == ["C0002"]


def test_a_call_that_the_books_have_and_the_state_has_not() -> None:
    """Between a restart and the loading of its day."""
    room = calling()
    room.state.attempts.clear()
    assert room.why().params == {"agent": "001", "since": None, "state": "unknown"}


def test_a_customer_on_two_days_is_answered_for_today() -> None:
    """And for the nearest day to come when not on today's list."""
    room = reached()
    room.open_day(TUESDAY)
    room.import_rows(row(1), row(2), day=TUESDAY)
    assert room.why(1).why is Why.REACHED
    assert room.why(2).why is Why.OTHER_DAY
