"""The day's figures: what the database sums up is what the stories tell."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from dialer.campaign.changes import Changes, OrderTaken
from dialer.campaign.model.attempt import Attempt
from dialer.campaign.model.evidence import Disposition
from dialer.campaign.model.order import Order
from dialer.campaign.model.query import Page, VisitScope
from dialer.campaign.model.visit import ManualCall, Result, VisitState
from dialer.campaign.views.lookup import VisitDetail
from dialer.reports.sums import Selection, Sums, total
from dialer.store.database import Database
from dialer.store.day import SqlDayStore
from dialer.store.records.calls import SqlCallStore
from dialer.store.records.orders import SqlOrderStore
from dialer.store.records.sums import SqlReportStore
from tests.contracts.made_up import DAY, added, at, attempt, calling, customer, ended, placed, unreached, visit

ALL = Selection(DAY, DAY)
STATES = (VisitState.INVALID_NUMBER, VisitState.OUT_OF_TIME, VisitState.WITHDRAWN)


@pytest.fixture
def store(database: Database) -> SqlReportStore:
    return SqlReportStore(database)


@pytest.fixture(autouse=True)
async def day_of_all_kinds(day: SqlDayStore) -> None:
    """1 unreached; 2 reached in the second call with an order; 3 talks; 4 to 6 given up or withdrawn; 7 of team A."""
    await day.commit(added(1, 2, 3))
    others = [visit(4 + n, state=state, agent=None) for n, state in enumerate(STATES)]
    ordered = visit(8, state=VisitState.REACHED, result=Result.ORDERED, team="B")
    await day.commit(Changes(added=[(v, customer(v.id)) for v in (*others, visit(7, team="A", agent="102"), ordered)]))
    await day.commit(placed(1))
    await day.commit(unreached(1))
    first = ended(attempt(2))
    await day.commit(Changes(visits=[calling(2)], placed=[attempt(2)]))
    await day.commit(Changes(visits=[visit(2, attempts=1, counted=1)], attempts=[first]))
    talk = attempt(2, 2, placed_at=at(4000))
    await day.commit(Changes(visits=[calling(2, 2)], placed=[talk]))
    reached = visit(2, state=VisitState.REACHED, attempts=2, counted=1, result=Result.ORDERED)
    order = OrderTaken("N2", talk.id, "C00002", at(4020), "A2", "16", "1234.5")
    await day.commit(Changes(visits=[reached], attempts=[ended(talk, Disposition.CONNECTED)], orders=[order]))
    await day.commit(placed(3, answered_at=at(61), connected_at=at(62)))


async def details(database: Database) -> list[VisitDetail]:
    """All of the day."""
    return await SqlCallStore(database).details(DAY, Page())


def counted(sums: Sums, call: Attempt) -> None:
    """Count a call, one by one."""
    talked = call.connected_at is not None
    sums.calls += 1
    sums.answered += talked or call.answered_at is not None
    sums.conversations += talked
    sums.open_results += call.talked and call.ended_at is not None and call.result is None
    sums.first_calls += call.seq == 1
    sums.first_reached += talked and call.seq == 1
    if call.connected_at is not None and call.ended_at is not None:
        sums.talk += call.ended_at - call.connected_at
    sums.begin = min(sums.begin or call.placed_at, call.placed_at)
    sums.end = max(filter(None, (sums.end, call.ended_at)), default=None)


def visited(sums: Sums, detail: VisitDetail) -> None:
    """Count a customer."""
    sums.visits += 1
    sums.states[detail.visit.state] += 1
    if detail.visit.result is not None:
        sums.results[detail.visit.result] += 1
    sums.orders += len(detail.orders)
    sums.quantity += sum(Decimal(order.quantity or 0) for order in detail.orders)
    sums.amount += sum(Decimal(order.amount or 0) for order in detail.orders)


async def test_everything_together(store: SqlReportStore, database: Database) -> None:
    """Each figure is what counting one by one gives; another day has none."""
    expected = Sums()
    for detail in await details(database):
        visited(expected, detail)
        for call in detail.attempts:
            counted(expected, call)
    assert await store.sums(ALL) == expected
    assert (expected.visits, expected.calls, expected.conversations, expected.orders) == (8, 4, 2, 1)
    assert (expected.quantity, expected.amount) == (Decimal(16), Decimal("1234.5"))
    assert expected.talk == timedelta(seconds=21)
    assert await store.sums(Selection(DAY + timedelta(days=1), DAY + timedelta(days=9))) == Sums()


async def test_by_agent(store: SqlReportStore, database: Database) -> None:
    """Customers by who talked to them last, else whose they are, else nobody's; calls by who made them."""
    expected: dict[str, Sums] = {}
    for detail in await details(database):
        spoke = next((call.agent for call in reversed(detail.attempts) if call.connected_at is not None), None)
        visited(expected.setdefault(spoke or detail.visit.agent or "", Sums()), detail)
        for call in detail.attempts:
            counted(expected.setdefault(call.agent, Sums()), call)
    found = await store.grouped("agent", ALL)
    assert found == expected
    assert list(found) == sorted(expected)
    assert (found["A2"].visits, found["A2"].orders, found[""].visits) == (1, 1, 3)


async def test_orders_entered_by_hand(store: SqlReportStore, day: SqlDayStore) -> None:
    """Each is an order of the agent whose customer it was; work by hand without one is none."""
    work = ManualCall("A1", at(100), result=Result.ORDERED, order="H9")
    by_hand = visit(9, agent="A1", state=VisitState.REACHED, result=Result.ORDERED, hand=work)
    missed = visit(10, agent="A1", state=VisitState.UNREACHED, hand=ManualCall("A1", at(100)))
    before = (await store.grouped("agent", ALL))["A1"].orders
    await day.commit(Changes(added=[(v, customer(v.id)) for v in (by_hand, missed)]))
    assert (await store.sums(ALL)).orders == 2
    assert (await store.grouped("agent", ALL))["A1"].orders == before + 1


async def test_an_order_by_hand_that_a_call_has_counts_once(store: SqlReportStore, day: SqlDayStore) -> None:
    """Somebody entered by hand what was ordered in a call of the dialer, under its number."""
    work = ManualCall("A1", at(100), result=Result.ORDERED, order="N2")
    again = visit(9, agent="A1", state=VisitState.REACHED, result=Result.ORDERED, hand=work)
    before = (await store.sums(ALL)).orders
    await day.commit(Changes(added=[(again, customer(9))]))
    assert (await store.sums(ALL)).orders == before


async def test_by_time(store: SqlReportStore) -> None:
    """Ten minutes each, in UTC."""
    found = await store.by_time(ALL)
    midnight = datetime(2026, 11, 23, tzinfo=UTC)
    assert {when - midnight: sums.calls for when, sums in found.items()} == {
        timedelta(): 3,
        timedelta(hours=1): 1,
    }


async def test_lists(store: SqlReportStore) -> None:
    """Unreached for whatever reason; without an order and due; page by page, and counted."""
    assert [detail.visit.id for detail in await store.details(replace(ALL, standing="unreached"), Page())] == [1, 4, 5]
    assert [detail.visit.id for detail in await store.details(replace(ALL, standing="no-order"), Page())] == [
        1,
        3,
        4,
        5,
        7,
    ]
    (second,) = await store.details(replace(ALL, standing="unreached"), Page(1, 1))
    assert second.visit.id == 4
    assert await store.count(replace(ALL, standing="unreached")) == 3
    assert await store.count(replace(ALL, standing="no-order")) == 5


async def test_of_a_team(store: SqlReportStore) -> None:
    """Figures and lists of the team's visits alone."""
    scope = VisitScope("A", frozenset({"102"}))
    assert (await store.sums(replace(ALL, scope=scope))).visits == 1
    assert list(await store.grouped("agent", replace(ALL, scope=scope))) == ["102"]
    assert await store.by_time(replace(ALL, scope=scope)) == {}
    assert [
        detail.visit.id for detail in await store.details(replace(ALL, scope=scope, standing="no-order"), Page())
    ] == [7]
    assert await store.count(replace(ALL, scope=scope, standing="unreached")) == 0
    assert (await store.sums(replace(ALL, scope=VisitScope(None, frozenset({"101"}))))).calls == 4


async def test_by_what_a_customer_belongs_to(store: SqlReportStore, day: SqlDayStore) -> None:
    """By department and manager visits and calls are the customer's; by day and by team as well; "" has neither."""
    theirs = replace(customer(9), department="牙克石营销部", account_manager="李强")
    await day.commit(Changes(added=[(visit(9), theirs)]))
    whole = await store.sums(ALL)
    for group in ("department", "manager", "team", "day"):
        assert total((await store.grouped(group, ALL)).values()) == whole, group
    assert (await store.grouped("department", ALL))["牙克石营销部"].visits == 1
    assert (await store.grouped("manager", ALL))["李强"].visits == 1
    assert {team: sums.visits for team, sums in (await store.grouped("team", ALL)).items()} == {"": 7, "A": 1, "B": 1}
    assert list(await store.grouped("day", ALL)) == [DAY.isoformat()]


async def test_what_is_behind_a_figure(store: SqlReportStore) -> None:
    """Each standing lists as many customers as the sums count, of one agent as of everybody."""
    for agent, sums in [(None, await store.sums(ALL)), *(await store.grouped("agent", ALL)).items()]:
        its = replace(ALL, agent=agent)
        assert await store.count(its) == sums.visits
        assert await store.count(replace(its, standing="reached")) == sums.states[VisitState.REACHED]
        assert await store.count(replace(its, standing="unreached")) == sums.given_up
    assert [found.visit.id for found in await store.details(replace(ALL, standing="ordered"), Page())] == [2, 8]


async def test_tries_leave_out_what_our_side_lost(store: SqlReportStore, day: SqlDayStore) -> None:
    """First and second calls apart, each by when it was placed."""
    await day.commit(placed(7))
    await day.commit(Changes(attempts=[ended(attempt(7), Disposition.OUR_FAULT, counts=False)]))
    found = await store.tries(ALL)
    assert sorted((each.seq, each.calls, each.reached) for each in found) == [(1, 2, 0), (2, 1, 1)]


async def test_figures_of_neighbours_are_read_as_they_are_meant(store: SqlReportStore, database: Database) -> None:
    """With signs between the digits and units behind them; what is no number counts nothing."""
    talk = next(call.id for found in await details(database) for call in found.attempts if call.connected_at)
    for number, quantity in (("N3", "1,200.25"), ("N4", "16 条"), ("N5", "a few"), ("N6", "-9e999"), ("N7", "9e999")):
        await SqlOrderStore(database).save_order(
            Order(number, "C00002", at(4030), "order-system", talk, quantity=quantity)
        )
    assert (await store.sums(ALL)).quantity == 16 + Decimal("1200.25") + 16
