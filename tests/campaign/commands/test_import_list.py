"""Visit lists: the day's list is made to look like the file, and what was called is not touched."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from dialer.campaign.changes import HangUpCall, Place
from dialer.campaign.commands.import_report import ImportReport, WithdrawsMany
from dialer.campaign.messages import CallProgress, CorrectNumber, ImportList, Promise, SaveAgent, Withdraw
from dialer.campaign.model.customer import Customer, ListRow, VisitList, digest
from dialer.campaign.model.visit import NOT_ON_LIST, VisitState
from dialer.errors import Conflict, ListRefused
from tests.campaign.days import MONDAY, at, row
from tests.campaign.stepping import Room

TUESDAY = MONDAY + timedelta(days=1)
V = VisitState


def amended(n: int, **fields: str) -> ListRow:
    """A row whose customer's data differ."""
    plain = row(n)
    return replace(plain, customer=replace(plain.customer, **fields))  # type: ignore[arg-type]  # fields by name, or a stand-in


def room_before_calling(*rows: ListRow) -> Room:
    return Room(*rows, now=at(7, 50))


def test_a_list_adds_its_customers_in_their_order() -> None:
    """Issue: "visit order is the file's order unless a column gives it"."""
    room = room_before_calling()
    report = room.import_rows(row(2), row(1))
    assert report == ImportReport(added=["C0002", "C0001"])
    assert [(v.id, v.customer, v.order) for v in room.store.visits.values()] == [(1, "C0002", 2), (2, "C0001", 1)]
    assert room.store.customers[1].shop_name == "店2"
    assert room.state.days[MONDAY].departments == {"营销0部", "营销1部"}


def test_the_same_list_again_changes_nothing() -> None:
    """Issue: "Importing the same list again changes nothing"."""
    rows = [row(n) for n in range(1, 6)]
    room = room_before_calling(*rows)
    visits = dict(room.store.visits)
    assert room.import_rows(*rows) == ImportReport(unchanged=5)
    assert room.store.visits == visits
    assert [entry.what for entry in room.changes.history] == ["list.imported"]
    assert not room.changes.visits
    assert not room.changes.customers


def test_the_same_list_after_half_the_day_changes_nothing() -> None:
    """Nor what has been called since."""
    rows = [row(n) for n in range(1, 5)]
    room = Room(*rows)
    room.talk(1)
    room.ready()
    room.miss(2)
    room.wait(1)
    visits = dict(room.store.visits)
    assert room.import_rows(*rows) == ImportReport(unchanged=4)
    assert room.store.visits == visits


def test_an_amended_list_adds_updates_and_withdraws() -> None:
    """Issue: "an amended list adds, updates and withdraws"."""
    room = room_before_calling(row(1), row(2), row(3), row(4))
    report = room.import_rows(amended(1, remarks="x"), replace(row(2), number="13800000002"), row(4), row(5))
    assert report == ImportReport(added=["C0005"], updated=["C0001", "C0002"], withdrawn=["C0003"], unchanged=1)
    assert (room.visit(3).state, room.visit(3).reason) == (V.WITHDRAWN, NOT_ON_LIST)
    assert room.store.customers[room.visit(1).id].remarks == "x"
    assert room.visit(2).number == "13800000002"


@pytest.mark.parametrize(
    "change",
    [{"agent": "002"}, {"agent": None, "team": "A"}, {"order": 9}, {"number": "13800000001"}],
    ids=["agent", "team", "order", "number"],
)
def test_what_a_row_may_change(change: dict[str, object]) -> None:
    """Agent, team, order and number of a customer who has not been called."""
    room = Room(row(1), now=at(7, 50), agents=2)
    assert room.import_rows(replace(row(1), **change)).updated == ["C0001"]  # type: ignore[arg-type]  # fields by name, or a stand-in
    for name, value in change.items():
        assert getattr(room.visit(), name) == value
    room.ask(SaveAgent(by="test", number="001", name="", extension="PJSIP/001", team="A"))
    room.wait_until(at(8))
    assert room.live().number == room.visit().number


def test_an_amended_list_does_not_update_what_has_been_called() -> None:
    """Issue: "never touches what has already been called": it is kept, and calls go on to the old number."""
    room = Room(*[row(n) for n in range(1, 6)])
    room.talk(1)
    room.ready()
    room.miss(2)
    room.wait(1)
    assert room.visit(3).state is V.CALLING
    before = {n: replace(room.visit(n)) for n in (1, 2, 3)}
    third = replace(row(3), order=9)
    report = room.import_rows(amended(1, remarks="x"), replace(row(2), number="13800000002"), third, row(6))
    assert (report.kept, report.added, report.withdrawn) == (["C0001", "C0002", "C0003"], ["C0006"], ["C0004", "C0005"])
    assert {n: room.visit(n) for n in (1, 2, 3)} == before
    assert room.store.customers[room.visit(1).id].remarks == ""


def test_who_is_taken_off_the_list_is_not_called_again() -> None:
    """Whether they wait for a redial or a promised time, or their phone rings: that stops, and no call follows."""
    room = Room(row(1), row(2), row(3, agent="002"), row(4), row(5, agent="003"), agents=3)
    room.miss(1)
    room.ask(Promise(by="test", visit=room.visit(1).id, at=at(10)))
    room.wait(1)
    room.miss(2)
    room.wait(1)
    ringing, talking = room.live(3), room.connect(5)
    report = room.import_rows(row(4))
    assert (report.withdrawn, report.kept) == (["C0001", "C0002", "C0003"], ["C0005"])
    assert room.intents == [HangUpCall(ringing.id)]
    room.hang_up(ringing, cause=127, sip=487)
    room.hang_up(talking)
    room.miss(4)
    room.ready("002")
    room.ready("003")
    later = [call.channel for call in room.wait(minutes=300) if isinstance(call, Place)]
    assert set(later) == {"PJSIP/13900000004@trunk"}
    assert {room.visit(n).state for n in (1, 2, 3)} == {V.WITHDRAWN}
    assert room.visit(5).state is V.REACHED


def test_who_hears_the_announcement_is_taken_off_the_list() -> None:
    """Who has answered and met nobody would else be called first of all."""
    room = Room(row(1), row(2))
    room.progress(1, CallProgress.ANSWERED)
    assert room.import_rows(row(2)).withdrawn == ["C0001"]
    assert room.intents == []
    room.progress(1, CallProgress.AGENT_MISSED, text="NOANSWER")
    room.hang_up(1)
    assert room.visit(1).state is V.WITHDRAWN


def test_who_is_put_back_goes_on_where_they_were() -> None:
    """The count and the gap of the calls made before stay, and so does the number that was called."""
    room = Room(row(1), row(2, agent="002"), agents=2)
    room.miss(1)
    room.wait(1)
    room.connect(2)
    room.import_rows(row(2, agent="002"))
    report = room.import_rows(replace(row(1), number="13800000001"), row(2, agent="002"))
    assert (report.restored, room.visit(1).number, room.visit(1).counted) == (["C0001"], row(1).number, 1)
    assert not [call for call in room.wait(minutes=4, seconds=50) if isinstance(call, Place)]
    assert [call for call in room.wait(seconds=20) if isinstance(call, Place)]


def test_who_was_taken_off_while_the_phone_rang_is_put_back_when_that_is_over() -> None:
    """Not before: the call that was cancelled is still to end, and does not count."""
    room = Room(row(1))
    for _ in range(4):
        room.miss(1)
        room.wait(minutes=6)
    call = room.live(1)
    room.import_rows(row(2))
    assert room.import_rows(row(1), row(2)).unchanged == 2
    room.progress(call, CallProgress.RESPONDED, reason=0)
    room.hang_up(call, cause=17, sip=486)
    assert (room.visit(1).state, room.visit(1).counted) == (V.WITHDRAWN, 4)
    assert room.import_rows(row(1), row(2)).restored == ["C0001"]


def test_a_list_that_takes_many_off_must_be_confirmed() -> None:
    """More than a fifth of those on it: nothing is changed until so many are confirmed; a fifth goes without."""
    rows = [row(n) for n in range(1, 11)]
    room = room_before_calling(*rows)
    assert room.import_rows(*rows[3:], preview=True, withdraw=0).withdrawn == ["C0001", "C0002", "C0003"]
    for confirmed in (0, 2):
        with pytest.raises(WithdrawsMany, match="3 of 10") as refused:
            room.import_rows(*rows[3:], withdraw=confirmed)
        assert (refused.value.count, refused.value.code) == (3, "withdraws-many")
    assert not room.changes
    assert len(room.import_rows(*rows[3:], withdraw=3).withdrawn) == 3
    assert len(room.import_rows(*rows[4:], withdraw=0).withdrawn) == 1


def test_who_stands_in_a_row_that_was_left_out_stays() -> None:
    """Their row was bad, in the file or by the rules: they are neither changed nor withdrawn, and named."""
    room = room_before_calling(row(1), row(2), row(3), row(4))
    visits = VisitList("main", (row(1), row(2, agent="009")), skipped=1, unread=frozenset(("C0003", "C0777")))
    report = room.ask(ImportList(by="test", day=MONDAY, visits=visits, skip_bad=True, withdraw=1))
    assert (report.stayed, report.withdrawn, report.unchanged) == (["C0002", "C0003"], ["C0004"], 1)
    assert [room.visit(n).state for n in (2, 3, 4)] == [V.WAITING, V.WAITING, V.WITHDRAWN]


def test_a_row_without_a_code_may_be_anybodys() -> None:
    """Nobody is withdrawn on the word of a list that has a row of which nobody knows whose it is."""
    room = room_before_calling(row(1), row(2))
    visits = VisitList("main", (row(1),), skipped=1, unread=frozenset(("",)))
    report = room.ask(ImportList(by="test", day=MONDAY, visits=visits, skip_bad=True))
    assert (report.stayed, report.withdrawn) == (["C0002"], [])


def test_who_is_on_the_list_again_is_restored() -> None:
    """Taken off by one list and put back by the next; with the data of the new one."""
    room = room_before_calling(row(1), row(2))
    room.import_rows(row(2))
    report = room.import_rows(amended(1, remarks="x"), row(2))
    assert report == ImportReport(restored=["C0001"], unchanged=1)
    assert (room.visit(1).state, room.visit(1).reason) == (V.WAITING, "")
    room.wait_until(at(8))
    assert room.calls() == ["C0001"]


def test_who_was_withdrawn_by_a_person_is_not_restored_by_a_list() -> None:
    """They ordered online; the list does not know."""
    room = room_before_calling(row(1), row(2))
    room.ask(Withdraw(by="order system", visit=room.visit(1).id, reason="ordered online"))
    assert room.import_rows(row(1), row(2)) == ImportReport(unchanged=2)
    assert room.import_rows(amended(1, remarks="x"), row(2)).kept == ["C0001"]
    assert room.import_rows(row(2)).kept == []
    assert room.visit(1).state is V.WITHDRAWN


def test_who_was_taken_off_by_a_list_and_then_by_a_person_is_not_restored() -> None:
    """They ordered online after the list had dropped them: the last word is theirs."""
    room = room_before_calling(row(1), row(2))
    room.import_rows(row(2))
    room.ask(Withdraw(by="order system", visit=room.visit(1).id, reason="ordered online"))
    assert room.visit(1).reason == "ordered online"
    assert room.import_rows(row(1), row(2)).unchanged == 2
    room.wait_until(at(8))
    assert room.visit(1).state is V.WITHDRAWN


def test_a_number_that_a_person_corrected_is_not_undone_by_a_list() -> None:
    """The list still has the old number; what people found out since stays, the rest is taken."""
    room = room_before_calling(row(1), row(2))
    room.ask(CorrectNumber(by="records", day=MONDAY, customer="C0001", number="13800000001"))
    assert room.import_rows(row(1), row(2)) == ImportReport(unchanged=2)
    assert room.visit(1).number == "13800000001"
    assert room.import_rows(amended(1, remarks="x"), row(2)).updated == ["C0001"]
    assert room.visit(1).number == "13800000001"


def test_a_promise_outlives_an_amended_list() -> None:
    """The time was promised to the customer, not to the list."""
    room = room_before_calling(row(1))
    room.ask(Promise(by="test", visit=room.visit().id, at=at(9)))
    room.import_rows(amended(1, remarks="x"))
    assert (room.visit().promised, room.visit().due) == (at(9), at(9))


def test_a_preview_says_what_would_be_and_changes_nothing() -> None:
    """``preview``: the same report, no change."""
    room = room_before_calling(row(1), row(2), row(3))
    room.import_rows(row(1), row(2))
    rows = (replace(row(1), number=row(9).number), row(3), replace(row(9), doubtful=True))
    visits = dict(room.store.visits)
    preview = room.import_rows(*rows, preview=True)
    assert not room.changes
    assert room.store.visits == visits
    real = room.import_rows(*rows)
    assert preview == replace(real, preview=True)
    assert real == ImportReport(
        added=["C0009"], updated=["C0001"], restored=["C0003"], withdrawn=["C0002"],
        shared=["C0001", "C0009"], doubtful=["C0009"],
    )  # fmt: skip


def test_a_preview_leaves_what_was_called_as_it_is() -> None:
    """The number of a customer who has been called is not changed, so it is not shared either."""
    room = Room(row(1), row(2))
    room.miss(1)
    rows = (replace(row(1), number=row(2).number), row(2))
    assert room.import_rows(*rows, preview=True) == ImportReport(kept=["C0001"], unchanged=1, preview=True)
    assert room.import_rows(*rows) == ImportReport(kept=["C0001"], unchanged=1)


def test_shared_numbers_are_flagged_not_refused() -> None:
    """Issue: "the same number on two customers is flagged, not refused"; and no longer when they differ again."""
    room = room_before_calling()
    report = room.import_rows(row(1), row(2, number=row(1).number), row(3))
    assert report.shared == ["C0001", "C0002"]
    assert [room.visit(n).shared for n in (1, 2, 3)] == [True, True, False]
    assert [v.shared for v in room.store.visits.values()] == [True, True, False]
    room.import_rows(row(1), row(2), row(3))
    assert [v.shared for v in room.store.visits.values()] == [False, False, False]


def test_an_agent_who_is_not_there_refuses_the_list_whole() -> None:
    """Issue: "a list with bad rows is taken whole or not at all as the caller chooses"; every bad row is named."""
    room = room_before_calling()
    with pytest.raises(ListRefused, match="2 rows") as refused:
        room.import_rows(row(1), row(2, agent="009"), row(3, agent="008"))
    assert [(p.row, p.column, p.value) for p in refused.value.problems] == [(3, "agent", "009"), (4, "agent", "008")]
    assert room.store.visits == {}
    report = room.import_rows(row(1), row(2, agent="009"), row(3, agent="008"), skip_bad=True)
    assert (report.added, report.skipped) == (["C0001"], 2)


def test_a_customer_of_another_list_is_refused() -> None:
    """One visit a day; the other list keeps its own and is not withdrawn by this one."""
    room = room_before_calling(row(1))
    with pytest.raises(ListRefused) as refused:
        room.import_rows(row(1), row(2), name="second")
    assert refused.value.problems[0].column == "code"
    report = room.import_rows(row(1), row(2), name="second", skip_bad=True)
    assert (report.added, report.skipped, report.withdrawn) == (["C0002"], 1, [])
    assert room.visit(1).state is V.WAITING


def test_rows_that_were_skipped_on_reading_are_counted_too() -> None:
    """``VisitList.skipped`` and the rows that do not fit."""
    room = room_before_calling()
    visits = VisitList("main", (row(1), row(2, agent="009")), skipped=3)
    report = room.ask(ImportList(by="test", day=MONDAY, visits=visits, skip_bad=True))
    assert report.skipped == 4


def test_a_list_without_department_is_taken() -> None:
    """Fields vary by department."""
    room = room_before_calling()
    room.import_rows(replace(row(1), customer=Customer("C0001")))
    assert room.state.days[MONDAY].departments == set()


@pytest.mark.parametrize("when", ["after closing", "never loaded"])
def test_a_list_for_a_day_that_is_over_is_refused(when: str) -> None:
    """Nobody would call it."""
    room = Room(now=at(18))
    with pytest.raises(Conflict, match="is over"):
        room.import_rows(row(1), day=MONDAY if when == "after closing" else MONDAY - timedelta(days=1))


def test_a_list_for_a_day_to_come_waits_for_it() -> None:
    """The team leader makes tomorrow's list today; the same customer may be on both."""
    room = Room(row(1))
    room.talk(1)
    room.ready()
    room.open_day(TUESDAY)
    assert room.import_rows(row(1), day=TUESDAY).added == ["C0001"]
    assert room.wait(minutes=60) == []
    assert room.visit(1, TUESDAY).state is V.WAITING
    room.wait_until(at(8, day=TUESDAY))
    assert room.calls() == ["C0001"]


def test_the_digest_tells_every_field_apart() -> None:
    """An amended remark is a change."""
    plain = Customer("C1", shop_name="a")
    assert digest(plain) == digest(Customer("C1", shop_name="a"))
    assert digest(plain) != digest(Customer("C1", person="a"))
    assert digest(plain) != digest(replace(plain, extra=(("备注2", "x"),)))
