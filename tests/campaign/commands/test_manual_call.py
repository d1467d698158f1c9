"""What was done by hand: entered once, never called again, and told as it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from dialer.campaign.changes import NoticeKind
from dialer.campaign.commands.manual_call import BeingCalled, CalledManually
from dialer.campaign.messages import CorrectNumber, EnterManualCall, LinkLost, Promise, SetResult, Withdraw
from dialer.campaign.model.customer import ListRow
from dialer.campaign.model.visit import Result, Visit, VisitState
from dialer.campaign.views.why import Why
from dialer.campaign.views.wording import sentence
from dialer.errors import BadInput, Conflict, NotFound
from tests.campaign.days import MONDAY, at, row
from tests.campaign.stepping import Room
from tests.virtual.invariants import never_called_when_over


def entry(room: Room, n: int = 1, *, who: str = "001 王芳", dialled: datetime | None = None, tries: int = 1,
          result: Result | None = None, text: str = "", order: str = "", promised: datetime | None = None,
          ) -> EnterManualCall:  # fmt: skip
    return EnterManualCall(
        by="900", visit=room.visit(n).id, who=who, at=dialled or room.now, tries=tries, result=result, text=text,
        order=order, promised=promised,
    )  # fmt: skip


def enter(room: Room, n: int = 1, **values: Any) -> Visit:
    found = room.ask(entry(room, n, **values))
    assert isinstance(found, Visit)
    return found


def quiet_room(*rows: ListRow) -> Room:
    """A list and no PBX."""
    return Room(*(rows or (row(1), row(2))), linked=False)


@pytest.mark.parametrize(
    ("values", "state", "notice"),
    [
        ({"result": Result.ORDERED, "order": "N-7"}, VisitState.REACHED, None),
        ({"result": Result.NOT_NEEDED}, VisitState.REACHED, None),
        ({"result": Result.LATER, "promised": at(10, 30)}, VisitState.REACHED, None),
        ({"result": Result.FEEDBACK, "text": "too late"}, VisitState.REACHED, NoticeKind.FEEDBACK),
        ({"result": Result.WRONG_NUMBER}, VisitState.INVALID_NUMBER, NoticeKind.INVALID_NUMBER),
        ({"tries": 3, "text": "nobody"}, VisitState.UNREACHED, NoticeKind.UNREACHED),
    ],
)
def test_what_came_of_it_is_where_the_visit_stands(
    values: dict[str, Any], state: VisitState, notice: NoticeKind | None
) -> None:
    """With at most one notice, and never called when the PBX is back."""
    room = quiet_room()
    visit = enter(room, **values)
    assert (visit.state, visit.result) == (state, values.get("result"))
    assert [each.kind for each in room.changes.notices] == ([notice] if notice else [])
    assert enter(room, **values) is visit
    assert not room.changes
    room.link()
    assert room.visit(1).attempts == 0
    assert room.visit(2).state is VisitState.CALLING
    answer = room.why(1)
    assert (answer.why, answer.params["who"]) == (Why.BY_HAND, "001 王芳")
    assert "手工拨打" in sentence(answer, "zh", room.config.hours.zone)
    assert "by hand by 001 王芳" in sentence(answer, "en", room.config.hours.zone)


def test_nothing_is_entered_over_a_call() -> None:
    """While the dialer calls the customer, and after a call has reached them."""
    room = Room(row(1))
    with pytest.raises(BeingCalled, match="being called by the dialer"):
        enter(room, result=Result.NOT_NEEDED)
    room.talk()
    with pytest.raises(Conflict, match="reached by a call"):
        enter(room, result=Result.NOT_NEEDED)


def test_a_withdrawn_visit_takes_no_entry() -> None:
    """The table has no such move."""
    room = quiet_room()
    room.ask(Withdraw(by="t", visit=room.visit(1).id, reason="online"))
    with pytest.raises(Conflict, match="withdrawn"):
        enter(room)


def test_an_entry_is_corrected_and_each_truth_is_told_once() -> None:
    """Not reached, then reached after all, then a slip again: a notice for each time that it became so."""
    room = quiet_room()
    enter(room, tries=2)
    again = enter(room, tries=3)
    assert (again.state, room.changes.notices) == (VisitState.UNREACHED, [])
    reached = enter(room, result=Result.NOT_NEEDED)
    assert (reached.state, reached.round, room.changes.notices) == (VisitState.REACHED, 2, [])
    assert enter(room, result=Result.REFUSED).result is Result.REFUSED
    missed = enter(room, tries=4)
    assert (missed.state, missed.result) == (VisitState.UNREACHED, None)
    assert [notice.key for notice in room.changes.notices] == [f"unreached-{missed.id}-2"]


def test_a_complaint_is_passed_on_once() -> None:
    """As one that was made to an agent is; another number of calls is no other complaint, other words are."""
    room = quiet_room()
    visit = enter(room, result=Result.FEEDBACK, text="too late", tries=1)
    (first,) = room.changes.notices
    assert (first.kind, first.visit, first.text) == (NoticeKind.FEEDBACK, visit.id, "too late")
    enter(room, result=Result.FEEDBACK, text="too late", tries=2)
    assert room.changes.notices == []
    room.wait(seconds=1)
    enter(room, result=Result.FEEDBACK, text="too late, and rude")
    assert [notice.text for notice in room.changes.notices] == ["too late, and rude"]


def test_a_day_that_is_over_takes_entries_too() -> None:
    """The sheets come in after closing: who was not reached stays told as they were, others become reached."""
    room = quiet_room()
    room.wait_until(at(20))
    assert room.visit(1).state is VisitState.OUT_OF_TIME
    assert enter(room, dialled=at(11), tries=2).state is VisitState.OUT_OF_TIME
    assert room.changes.notices == []
    assert enter(room, dialled=at(11), result=Result.NOT_NEEDED).state is VisitState.REACHED
    late = entry(room, 2, dialled=at(11))
    room.wait_until(at(23, 59) + timedelta(minutes=1))
    room.state.forget_days(room.now)
    with pytest.raises(NotFound, match="put away at midnight"):
        room.ask(late)


def test_nothing_brings_it_back_in_line() -> None:
    """No promise and no corrected number, but for a number that was found to be wrong by hand."""
    room = quiet_room()
    visit = enter(room, result=Result.NOT_NEEDED)
    with pytest.raises(CalledManually):
        room.ask(Promise(by="t", visit=visit.id, at=at(10)))
    with pytest.raises(CalledManually):
        room.ask(CorrectNumber(by="t", day=MONDAY, customer="C0001", number="13900000099"))
    wrong = enter(room, 2, result=Result.WRONG_NUMBER)
    room.ask(CorrectNumber(by="t", day=MONDAY, customer="C0002", number="13900000099"))
    assert (wrong.state, wrong.hand) == (VisitState.WAITING, None)


def test_a_number_that_the_dialer_found_to_be_wrong_is_corrected_after_an_entry_too() -> None:
    """DOMAIN.md: "A corrected number puts the customer back in line today", whoever dialled the wrong one meanwhile."""
    room = Room(row(1))
    room.refute()
    enter(room, tries=2)
    assert enter(room, result=Result.WRONG_NUMBER).state is VisitState.INVALID_NUMBER
    assert enter(room, tries=3).state is VisitState.INVALID_NUMBER
    assert [notice.kind for notice in room.store.notices.values()] == [NoticeKind.INVALID_NUMBER]
    room.ask(CorrectNumber(by="t", day=MONDAY, customer="C0001", number="13900000099"))
    room.wait(seconds=1)
    assert (room.visit(1).hand, room.calls()) == (None, ["C0001"])
    assert never_called_when_over(room.store.history) == []


def test_a_wrong_number_that_was_entered_by_mistake_is_taken_back() -> None:
    """Nobody was reached, and that is what the account manager is told; what was told before stays told."""
    room = quiet_room()
    enter(room, result=Result.WRONG_NUMBER)
    visit = enter(room, tries=3)
    assert (visit.state, visit.result, visit.round) == (VisitState.UNREACHED, None, 2)
    assert [notice.key for notice in room.changes.notices] == [f"unreached-{visit.id}-2"]
    with pytest.raises(CalledManually):
        room.ask(CorrectNumber(by="t", day=MONDAY, customer="C0001", number="13900000099"))


def test_a_number_that_was_refuted_in_a_call_stays_wrong() -> None:
    """An entry by hand takes back an entry by hand, and not what the agent heard."""
    room = Room(row(1))
    room.ask(SetResult(by="001", attempt=room.talk().id, result=Result.WRONG_NUMBER))
    enter(room, result=Result.WRONG_NUMBER)
    assert enter(room, tries=3).state is VisitState.INVALID_NUMBER
    assert room.notices(NoticeKind.UNREACHED) == []


def test_a_mistake_about_a_corrected_number_is_taken_back_too() -> None:
    """It is the old number that the dialer found to be wrong."""
    room = Room(row(1))
    room.refute()
    room.do(LinkLost(room.now, "for this test"))
    room.ask(CorrectNumber(by="t", day=MONDAY, customer="C0001", number="13900000099"))
    assert enter(room, result=Result.WRONG_NUMBER).state is VisitState.INVALID_NUMBER
    assert enter(room, tries=3).state is VisitState.UNREACHED


@pytest.mark.parametrize("restarted", [False, True], ids=["running", "restarted"])
def test_a_shared_phone_does_not_ring_within_the_gap_after_a_call_by_hand(*, restarted: bool) -> None:
    """Invariant 2: nor does an entry of an earlier call, or of a clock a minute fast, make the gap another one."""
    room = quiet_room(row(1), row(2, number="13900000001"))
    enter(room, dialled=room.now + timedelta(minutes=1))
    enter(room, dialled=room.now - timedelta(minutes=10))
    if restarted:
        enter(room, dialled=room.now)
        room.restart()
    room.link()
    room.wait(minutes=4, seconds=59)
    assert room.calls() == []
    room.wait(seconds=1)
    assert room.calls() == ["C0002"]


@pytest.mark.parametrize("restarted", [False, True], ids=["running", "restarted"])
@pytest.mark.parametrize("older", [False, True], ids=["", "by an older version"])
def test_the_gap_after_it_is_that_of_the_number_that_was_dialled(*, restarted: bool, older: bool) -> None:
    """Invariant 2: however the customer's number was corrected since, and whoever has the old one now."""
    room = Room(row(1, agent=None, team="A"), row(2), ready=False)
    dialled = room.visit(1).number
    enter(room, 1, result=Result.WRONG_NUMBER)
    if older:
        stored = room.store.visits[room.visit(1).id]
        assert stored.hand is not None
        stored.hand = room.visit(1).hand = replace(stored.hand, number="")
    for number in ("13900000098", "13900000099"):
        room.ask(CorrectNumber(by="t", day=MONDAY, customer="C0001", number=number))
        enter(room, 1, result=Result.WRONG_NUMBER)
    room.ask(CorrectNumber(by="t", day=MONDAY, customer="C0002", number=dialled))
    if restarted:
        room.restart()
        room.link()
    room.ready()
    room.wait(minutes=4, seconds=59)
    assert room.calls() == []
    room.wait(seconds=1)
    assert room.calls() == ["C0002"]


def test_the_result_of_an_earlier_conversation_does_not_undo_it() -> None:
    """The customer asked to be called later; somebody did, by hand."""
    room = Room(row(1))
    attempt = room.talk().id
    room.ask(SetResult(by="001", attempt=attempt, result=Result.LATER, at=at(10)))
    enter(room, result=Result.NOT_NEEDED)
    with pytest.raises(CalledManually):
        room.ask(SetResult(by="001", attempt=attempt, result=Result.LATER, at=at(11)))


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"who": " "}, "who dialled"),
        ({"who": "x" * 201}, "who dialled: 201"),
        ({"text": "x" * 2001}, "at most 2000"),
        ({"result": Result.ORDERED, "order": "x" * 81}, "at most 80"),
        ({"tries": 0}, "from 1 to 20"),
        ({"tries": 21}, "from 1 to 20"),
        ({"dialled": at(8) + timedelta(hours=1)}, "still to come"),
        ({"dialled": at(8) - timedelta(days=1)}, "is not on"),
        ({"result": Result.ORDERED}, "number of the order"),
        ({"result": Result.FEEDBACK}, "its text"),
        ({"result": Result.LATER, "promised": at(6)}, "before the call in which it was promised"),
        ({"result": Result.LATER}, "the time"),
    ],
)
def test_what_does_not_fit_is_refused(values: dict[str, Any], says: str) -> None:
    """And nothing is changed."""
    room = quiet_room()
    with pytest.raises(BadInput, match=says):
        enter(room, **values)
    assert room.visit(1).hand is None


def test_who_entered_it_is_in_the_history() -> None:
    """And who dialled, when, how often, and what came of it."""
    room = quiet_room()
    enter(room, tries=2, text="rang")
    (line,) = [each for each in room.changes.history if each.what == "visit.by_hand"]
    assert (line.by, line.details["who"], line.details["tries"], line.details["text"]) == ("900", "001 王芳", 2, "rang")
