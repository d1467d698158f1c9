"""Visits, attempts and changes for tests of stores."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from dialer.campaign.changes import AlarmChange, CalendarChange, Changes, Entry, NoticeDue, NoticeKind, OrderTaken
from dialer.campaign.messages import CallEvent, CallProgress
from dialer.campaign.model.agent import Agent, Presence
from dialer.campaign.model.attempt import Attempt, AttemptState
from dialer.campaign.model.customer import Customer
from dialer.campaign.model.evidence import Disposition, Evidence
from dialer.campaign.model.visit import OPEN, ManualCall, Result, Visit, VisitState, WithdrawnBy

DAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 0, 0, 0, 120003, tzinfo=UTC)


def at(seconds: float) -> datetime:
    """A time on the day."""
    return NOW + timedelta(seconds=seconds)


def customer(number: int, /, **fields: Any) -> Customer:
    """A customer of the second department, with Chinese data and columns of its own."""
    made = Customer(
        code=f"C{number:05}",
        shop_name=f"惠民烟酒店{number}号",
        person="张三丰",
        address="建设路12号",
        account_manager="李经理",
        department="城东营销部",
        phone=f"1390470{number:04}",
        extra=(("备注 2", "“引号”, 逗号"), ("备注 2", "")),
    )
    return replace(made, **fields)


def visit(number: int, /, **fields: Any) -> Visit:
    """A visit that waits for its first call."""
    made = Visit(
        id=number,
        day=DAY,
        list_name="城东",
        customer=f"C{number:05}",
        number=f"1390470{number:04}",
        order=number,
        agent="101",
    )
    return replace(made, **fields)


def attempt(number: int, seq: int = 1, /, **fields: Any) -> Attempt:
    """The attempt ``seq`` of a visit, just placed, for an agent of its own."""
    made = Attempt(
        id=f"abc123-{number}-{seq}-k3",
        visit=number,
        day=DAY,
        seq=seq,
        round=1,
        customer=f"C{number:05}",
        number=f"1390470{number:04}",
        trunk="carrier",
        agent=f"A{number}",
        placed_at=at(60 * seq),
    )
    return replace(made, **fields)


def ended(placed: Attempt, disposition: Disposition = Disposition.NO_ANSWER, /, **fields: Any) -> Attempt:
    """The attempt after half a minute, over."""
    made = replace(
        placed,
        state=AttemptState.ENDED,
        ringing_at=placed.placed_at + timedelta(seconds=2),
        ended_at=placed.placed_at + timedelta(seconds=30),
        disposition=disposition,
        counts=disposition is Disposition.NO_ANSWER,
        source="Q.850 19",
        evidence=Evidence(cause=19, sip=480, reason=3, ringing=True, hung_up=True, responded=True),
    )
    if disposition is Disposition.CONNECTED:
        made = replace(
            made,
            answered_at=placed.placed_at + timedelta(seconds=8),
            connected_at=placed.placed_at + timedelta(seconds=9),
        )
    return replace(made, **fields)


def calling(number: int, seq: int = 1, /, **fields: Any) -> Visit:
    """The visit while :func:`attempt` of the same number is live."""
    state = {"state": VisitState.CALLING, "attempt": f"abc123-{number}-{seq}-k3", "attempts": seq, "counted": seq - 1}
    return visit(number, **{**state, **fields})


def added(*numbers: int) -> Changes:
    """A list with these visits."""
    return Changes(added=[(visit(number), customer(number)) for number in numbers])


def placed(number: int, seq: int = 1, /, **fields: Any) -> Changes:
    """A call placed to a visit that is there."""
    return Changes(visits=[calling(number, seq)], placed=[attempt(number, seq, **fields)])


def unreached(number: int, seq: int = 1) -> Changes:
    """The end of :func:`placed`, with its evidence, its history and the notice."""
    over = ended(attempt(number, seq))
    done = visit(
        number, state=VisitState.UNREACHED, attempts=seq, counted=seq, ended_at=over.ended_at, last="no_answer"
    )
    return Changes(
        visits=[done],
        attempts=[over],
        calls=[CallEvent(over.id, CallProgress.HUNG_UP, at(90), cause=19, sip=480)],
        notices=[NoticeDue(f"unreached-{number}-1", NoticeKind.UNREACHED, at(90), visit=number)],
        history=[Entry(at(90), "attempt-ended", DAY, number, over.id, over.agent, details={"处置": "no_answer"})],
    )


times = st.datetimes(datetime(2026, 11, 1), datetime(2027, 3, 1), timezones=st.just(UTC))  # noqa: DTZ001 - a wall time; the zone comes with it elsewhere
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
codes = st.integers(1, 127)
evidence = st.builds(
    Evidence, cause=st.none() | codes, sip=st.none() | codes, dial_status=texts, reason=st.none() | codes
)


@st.composite
def days(draw: st.DrawFn) -> Changes:
    """A first transaction in which everything occurs: any visits, calls in any state, agents, alarms, flags."""
    changes = Changes()
    for number in range(1, draw(st.integers(0, 5)) + 1):
        state = draw(st.sampled_from(VisitState))
        counted = draw(st.integers(0, 5))
        made = visit(
            number,
            list_name=draw(texts),
            order=draw(st.integers(-(2**31), 2**31 - 1)),
            team=draw(st.none() | texts),
            state=state,
            due=draw(st.none() | times),
            promised=draw(st.none() | times),
            first=draw(st.booleans()),
            round=draw(st.integers(1, 3)),
            counted=counted,
            attempts=counted + draw(st.integers(0, 3)),
            failures=draw(st.integers(0, 9)),
            attempt=draw(texts) if state is VisitState.CALLING else None,
            ended_at=draw(st.none() | times),
            last=draw(texts),
            result=draw(st.none() | st.sampled_from(Result)),
            shared=draw(st.booleans()),
            doubtful=draw(st.booleans()),
            withdrawn_by=None if state in OPEN else draw(st.none() | st.sampled_from(WithdrawnBy)),
            reason=draw(texts),
            called_as=draw(texts),
            hand_before=tuple(draw(st.lists(st.builds(ManualCall, texts, times, number=texts), max_size=2))),
        )
        pairs = draw(st.lists(st.tuples(texts, texts), max_size=3))
        changes.added.append((made, customer(number, department=draw(texts), remarks=draw(texts), extra=tuple(pairs))))
        for seq in range(1, draw(st.integers(0, 2)) + 1):
            live = draw(st.sampled_from([s for s in AttemptState if s is not AttemptState.ENDED]))
            call = attempt(number, seq, placed_at=draw(times), state=live, evidence=draw(evidence), result=draw(texts))
            if seq == 1 or draw(st.booleans()):
                call = ended(call, draw(st.sampled_from(Disposition)), evidence=call.evidence)
            changes.placed.append(call)
    for number in range(draw(st.integers(0, 3))):
        presence = draw(st.sampled_from(Presence))
        changes.agents.append(Agent(f"{number}", draw(texts), draw(texts), None, presence, draw(times), draw(texts)))
        cleared = draw(st.none() | times)
        changes.alarms.append(AlarmChange(f"trunk-{number}", draw(texts), draw(times), cleared))
        changes.flags[draw(texts)] = draw(texts)
    changes.calendar = draw(
        st.lists(st.builds(CalendarChange, st.just(DAY), st.none() | st.booleans(), texts), max_size=1)
    )
    booked = [call.id for call in changes.placed]
    if booked:
        changes.orders.append(
            OrderTaken("N1", draw(st.sampled_from(booked)), "C00001", draw(times), "101", draw(texts))
        )
    return changes
