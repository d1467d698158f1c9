"""Orders find their calls, or ask a person; they never guess."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.campaign.changes import Changes, OrderTaken
from dialer.campaign.model.attempt import Attempt, AttemptState
from dialer.campaign.model.evidence import Disposition
from dialer.campaign.model.order import Order
from dialer.campaign.model.query import Page
from dialer.errors import BadInput, Conflict, NotFound
from dialer.recording.orders import NO_CALL, SEVERAL, Orders, OrderWindow, match
from dialer.store.database import Database
from tests.recording.real_records import RealRecords, real_records
from tests.recording.sounds import NOW, Clock, call

A, B = "abc123-1-1-k3", "abc123-2-1-k3"
WINDOW = OrderWindow()


def order(number: str = "N1", *, at: datetime = NOW, **fields: object) -> Order:
    """An order of customer C1, as the order system sends it."""
    return replace(Order(number, "C1", at, "order-system"), **fields)  # type: ignore[arg-type]  # fields by name, or a stand-in


def other(**fields: object) -> Attempt:
    """A second call to C1, as happens when a promised time is kept."""
    return call(B, customer="C1", number="13904700002", agent="102", **fields)  # type: ignore[arg-type]  # fields by name, or a stand-in


@pytest.fixture
def records(database: Database) -> RealRecords:
    return real_records(database)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def orders(records: RealRecords, clock: Clock) -> Orders:
    return Orders(records.orders, records.calls, clock)


@pytest.mark.parametrize(
    ("seconds", "linked"),
    [(-64, False), (-63, True), (-2, True), (0, True), (600, True), (601, False)],
)
def test_the_order_may_be_saved_during_the_call_or_some_minutes_after(seconds: float, linked: bool) -> None:
    """Ten minutes after the end, one minute before the beginning (two clocks), and not a second more."""
    made = call(seconds=4, ended_s_ago=0)  # the agent came on the line 3.5 s before the end
    found = match(order(at=NOW + timedelta(seconds=seconds)), [made], WINDOW)
    assert (found.attempt == A) is linked
    assert found.question == ("" if linked else NO_CALL)


def test_a_conversation_that_goes_on_is_one() -> None:
    """The agent saves the order while talking."""
    live = replace(call(), state=AttemptState.CONNECTED, ended_at=None, disposition=None)
    assert match(order(), [live], WINDOW).attempt == A


@pytest.mark.parametrize(
    "stranger",
    [
        call(customer="C2"),
        call(connected_at=None, disposition=Disposition.ABANDONED),
        call(ended_s_ago=7200),
    ],
)
def test_other_calls_do_not_fit(stranger: Attempt) -> None:
    """Another customer's, one without a conversation, one of this morning."""
    assert match(order(), [stranger], WINDOW).question == NO_CALL


def test_two_calls_are_a_question() -> None:
    """Also when one of them is much nearer."""
    found = match(order(), [other(ended_s_ago=500), call(ended_s_ago=1)], WINDOW)
    assert found.attempt is None
    assert found.question == SEVERAL
    assert found.candidates == (B, A)


@given(
    st.lists(st.tuples(st.integers(-3600, 3600), st.integers(1, 600), st.booleans()), max_size=6),
    st.integers(-3600, 3600),
)
def test_a_link_is_the_only_call_that_fits(calls: list[tuple[int, int, bool]], at: int) -> None:
    """Whatever the day: a link means exactly one conversation in the window; a question lists all that fit, or none."""
    made = [
        call(f"abc123-{n}-1-k3", seconds, ended_s_ago=-end, customer="C1")
        if talked
        else call(
            f"abc123-{n}-1-k3",
            seconds,
            ended_s_ago=-end,
            customer="C1",
            connected_at=None,
            disposition=Disposition.ABANDONED,
        )
        for n, (end, seconds, talked) in enumerate(calls)
    ]
    moment = NOW + timedelta(seconds=at)
    fitting = {
        a.id
        for a in made
        if a.connected_at
        and a.ended_at
        and a.connected_at - timedelta(minutes=1) <= moment <= a.ended_at + timedelta(minutes=10)
    }
    found = match(order(at=moment), made, WINDOW)
    if len(fitting) == 1:
        assert {found.attempt} == fitting
        assert (found.question, found.candidates) == ("", ())
    else:
        assert found.attempt is None
        assert set(found.candidates) == fitting
        assert found.question == (SEVERAL if fitting else NO_CALL)


async def test_by_attempt(records: RealRecords, orders: Orders) -> None:
    """The order system knows the call: no looking for it; without a customer the call's is taken."""
    await records.add(call(ended_s_ago=7200))
    made = await orders.take(order(attempt=A, customer="", quantity="12"))
    assert made == await records.orders.order("N1")
    assert (made.attempt, made.customer, made.open_question) == (A, "C1", "")


@pytest.mark.parametrize(
    ("sent", "error", "says"),
    [
        (order(attempt="abc123-9-9-zz"), NotFound, "no call 'abc123-9-9-zz'"),
        (order(attempt=A, customer="C7"), Conflict, "C7.*to customer C1"),
        (order(attempt=B), Conflict, "nobody talked"),
        (order(number=" "), BadInput, "number"),
        (order(number="9" * 81), BadInput, "80"),
        (order(customer=""), BadInput, "customer"),
        (order(at=datetime(2026, 11, 23, 9, 0)), BadInput, "offset"),  # noqa: DTZ001 - that is what is wrong with it
    ],
)
async def test_what_cannot_be_is_refused(
    records: RealRecords, orders: Orders, sent: Order, error: type[Exception], says: str
) -> None:
    """Unknown call, another customer's call, no conversation, no number; and nothing is stored."""
    await records.add(call())
    await records.add(other(connected_at=None, disposition=Disposition.ABANDONED))
    with pytest.raises(error, match=says):
        await orders.take(sent)
    assert await records.orders.open_orders(Page()) == []
    assert await records.orders.orders_of(A) == []


async def test_by_customer_and_time(records: RealRecords, orders: Orders) -> None:
    """The usual case; the time comes in the order system's own offset."""
    await records.add(call())
    local = NOW.astimezone(timezone(timedelta(hours=8)))
    made = await orders.take(order(at=local))
    assert made.attempt == A
    assert [o.number for o in await records.orders.orders_of(A)] == ["N1"]
    stored = await records.orders.order("N1")
    assert stored is not None
    assert stored.at == NOW


async def test_the_same_again_changes_nothing(records: RealRecords, orders: Orders) -> None:
    """Delivered twice: one order. With other amounts: an amendment, which keeps the call and the first time."""
    await records.add(call())
    first = await orders.take(order(quantity="12", amount="3400"))
    assert await orders.take(order(quantity="12", amount="3400")) == first
    assert await orders.take(order(at=NOW + timedelta(hours=5))) == first
    amended = await orders.take(order(at=NOW + timedelta(hours=5), quantity="15"))
    assert amended == replace(first, quantity="15")


async def test_another_call_or_customer_under_the_same_number_is_refused(records: RealRecords, orders: Orders) -> None:
    """Only a person may move an order."""
    await records.add(call())
    await records.add(other(ended_s_ago=3600))
    await orders.take(order(attempt=A))
    with pytest.raises(Conflict, match="belongs to call"):
        await orders.take(order(attempt=B))
    with pytest.raises(Conflict, match="cannot become C2's"):
        await orders.take(order(customer="C2"))
    moved = await orders.resolve("N1", B, "班长")
    assert (moved.attempt, moved.by) == (B, "班长")


async def test_the_agents_entry_and_the_order_systems_are_one_order(records: RealRecords, orders: Orders) -> None:
    """The agent knows the call, the order system the amounts, whoever comes first."""
    await records.add(call())
    entry = OrderTaken("N1", A, "C1", NOW, "101", quantity="10")
    await records.days.commit(Changes(orders=[entry]))
    made = await orders.take(order(quantity="12"))
    assert (made.attempt, made.quantity, made.by) == (A, "12", "101")
    again = await orders.take(order(source="agent", quantity="9"))
    assert again.quantity == "9"  # an agent amends what was an agent's entry
    await orders.take(order("N2", quantity="12"))
    kept = await orders.take(order("N2", source="agent", quantity="9", amount="100"))
    assert (kept.quantity, kept.amount) == ("12", "100")


async def test_an_agents_slip_is_a_question_and_the_order_system_is_right(records: RealRecords, orders: Orders) -> None:
    """The agent typed another customer's order number: the order is the other's, and a person is asked."""
    await records.add(call())
    await records.add(call(B, number="13904700002", agent="102"))
    await records.days.commit(Changes(orders=[OrderTaken("N1", A, "C1", NOW, "101")]))
    made = await orders.take(order(customer="C2"))
    assert made.customer == "C2"
    assert made.attempt is None
    assert made.open_question == "101 entered this order for customer C1; it is C2's"
    assert made.candidates == (A, B)
    assert await orders.retry_open() == ()  # a person's to answer
    assert (await orders.resolve("N1", B, "主任")).open_question == ""


async def test_ambiguity_waits_for_a_person(records: RealRecords, orders: Orders) -> None:
    """Two calls fit: open, listed with its candidates, until somebody decides."""
    await records.add(call(ended_s_ago=300))
    await records.add(other(ended_s_ago=10))
    made = await orders.take(order())
    assert made.attempt is None
    assert made.candidates == (A, B)
    assert await records.orders.open_orders(Page()) == [made]
    solved = await orders.resolve("N1", B, "班长")
    assert (solved.attempt, solved.open_question, solved.candidates, solved.by) == (B, "", (), "班长")
    assert await records.orders.open_orders(Page()) == []


@pytest.mark.parametrize(
    ("number", "attempt", "by", "error"),
    [
        ("N9", A, "班长", NotFound),
        ("N1", "abc123-9-9-zz", "班长", NotFound),
        ("N1", B, "班长", Conflict),
        ("N1", A, "", BadInput),
    ],
)
async def test_a_person_cannot_decide_anything(
    records: RealRecords, orders: Orders, number: str, attempt: str, by: str, error: type[Exception]
) -> None:
    """Unknown order, unknown call, another customer's call, nobody's name."""
    await records.add(call())
    await records.add(call(B, number="13904700002", agent="102"))
    await orders.take(order())
    with pytest.raises(error):
        await orders.resolve(number, attempt, by)


async def test_a_call_that_becomes_known_later_takes_its_order(records: RealRecords, orders: Orders) -> None:
    """The order came before the records knew of the conversation, as after an outage."""
    assert (await orders.take(order())).open_question == NO_CALL
    assert (await orders.take(order())).open_question == NO_CALL
    await records.add(call())
    missed = await records.calls.attempt(A)
    assert await orders.attempt_known(replace(missed, connected_at=None, disposition=Disposition.NO_ANSWER)) == ()
    (linked,) = await orders.attempt_known(missed)
    assert (linked.number, linked.attempt, linked.open_question) == ("N1", A, "")
    assert await orders.attempt_known(missed) == ()


async def test_the_daily_retry_finds_what_was_missed(records: RealRecords, orders: Orders, clock: Clock) -> None:
    """Nobody told of the call; orders too old are left to people."""
    await orders.take(order())
    await orders.take(order("N0", at=NOW - timedelta(days=8)))
    for number in range(3):
        await orders.take(order(f"M{number}", customer="C9"))
    await records.add(call())
    await records.add(other(ended_s_ago=8 * 86400))
    clock.turn(3600)
    again = Orders(records.orders, records.calls, clock)
    assert [o.number for o in await again.retry_open()] == ["N1"]
    assert len(await records.orders.open_orders(Page())) == 4


async def test_an_order_that_the_agent_entered_meanwhile_is_left_alone(records: RealRecords, orders: Orders) -> None:
    """The engine writes the agent's entry past this service; nothing is overwritten."""
    await orders.take(order(at=NOW - timedelta(hours=3)))
    await records.add(call())
    await records.days.commit(Changes(orders=[OrderTaken("N1", A, "C1", NOW, "101")]))
    before = await records.orders.order("N1")
    assert await orders.attempt_known(await records.calls.attempt(A)) == ()
    assert await records.orders.order("N1") == before
