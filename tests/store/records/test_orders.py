"""Orders and their calls."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dialer.campaign.changes import Changes, OrderTaken
from dialer.campaign.model.evidence import Disposition
from dialer.campaign.model.order import Order
from dialer.campaign.model.query import Page
from dialer.errors import GuardFailed
from dialer.store.commit import merged
from dialer.store.database import Database
from dialer.store.day import SqlDayStore
from dialer.store.records.orders import SqlOrderStore
from tests.contracts.made_up import added, at, attempt, ended, placed, unreached

TALK = ended(attempt(1), Disposition.CONNECTED, counts=False)
FROM_SYSTEM = Order("N1", "C00001", at(80), "order-system", quantity="12", amount="3400.50")
TAKEN = OrderTaken("N1", TALK.id, "C00001", at(85), "A1", quantity="11")


@pytest.fixture
def store(database: Database) -> SqlOrderStore:
    return SqlOrderStore(database)


@pytest.fixture(autouse=True)
async def talk(day: SqlDayStore) -> None:
    """A conversation with customer 1 from 69 s to 90 s, and a call that nobody answered."""
    await day.commit(added(1, 2))
    await day.commit(placed(1))
    await day.commit(placed(2))
    await day.commit(unreached(2))


async def test_orders_come_back(store: SqlOrderStore) -> None:
    """Insert, replace, find by number and by call."""
    assert await store.order("N1") is None
    await store.save_order(FROM_SYSTEM)
    assert await store.order("N1") == FROM_SYSTEM
    linked = replace(FROM_SYSTEM, attempt=TALK.id)
    await store.save_order(linked)
    await store.save_order(replace(linked, number="N0", at=at(70)))
    assert await store.orders_of(TALK.id) == [replace(linked, number="N0", at=at(70)), linked]
    with pytest.raises(GuardFailed):
        await store.save_order(replace(FROM_SYSTEM, attempt="abc123-9"))


async def test_open_orders(store: SqlOrderStore) -> None:
    """Listed are orders without a call, and those with a question."""
    question = replace(FROM_SYSTEM, number="N2", at=at(99), open_question="two calls", candidates=("a", "b"))
    await store.save_order(FROM_SYSTEM)
    await store.save_order(question)
    await store.save_order(replace(FROM_SYSTEM, number="N3", attempt=TALK.id))
    assert await store.open_orders(Page()) == [question, FROM_SYSTEM]
    assert await store.open_orders(Page(5, 1)) == [FROM_SYSTEM]


async def test_conversations(store: SqlOrderStore, day: SqlDayStore) -> None:
    """A customer's conversations are found by overlap, also one that goes on."""
    assert await store.conversations("C00001", at(0), at(999)) == []
    talking = replace(attempt(1), connected_at=at(69))
    await day.commit(Changes(attempts=[talking]))
    assert await store.conversations("C00001", at(500), at(999)) == [talking]
    await day.commit(Changes(attempts=[TALK]))
    assert await store.conversations("C00001", at(90), at(999)) == [TALK]
    assert await store.conversations("C00001", at(91), at(999)) == []
    assert await store.conversations("C00001", at(0), at(68)) == []
    assert await store.conversations("C00002", at(0), at(999)) == []


async def test_an_agent_enters_an_order(store: SqlOrderStore, day: SqlDayStore) -> None:
    """The agent's entry belongs to the call; what the order system said stays."""
    await store.save_order(FROM_SYSTEM)
    await day.commit(Changes(orders=[TAKEN, replace(TAKEN, number="N2")]))
    assert await store.order("N1") == replace(FROM_SYSTEM, attempt=TALK.id, by="A1")
    assert await store.order("N2") == Order("N2", "C00001", at(85), "agent", TALK.id, quantity="11", by="A1")


async def test_an_agent_corrects_an_order(store: SqlOrderStore, day: SqlDayStore) -> None:
    """What they entered for the call before goes; the figures are those that were entered last."""
    await day.commit(Changes(orders=[replace(TAKEN, number="N2")]))
    await day.commit(Changes(orders=[replace(TAKEN, number="N3")]))
    await day.commit(Changes(orders=[replace(TAKEN, number="N3", quantity="7")]))
    assert await store.order("N2") is None
    assert await store.orders_of(TALK.id) == [Order("N3", "C00001", at(85), "agent", TALK.id, quantity="7", by="A1")]
    await day.commit(Changes(orders_gone=[(TALK.id, at(99))]))
    assert await store.orders_of(TALK.id) == []


async def test_a_claim_on_another_customers_order_goes_with_its_correction(
    store: SqlOrderStore, day: SqlDayStore
) -> None:
    """The question that it asked is answered; one that is asked among others stays."""
    other = replace(FROM_SYSTEM, customer="C00002")
    asked = replace(other, number="N5", open_question="whose?", candidates=("abc123-2-1-k3", "abc123-3-1-k3", TALK.id))
    await store.save_order(other)
    await store.save_order(asked)
    await day.commit(Changes(orders=[TAKEN]))
    claimed = await store.order("N1")
    assert claimed is not None
    assert claimed.candidates == (TALK.id,)
    await day.commit(Changes(orders=[replace(TAKEN, number="N2")]))
    assert await store.order("N1") == other
    assert await store.order("N5") == replace(asked, candidates=("abc123-2-1-k3", "abc123-3-1-k3"))


def test_a_number_of_another_customer_is_a_question() -> None:
    """Nothing is overwritten when an agent enters an order number that another customer has."""
    known = replace(FROM_SYSTEM, customer="C00002", attempt="abc123-2-1-k3")
    order = merged(known, TAKEN)
    assert (order.customer, order.attempt) == ("C00002", known.attempt)
    assert order.candidates == (known.attempt, TALK.id)
    assert "C00001" in order.open_question
    assert merged(order, replace(TAKEN, customer="C00002", attempt="abc123-2-1-k3")).open_question == ""
