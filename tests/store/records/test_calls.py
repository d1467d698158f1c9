"""Looking things up."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from dialer.campaign.changes import Changes, Entry, OrderTaken
from dialer.campaign.messages import CallEvent, CallProgress
from dialer.campaign.model.customer import Customer
from dialer.campaign.model.evidence import Disposition
from dialer.campaign.model.order import Order
from dialer.campaign.model.query import Page
from dialer.campaign.model.recording import Recording, RecordingState
from dialer.campaign.views.lookup import CallQuery, VisitDetail
from dialer.errors import NotFound
from dialer.store.database import Database
from dialer.store.day import SqlDayStore
from dialer.store.records.calls import SqlCallStore
from dialer.store.records.orders import SqlOrderStore
from dialer.store.records.recordings import SqlRecordingStore
from tests.contracts.made_up import DAY, NOW, added, at, attempt, calling, customer, ended, placed, unreached, visit

TALK = ended(attempt(2, placed_at=at(200)), Disposition.CONNECTED, counts=False)
HEARD = Recording(TALK.id, RecordingState.KEPT, at(300), path="2026/11/23/a.wav", levels=(-20.5, None))


@pytest.fixture
def store(database: Database) -> SqlCallStore:
    return SqlCallStore(database)


@pytest.fixture(autouse=True)
async def morning(day: SqlDayStore, database: Database) -> None:
    """Customer 1 is unreached after a call, 2 has ordered in a recorded call, 3 waits."""
    await day.commit(added(3, 1, 2))
    await day.commit(placed(1))
    await day.commit(unreached(1))
    await day.commit(Changes(placed=[replace(TALK)], visits=[calling(2)]))
    taken = OrderTaken("N2", TALK.id, "C00002", at(230), "A2")
    await day.commit(Changes(results=[(TALK.id, "ordered")], orders=[taken]))
    await SqlRecordingStore(database).save_recording(HEARD)


async def test_a_story_tells_everything(store: SqlCallStore, database: Database) -> None:
    """A visit comes with its attempts, signs, history, orders and recordings."""
    order = await SqlOrderStore(database).order("N2")
    assert order is not None
    assert await store.detail(2) == VisitDetail(
        calling(2), customer(2), (replace(TALK, result="ordered"),), orders=(order,), recordings=(HEARD,)
    )
    detail = await store.detail(1)
    over = ended(attempt(1))
    assert detail.attempts == (over,)
    assert detail.calls == (CallEvent(over.id, CallProgress.HUNG_UP, at(90), cause=19, sip=480),)
    assert detail.history == (
        Entry(at(90), "attempt-ended", DAY, 1, over.id, over.agent, details={"处置": "no_answer"}),
    )
    with pytest.raises(NotFound, match="9"):
        await store.detail(9)


async def test_customers_of_visits(store: SqlCallStore) -> None:
    """Customers are found by visit; a visit that is not there is left out."""
    assert await store.customers([1, 3, 9]) == {1: customer(1), 3: customer(3)}
    assert await store.customers([]) == {}


async def test_names_of_a_time(store: SqlCallStore) -> None:
    """Who was on a list, each once, with the last day."""
    known = [Customer(c.code, c.shop_name, c.person, c.address) for c in (customer(1), customer(2), customer(3))]
    assert sorted(await store.names(DAY, DAY), key=lambda each: each.code) == known
    assert await store.names(DAY + timedelta(days=1), DAY + timedelta(days=9)) == []


async def test_stories_of_a_day(store: SqlCallStore) -> None:
    """The day in visit order, page by page, without evidence and history."""
    details = await store.details(DAY, Page())
    assert [detail.visit.id for detail in details] == [1, 2, 3]
    assert [len(detail.attempts) for detail in details] == [1, 1, 0]
    assert (details[0].calls, details[0].history) == ((), ())
    assert [len(detail.recordings) for detail in details] == [0, 1, 0]
    assert await store.details(DAY, Page(1, 1)) == [details[1]]
    assert await store.details(DAY + timedelta(days=1), Page()) == []


async def test_visits_of_a_customer(store: SqlCallStore) -> None:
    """A customer's visits are found by code and day."""
    assert await store.visits_of("C00003", DAY) == [3]
    assert await store.visits_of("C00003", DAY + timedelta(days=1)) == []


async def test_attempts(store: SqlCallStore) -> None:
    """One by its id; all of a time, for an audit."""
    assert await store.attempt(TALK.id) == replace(TALK, result="ordered")
    with pytest.raises(NotFound):
        await store.attempt("abc123-9")
    assert [a.visit for a in await store.attempts_between(NOW, at(1000))] == [1, 2]
    assert [a.visit for a in await store.attempts_between(at(60), at(200))] == [1]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (CallQuery(), [2, 1]),
        (CallQuery(page=Page(1, 1)), [1]),
        (CallQuery(customer="C00002"), [2]),
        (CallQuery(number="13904700001"), [1]),
        (CallQuery(agent="A2"), [2]),
        (CallQuery(order="N2"), [2]),
        (CallQuery(order="N9"), []),
        (CallQuery(since=at(200)), [2]),
        (CallQuery(until=at(200)), [1]),
        (CallQuery(day=DAY), [2, 1]),
        (CallQuery(day=DAY + timedelta(days=1)), []),
        (CallQuery(disposition="no_answer"), [1]),
        (CallQuery(disposition="no such thing"), []),
        (CallQuery(recorded=True), [2]),
        (CallQuery(recorded=False), [1]),
        (CallQuery(customer="C00001", recorded=True), []),
    ],
    ids=repr,
)
async def test_searching_calls(store: SqlCallStore, query: CallQuery, found: list[int]) -> None:
    """Calls are found by each field, newest first."""
    assert [call.attempt.visit for call in await store.calls(query)] == found


async def test_a_call_carries_what_belongs_to_it(store: SqlCallStore, database: Database) -> None:
    """A found call has its customer, recording and orders."""
    await SqlOrderStore(database).save_order(Order("N1", "C00002", at(220), "order-system", TALK.id))
    talk, missed = await store.calls(CallQuery())
    assert (talk.customer, talk.recording, talk.orders) == (customer(2), HEARD, ("N1", "N2"))
    assert (missed.customer, missed.recording, missed.orders) == (customer(1), None, ())


async def test_later_visits_do_not_move_history(store: SqlCallStore, day: SqlDayStore) -> None:
    """Customer data changed on the list is what a story shows from then on."""
    await day.commit(Changes(customers=[(3, customer(3, remarks="新地址"))], visits=[visit(3, shared=True)]))
    detail = await store.detail(3)
    assert (detail.customer.remarks, detail.visit.shared) == ("新地址", True)
