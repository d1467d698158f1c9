"""A handler that raises, anywhere: its message is undone, the others of its batch and the day are whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dialer.campaign.day_list import Day
from dialer.campaign.dialling import placing, progressive
from dialer.campaign.messages import (
    AnnounceLateStart,
    CallEvent,
    CallProgress,
    ClockSet,
    CorrectNumber,
    DefectFound,
    EnterManualCall,
    HangUp,
    ImportList,
    LinkLost,
    LinkRestored,
    Message,
    PauseCampaign,
    PhoneTold,
    Promise,
    PutBack,
    Reassign,
    RecordsRestored,
    ResumeCampaign,
    SaveAgent,
    SaveAgents,
    SetAlarm,
    SetCalendarDay,
    SetPresence,
    SetResult,
    Stranger,
    Withdraw,
)
from dialer.campaign.model.agent import Presence
from dialer.campaign.model.customer import Customer, VisitList
from dialer.campaign.model.phone import PhoneState
from dialer.campaign.model.visit import Result, VisitState
from dialer.campaign.recorder import Recorder
from dialer.campaign.rules.breaker import Breaker
from dialer.campaign.rules.queue import Queue
from dialer.campaign.rules.streak import Streaks
from dialer.campaign.rules.timers import Timers, Wake
from dialer.campaign.state import State
from dialer.campaign.step import HANDLERS, Failure, step
from dialer.errors import Conflict
from tests.campaign.days import MONDAY, row
from tests.campaign.stepping import Room
from tests.campaign.undoing.whole import whole


class Broken(Exception):
    """What a defect raises."""


def busy() -> Room:
    """A morning in the middle: 1 is on the line, 2 rings, 3 was missed, 4 was reached, 5 has no such number."""
    rows = [row(n, agent=f"{n % 3 + 1:03}") for n in range(1, 10)]
    room = Room(*rows, agents=3)
    room.wait(1)
    room.connect(1)
    room.progress(2, CallProgress.RINGING)
    room.miss(3)
    room.wait(minutes=1)
    room.ask(Withdraw(by="t", visit=room.visit(9).id, reason="ordered"))
    return room


def messages(room: Room) -> list[Message]:
    """One of every kind that changes something, for that morning."""
    now, ringing, talking = room.now, room.live(2), room.live(1)
    waiting = room.visit(7).id
    fewer = tuple(row(n, agent="002") for n in (1, 2, 3, 4, 11))
    return [
        CallEvent(ringing.id, CallProgress.HUNG_UP, now, cause=17, sip=486),
        CallEvent(ringing.id, CallProgress.ANSWERED, now),
        CallEvent(talking.id, CallProgress.HUNG_UP, now, cause=16, sip=200, status="ANSWER"),
        CallEvent(talking.id, CallProgress.TRANSFERRED, now, text="8005"),
        LinkLost(now, "cut"),
        LinkRestored(now + timedelta(seconds=30), ()),
        PhoneTold(now, "PJSIP/001", PhoneState.AWAY),
        Stranger("1.2", now),
        ClockSet(timedelta(hours=1), "mark"),
        SaveAgent(by="t", number="001", name="N", extension="PJSIP/77", team="t"),
        SaveAgents(by="t", agents=(SaveAgent(by="t", number="009", name="", extension="PJSIP/009"),)),
        SetPresence(by="001", agent="003", presence=Presence.PAUSED, reason="tea"),
        SetPresence(by="001", agent="003", presence=Presence.SIGNED_OUT),
        Withdraw(by="t", visit=ringing.visit, reason="ordered"),
        Withdraw(by="t", visit=waiting, reason="ordered"),
        PutBack(by="t", visit=room.visit(9).id, reason="by mistake"),
        CorrectNumber(by="t", day=MONDAY, customer="C0007", number=room.visit(8).number),
        Promise(by="t", visit=waiting, at=now + timedelta(hours=1)),
        Reassign(by="t", visit=waiting, agent="001"),
        EnterManualCall(by="t", visit=waiting, who="me", at=now, result=Result.FEEDBACK, text="late"),
        SetResult(by="t", attempt=talking.id, result=Result.ORDERED, order="N1"),
        HangUp(by="t", attempt=talking.id, staff="001"),
        PauseCampaign(by="t", reason="fire"),
        ResumeCampaign(by="t"),
        RecordsRestored(by="t", as_of=now, reason="restored"),
        AnnounceLateStart(by="t", text="late"),
        SetAlarm(by="t", key="disk", text="full"),
        SetCalendarDay(by="t", day=MONDAY, working=False, name="off"),
        ImportList(by="t", day=MONDAY, visits=VisitList("main", fewer), withdraw=100),
    ]


KINDS = len(messages(busy()))
POINTS = [
    (State, "requeue"), (State, "raise_alarm"), (State, "clear_alarm"), (State, "set_flag"), (State, "visit"),
    (State, "wake_owner"), (State, "remember"), (State, "put_on_phone"), (State, "called_manually"), (State, "changed"),
    (Day, "add"), (Day, "renumber"), (Day, "flag_shared"), (Queue, "put"), (Queue, "release"), (Queue, "put_behind"),
    (Timers, "at"), (Timers, "drop"), (Breaker, "works"), (Breaker, "missed"), (Streaks, "ended"), (Streaks, "placed"),
    (Recorder, "visit"), (Recorder, "attempt"), (Recorder, "placed"), (Recorder, "agent"), (Recorder, "note"),
]  # fmt: skip


@contextmanager
def breaking(state: State, points: list[tuple[type, str]], nth: int, *, after: bool) -> Iterator[list[int]]:
    """The nth call of these while the first message is carried out raises, before or after it has done its work."""
    seen = [0]
    with pytest.MonkeyPatch.context() as patch:
        for kind, name in points:
            real = getattr(kind, name)

            def broken(*args: Any, _real: Callable[..., Any] = real, **more: Any) -> Any:
                if state.doing != 0:
                    return _real(*args, **more)
                seen[0] += 1
                hit = seen[0] == nth
                if hit and not after:
                    raise Broken
                found = _real(*args, **more)
                if hit:
                    raise Broken
                return found

            patch.setattr(kind, name, broken)
        yield seen


@pytest.mark.usefixtures("untraced")
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(kind=st.integers(0, KINDS - 1), other=st.integers(0, KINDS - 1), nth=st.integers(1, 25), after=st.booleans())
def test_whatever_a_handler_raises_undoes_its_message_alone(kind: int, other: int, nth: int, *, after: bool) -> None:
    """Beside one that never was asked for the same day is the same in state and store, and the other has its reply."""
    room, twin = busy(), busy()
    message, second = messages(room)[kind], messages(room)[other]
    with breaking(room.state, POINTS, nth, after=after) as seen:
        replies = room.do(message, second).replies
    if seen[0] < nth:
        return  # it was through before
    twins = twin.do(second).replies
    assert isinstance(replies[0], Failure)
    assert isinstance(replies[0].error, Broken)
    assert type(replies[1]) is type(twins[0])
    assert room.state.wanting >= twin.state.wanting & twin.state.agents.keys()
    assert whole(room.state, room.now) == whole(twin.state, room.now)
    assert room.store.visits == twin.store.visits
    assert room.store.attempts == twin.store.attempts
    assert room.store.agents == twin.store.agents


@pytest.mark.parametrize("kind", range(KINDS))
def test_a_handler_that_raises_at_its_very_end(kind: int) -> None:
    """Of every kind of message: all was changed, and nothing is."""
    room, twin = busy(), busy()
    message = messages(room)[kind]
    handler = HANDLERS.get(type(message))
    with pytest.MonkeyPatch.context() as patch:

        def broken(*args: Any) -> None:
            if handler is not None:
                handler(*args)
            raise Broken

        if handler is None:
            patch.setattr("dialer.campaign.step.import_list", broken)
        else:
            patch.setitem(HANDLERS, type(message), broken)
        (reply,) = room.do(message).replies
    twin.do()
    assert isinstance(reply, Failure)
    assert whole(room.state, room.now) == whole(twin.state, room.now)
    assert f"defect:{type(message).__name__}" in room.state.alarms
    room.wait(minutes=61)
    assert not room.state.alarms.keys() & {f"defect:{type(message).__name__}"}


def test_the_alarm_of_a_defect_ends_after_a_restart_too() -> None:
    """Nobody else would clear it."""
    room = busy()
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(HANDLERS, Withdraw, _break)
        room.do(Withdraw(by="t", visit=room.visit(7).id, reason=""))
    room.restart()
    assert "defect:Withdraw" in room.state.alarms
    room.wait(1)
    assert "defect:Withdraw" not in room.state.alarms


def test_a_defect_beside_the_rules_is_an_alarm_for_an_hour_after_it_came_last() -> None:
    """A page's, for example."""
    room = busy()
    for _ in range(2):
        room.do(DefectFound(by="dialer", what="GET /floor"))
        room.wait(minutes=40)
        assert "defect:GET /floor" in room.state.alarms
    room.wait(minutes=21)
    assert "defect:GET /floor" not in room.state.alarms


def test_a_refusal_leaves_nothing_of_what_was_changed_before_it() -> None:
    """A handler that refuses late."""
    room, twin = busy(), busy()

    def late(state: State, command: Withdraw, now: datetime) -> None:
        visit = state.visit(command.visit)
        visit.reason = "half"
        state.changed(visit, now, "visit.withdrawn")
        raise Conflict("no")

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(HANDLERS, Withdraw, late)
        with pytest.raises(Conflict, match="no"):
            room.ask(Withdraw(by="t", visit=room.visit(7).id, reason=""))
    twin.do()
    assert whole(room.state, room.now) == whole(twin.state, room.now)
    assert not [key for key in room.state.alarms if key.startswith("defect")]


def test_what_a_pbx_said_and_could_not_be_taken_is_asked_for_anew() -> None:
    """Its event is lost, not its call."""
    room = busy()
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(HANDLERS, CallEvent, _break)
        outcome = room.do(CallEvent(room.live(2).id, CallProgress.ANSWERED, room.now))
    assert [type(intent).__name__ for intent in outcome.intents] == ["Survey"]


def _break(*_: object) -> None:
    raise Broken


def test_a_wake_up_that_fails_is_tried_again_later() -> None:
    """The others are attended to, and the day does not spin."""
    room = Room(row(1))
    room.connect(1)
    room.hang_up(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dialer.campaign.day.work._ATTEND", dict.fromkeys(Wake, _break))
        room.wait(minutes=20)
        assert any(key.startswith("defect:") for key in room.state.alarms)
    room.wait_until(room.now + timedelta(hours=11))
    assert room.visit().state is VisitState.REACHED


def test_dialling_that_fails_for_one_agent_goes_on_for_the_others() -> None:
    """Who meets the defect rests for a moment; the rest is called for."""
    room = Room(row(1), row(2, agent="002"), agents=2, linked=False)
    real = placing.next_visit

    def poisoned(state: State, day: Day, agent: Any, now: datetime) -> Any:
        if agent.number == "001":
            raise OverflowError
        return real(state, day, agent, now)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(progressive, "next_visit", poisoned)
        room.do(LinkRestored(room.now, ()))
        assert room.calls() == ["C0002"]
        assert "defect:dialling" in room.state.alarms
    room.wait(31)
    assert sorted(room.calls()) == ["C0001", "C0002"]


def test_dialling_that_fails_as_a_whole_rests_for_a_moment() -> None:
    """And what people ask for is done all the same."""
    room = Room(row(1), linked=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dialer.campaign.step.dial", _break)
        room.do(LinkRestored(room.now, ()))
    assert not room.calls()
    room.ask(SetPresence(by="1", agent="001", presence=Presence.PAUSED))
    room.ready()
    assert not room.calls()
    room.wait(31)
    assert room.calls() == ["C0001"]


def test_when_not_even_the_alarm_can_be_raised_the_message_alone_is_lost() -> None:
    """A defect in what tells of defects."""
    room, twin = busy(), busy()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(State, "raise_alarm", _break)
        (reply,) = room.do(SetAlarm(by="t", key="disk", text="full")).replies
    twin.do()
    assert isinstance(reply, Failure)
    assert whole(room.state, room.now) == whole(twin.state, room.now)


def test_a_step_that_cannot_even_leave_something_out_says_so() -> None:
    """Nothing is hidden: the engine ends with it."""
    room = busy()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dialer.campaign.step.dial", _break)
        patch.setattr(Timers, "at", _break)
        with pytest.raises(Broken):
            step(room.state, room.now, [], {})


TIMES = st.datetimes(datetime.min, datetime.max, timezones=st.just(UTC))  # noqa: DTZ901 - hypothesis adds the zone
for kind, strategy in (
    (datetime, TIMES),
    (str, st.text(st.characters(codec=None, exclude_categories=()), max_size=20)),
    (Customer, st.builds(Customer, st.text(max_size=5))),
):
    st.register_type_strategy(kind, strategy)
ANY: Any = st.one_of([st.from_type(kind) for kind in (*HANDLERS, ImportList)])


@pytest.mark.usefixtures("untraced")
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(found=ANY, data=st.data())
def test_any_message_with_any_field_leaves_the_day_whole(found: Any, data: st.DataObject) -> None:
    """Of its type, some of them of things that are there: the next batch is carried out as if nothing had happened."""
    room = busy()
    known = {"visit": 7, "attempt": room.live(1).id, "agent": "001", "day": MONDAY, "customer": "C0007"}
    for name, value in known.items():
        if name in type(found).__dataclass_fields__ and data.draw(st.booleans()):
            found = replace(found, **{name: cast(Any, value)})
    before = whole(room.state, room.now)
    replies = step(room.state, room.now, [found], {}).replies
    if isinstance(replies[0], Failure):
        after = whole(room.state, room.now)
        assert (after["days"], after["agents"], after["attempts"]) == (
            before["days"], before["agents"], before["attempts"],
        )  # fmt: skip
    room.state.held = True
    step(room.state, room.now, [SetPresence(by="1", agent="003", presence=Presence.SIGNED_OUT)], {})
