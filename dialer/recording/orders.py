"""Orders and the calls in which they were taken.

The order system says "order N saved for customer C"; the recording of the call in which that happened belongs to the
order. By the attempt's id when it is given, else by customer and time: exactly one conversation near the time is the
one; several are a question for a person, who is shown them; none is tried again when later calls become known.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from dialer.campaign.model.attempt import Attempt
from dialer.campaign.model.order import AGENT, Order
from dialer.campaign.model.query import Page
from dialer.campaign.views.lookup import CallStore
from dialer.clock import Clock, in_utc
from dialer.errors import BadInput, Conflict, NotFound
from dialer.recording.ports import OrderStore

log = structlog.get_logger(__name__)

NO_CALL = "no call known"
SEVERAL = "several calls fit"

_PAGE = 500
_LONGEST_NUMBER = 80


@dataclass(frozen=True, slots=True)
class OrderWindow:
    """How far an order's time may be from its conversation.

    ``before``: an order may be saved so long after the end of the call; ``after``: and so long before its beginning,
    which is only the difference between two machines' clocks. Open orders are tried again for ``retry``.
    """

    before: timedelta = timedelta(minutes=10)
    after: timedelta = timedelta(minutes=1)
    retry: timedelta = timedelta(days=7)

    def around(self, at: datetime) -> tuple[datetime, datetime]:
        """When the conversation of such an order may have been; at the ends of the calendar, just then."""
        try:
            return at - self.before, at + self.after
        except OverflowError:
            return at, at


@dataclass(frozen=True, slots=True)
class Match:
    """Exactly one of ``attempt`` and ``question`` is set."""

    attempt: str | None = None
    question: str = ""
    candidates: tuple[str, ...] = ()


def match(order: Order, conversations: Sequence[Attempt], window: OrderWindow) -> Match:
    """Find the conversation of the order's customer that overlaps [at - before, at + after].

    A conversation that still goes on has no end yet. Nearness decides nothing: one, or a question.
    """
    since, until = window.around(order.at)
    fitting = [
        attempt.id
        for attempt in sorted(conversations, key=lambda attempt: (attempt.placed_at, attempt.id))
        if attempt.customer == order.customer
        and attempt.talked
        and (attempt.connected_at or attempt.answered_at or attempt.placed_at) <= until
        and (attempt.ended_at is None or attempt.ended_at >= since)
    ]
    if len(fitting) == 1:
        return Match(attempt=fitting[0])
    return Match(question=SEVERAL if fitting else NO_CALL, candidates=tuple(fitting))


class Orders:
    """Takes orders in and keeps looking for the calls of those that have none."""

    def __init__(self, store: OrderStore, calls: CallStore, clock: Clock, window: OrderWindow = OrderWindow()) -> None:
        self._store = store
        self._calls = calls
        self._clock = clock
        self._window = window
        self._lock = asyncio.Lock()
        self._open: dict[str, set[str]] | None = None  # numbers of open orders by customer

    async def take(self, order: Order) -> Order:
        """Take in an order as it was sent; the answer is how it now stands.

        The number identifies it. The same again changes nothing. Other quantity or amount is an amendment of the
        order and is kept; what is left out then stays as it was, and so does the time of the first saving, by which
        the call was found. Another call under the same number is refused as Conflict, and so is another customer,
        unless an agent entered the first: then the order system is right, and which call it was is asked of a person.

        With ``attempt`` given, it must be a call in which this customer talked with an agent: NotFound when it is not
        in the records, Conflict when it is somebody else's or nobody talked. Without a customer the call's is taken.
        """
        order = await self._checked(order)
        async with self._lock:
            known = await self._store.order(order.number)
            if known is None:
                return await self._save(order if order.attempt else await self._look_up(order))
            return await self._again(known, order)

    async def resolve(self, number: str, attempt: str, by: str) -> Order:
        """A person decides which call the order belongs to, also against an earlier link.

        Where two customers lay claim to one number, the order is whose call it is. Raises NotFound, Conflict when the
        call is another customer's without such a claim or nobody talked, BadInput without a name.
        """
        if not by:
            raise BadInput("Say who decides.")
        async with self._lock:
            known = await self._store.order(number)
            if known is None:
                raise NotFound(f"There is no order {number!r}.")
            claimed = attempt in known.candidates
            call = await self._conversation(attempt, "" if claimed else known.customer, number)
            known = replace(known, customer=call.customer, attempt=attempt, open_question="", candidates=(), by=by)
            return await self._save(known)

    async def attempt_known(self, attempt: Attempt) -> tuple[Order, ...]:
        """A conversation was booked: look again at this customer's open orders. Those that were linked."""
        if not attempt.talked:
            return ()
        async with self._lock:
            return await self._try_again(attempt.customer)

    async def retry_open(self) -> tuple[Order, ...]:
        """Look again at every open order that is not too old. Those that were linked."""
        async with self._lock:
            self._open = None
            customers = sorted(await self._open_orders())
            return tuple([order for customer in customers for order in await self._try_again(customer)])

    # -- inside ----------------------------------------------------------------------------------

    async def _checked(self, order: Order) -> Order:
        number = order.number.strip()
        if not number or len(number) > _LONGEST_NUMBER:
            raise BadInput(f"An order needs its number (at most {_LONGEST_NUMBER} characters).")
        if order.at.tzinfo is None:
            raise BadInput(f"Order {number}: the time {order.at.isoformat()} needs its offset from UTC.")
        order = replace(order, number=number, at=in_utc(order.at), open_question="", candidates=())
        if order.attempt:
            attempt = await self._conversation(order.attempt, order.customer, number)
            return replace(order, customer=attempt.customer)
        if not order.customer:
            raise BadInput(f"Order {number}: name the customer, or the call in which it was taken.")
        return replace(order, attempt=None)

    async def _conversation(self, name: str, customer: str, number: str) -> Attempt:
        try:
            attempt = await self._calls.attempt(name)
        except NotFound:
            raise NotFound(f"Order {number}: there is no call {name!r}.") from None
        if customer and attempt.customer != customer:
            raise Conflict(f"Order {number} is customer {customer}'s; call {name} was to customer {attempt.customer}.")
        if not attempt.talked:
            raise Conflict(f"Order {number}: nobody talked in call {name}, so no order can have been taken in it.")
        return attempt

    async def _again(self, known: Order, order: Order) -> Order:
        if order.customer != known.customer:
            return await self._another_customer(known, order)
        if order.attempt and known.attempt and order.attempt != known.attempt:
            raise Conflict(
                f"Order {known.number} belongs to call {known.attempt} already; only a person can move it to another."
            )
        # What an order amounts to is the order system's to say; an agent's entry only fills what it left out.
        is_second_hand = order.source == AGENT and known.source != AGENT
        first, second = (known, order) if is_second_hand else (order, known)
        amended = replace(known, quantity=first.quantity or second.quantity, amount=first.amount or second.amount)
        if order.attempt and not known.attempt:
            amended = replace(amended, attempt=order.attempt, open_question="", candidates=())
        elif _is_ours_to_answer(known):
            amended = await self._look_up(amended)
        return known if amended == known else await self._save(amended)

    async def _another_customer(self, known: Order, order: Order) -> Order:
        """An agent typed a number that the order system gives to another customer: a slip, for a person to mend."""
        if known.source != AGENT or order.source == AGENT:
            raise Conflict(f"Order {known.number} is customer {known.customer}'s and cannot become {order.customer}'s.")
        found = await self._look_up(order)
        calls = (known.attempt, order.attempt or found.attempt, *found.candidates)
        question = (
            f"{known.by or 'an agent'} entered this order for customer {known.customer}; it is {order.customer}'s"
        )
        return await self._save(
            replace(
                order,
                attempt=None,
                open_question=question,
                candidates=tuple(dict.fromkeys(call for call in calls if call)),
            )
        )

    async def _look_up(self, order: Order) -> Order:
        since, until = self._window.around(order.at)
        found = match(order, await self._store.conversations(order.customer, since, until), self._window)
        return replace(order, attempt=found.attempt, open_question=found.question, candidates=found.candidates)

    async def _save(self, order: Order) -> Order:
        await self._store.save_order(order)
        if self._open is not None:
            numbers = self._open.setdefault(order.customer, set())
            if _is_ours_to_answer(order):
                numbers.add(order.number)
            else:
                numbers.discard(order.number)
            if not numbers:
                del self._open[order.customer]
        log.info("order", action="order.taken", order=order.number, attempt=order.attempt, question=order.open_question)
        return order

    async def _open_orders(self) -> dict[str, set[str]]:
        """Read the open orders that are young enough, once; newest first, so reading stops at the first old one."""
        if self._open is None:
            found: dict[str, set[str]] = {}
            oldest = self._clock.now() - self._window.retry
            page = Page(limit=_PAGE)
            while orders := await self._store.open_orders(page):
                for order in orders:
                    if _is_ours_to_answer(order) and order.at >= oldest:
                        found.setdefault(order.customer, set()).add(order.number)
                if len(orders) < page.limit or orders[-1].at < oldest:
                    break
                page = Page(page.limit, page.offset + page.limit)
            self._open = found
        return self._open

    async def _try_again(self, customer: str) -> tuple[Order, ...]:
        numbers = (await self._open_orders()).get(customer, set())
        linked = []
        for number in sorted(numbers):
            known = await self._store.order(number)
            if known is None or not _is_ours_to_answer(known):  # the agent's entry has settled it, or confused it
                numbers.discard(number)
                continue
            again = await self._look_up(known)
            if again != known:
                await self._save(again)
                if again.attempt:
                    linked.append(again)
        return tuple(linked)


def _is_ours_to_answer(order: Order) -> bool:
    """Whether a call that becomes known may answer the open question; others wait for a person."""
    return order.attempt is None and order.open_question in (NO_CALL, SEVERAL)
