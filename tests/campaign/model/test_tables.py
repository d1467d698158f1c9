"""Every state × event of the three transition tables."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dialer.campaign.model.agent import TRANSITIONS as AGENT_MOVES
from dialer.campaign.model.agent import Agent, AgentEvent, Presence
from dialer.campaign.model.attempt import TRANSITIONS as ATTEMPT_MOVES
from dialer.campaign.model.attempt import Attempt, AttemptEvent, AttemptState
from dialer.campaign.model.evidence import Evidence
from dialer.campaign.model.visit import TRANSITIONS as VISIT_MOVES
from dialer.campaign.model.visit import Visit, VisitEvent, VisitState
from dialer.errors import Conflict
from tests.campaign.days import MONDAY, at

V, A, P = VisitState, AttemptState, Presence


def visit(state: VisitState) -> Visit:
    return Visit(1, MONDAY, "main", "C0001", "13900000001", 1, state=state)


def attempt(state: AttemptState, evidence: Evidence | None = None) -> Attempt:
    made = Attempt("dx-1-1-a", 1, MONDAY, 1, 1, "C0001", "13900000001", "t", "001", at(8), state=state)
    made.evidence = evidence or Evidence()
    return made


@pytest.mark.parametrize("event", VisitEvent)
@pytest.mark.parametrize("state", VisitState)
def test_visit(state: VisitState, event: VisitEvent) -> None:
    """A move of the table is made; any other is refused and changes nothing (STYLE.md 2)."""
    it = visit(state)
    if (state, event) in VISIT_MOVES:
        it.move(event)
        assert it.state is VISIT_MOVES[state, event]
    else:
        with pytest.raises(Conflict, match=f"C0001.*{state}.*'{event}'"):
            it.move(event)
        assert it.state is state


@pytest.mark.parametrize("event", AttemptEvent)
@pytest.mark.parametrize("state", AttemptState)
def test_attempt(state: AttemptState, event: AttemptEvent) -> None:
    """A move of the table is made; any other is refused and changes nothing (STYLE.md 2)."""
    it = attempt(state)
    if (state, event) in ATTEMPT_MOVES:
        it.move(event)
        assert it.state is ATTEMPT_MOVES[state, event]
    else:
        with pytest.raises(Conflict, match=f"dx-1-1-a.*{state}.*'{event}'"):
            it.move(event)
        assert it.state is state


@pytest.mark.parametrize("event", AgentEvent)
@pytest.mark.parametrize("presence", Presence)
def test_agent(presence: Presence, event: AgentEvent) -> None:
    """A move of the table is made, and only a real change starts the presence anew; any other is refused."""
    it = Agent("001", presence=presence, since=at(7))
    if (presence, event) in AGENT_MOVES:
        it.move(event, at(8))
        assert it.presence is AGENT_MOVES[presence, event]
        assert it.since == (at(7) if it.presence is presence else at(8))
    else:
        with pytest.raises(Conflict, match=f"001.*{presence}.*'{event}'"):
            it.move(event, at(8))
        assert (it.presence, it.since) == (presence, at(7))


def test_a_visit_that_is_out_of_time_is_over_for_good() -> None:
    """Invariant 4: no call "to a visit that is reached, withdrawn or finished"; the others need a person."""
    leaving = {state: {event for s, event in VISIT_MOVES if s is state} for state in VisitState}
    by_hand = {VisitEvent.HAND_REACH, VisitEvent.HAND_MISS, VisitEvent.HAND_REFUTE}
    slips = {VisitEvent.HAND_RETRACT, VisitEvent.SETTLE}
    assert leaving[V.OUT_OF_TIME] == by_hand
    assert leaving[V.WITHDRAWN] == {VisitEvent.RESTORE, VisitEvent.CONNECT}
    assert leaving[V.UNREACHED] == leaving[V.INVALID_NUMBER] - slips == {VisitEvent.CORRECT, *by_hand}
    assert leaving[V.REACHED] == {VisitEvent.PROMISE, VisitEvent.REFUTE, *by_hand}
    assert all(not visit(target).open for (_, event), target in VISIT_MOVES.items() if event in {*slips, *by_hand})


def test_only_a_waiting_visit_is_called() -> None:
    """Invariants 3 and 4."""
    assert [state for state, event in VISIT_MOVES if event is VisitEvent.PLACE] == [V.WAITING]


def test_an_ended_attempt_never_moves_again() -> None:
    """``ended`` is "reachable from each" and left by none (DESIGN.md, Attempt and visit)."""
    assert not [event for state, event in ATTEMPT_MOVES if state is A.ENDED]
    for state in set(AttemptState) - {A.ENDED}:
        assert ATTEMPT_MOVES[state, AttemptEvent.FINISH] is A.ENDED
        assert ATTEMPT_MOVES[state, AttemptEvent.LOSE] is A.UNKNOWN


def test_only_a_ready_agent_gets_a_call() -> None:
    """Invariant 5."""
    assert [presence for presence, event in AGENT_MOVES if event is AgentEvent.RESERVE] == [P.READY]


@pytest.mark.parametrize("state", VisitState)
def test_open(state: VisitState) -> None:
    """Still to be called, or being called."""
    assert visit(state).open is (state in (V.WAITING, V.CALLING))


@pytest.mark.parametrize("state", AttemptState)
def test_live(state: AttemptState) -> None:
    """Whether a call may still exist on the PBX."""
    assert attempt(state).live is (state is not A.ENDED)


@pytest.mark.parametrize(
    ("evidence", "over", "settling"),
    [
        (Evidence(), False, False),
        (Evidence(responded=True), False, True),
        (Evidence(hung_up=True), False, True),
        (Evidence(hung_up=True, responded=True), True, False),
        (Evidence(answered=True), False, False),
        (Evidence(answered=True, responded=True), False, False),
        (Evidence(answered=True, hung_up=True), True, False),
        (Evidence(refused=True), True, False),
    ],
)
def test_over_and_settling(evidence: Evidence, over: bool, settling: bool) -> None:
    """PBX.md: "Finish an attempt whichever comes last; a grace timer covers one that never comes"."""
    it = attempt(A.PLACED, evidence)
    assert (it.evidence.complete, it.evidence.settling) == (over, settling)


def test_since_is_when_a_presence_began() -> None:
    """Ready said twice is ready since the first time."""
    it = Agent("001", presence=P.PAUSED, since=at(7))
    it.move(AgentEvent.READY, at(8))
    it.move(AgentEvent.READY, at(8) + timedelta(minutes=1))
    assert it.since == at(8)
