"""The day's reconciliation: calls without recordings, recordings without calls, orders without either."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from dialer.campaign.model.order import Order
from dialer.campaign.model.query import Page
from dialer.campaign.model.recording import RecordingState
from dialer.campaign.views.lookup import Call, CallQuery, CallStore
from dialer.clock import Clock, on_clock
from dialer.recording import faults
from dialer.recording.faults import Fault
from dialer.recording.ingester import Ingester, OrphanedRecording
from dialer.recording.orders import NO_CALL, Orders
from dialer.recording.ports import OrderStore

_PAGE = 500


@dataclass(frozen=True, slots=True)
class CallLine:
    """A call in a list, with why it is there."""

    attempt: str
    customer: str
    shop_name: str
    agent: str
    connected_at: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class OrderLine:
    """An order in a list, with why it is there. ``candidates`` are the calls among which a person must choose."""

    number: str
    customer: str
    at: datetime
    reason: str
    attempt: str | None = None
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The day's lists; all empty is a clean day. ``strays`` belong to no call and so to no day: all there are."""

    day: date
    calls_without_recording: tuple[CallLine, ...] = ()
    faulty_recordings: tuple[CallLine, ...] = ()
    strays: tuple[OrphanedRecording, ...] = ()
    orders_without_call: tuple[OrderLine, ...] = ()
    orders_without_recording: tuple[OrderLine, ...] = ()

    @property
    def clean(self) -> bool:
        """Whether everything has its counterpart. A faulty recording is one; it is listed all the same."""
        return not (
            self.calls_without_recording or self.strays or self.orders_without_call or self.orders_without_recording
        )


def reconcile(
    day: date,
    calls: Sequence[Call],
    orders: Sequence[Order],
    strays: Sequence[OrphanedRecording],
    *,
    now: datetime,
    settled_after: timedelta,
) -> Reconciliation:
    """Compare the day's ``calls`` and ``orders`` with each other and with the recordings.

    A call that ended less than ``settled_after`` before ``now`` may still get its recording, so its absence is no
    news. A recording that was deleted by retention was there, so it is not missed.
    """
    connected = sorted((call for call in calls if call.attempt.talked), key=lambda call: call.attempt.placed_at)
    without: list[CallLine] = []
    faulty: list[CallLine] = []
    for call in connected:
        reason = _lacks(call, now, settled_after)
        if reason:
            without.append(_line(call, reason))
        elif call.recording is not None and call.recording.state is RecordingState.FAULTY:
            faulty.append(_line(call, "; ".join(call.recording.faults)))
    lacking = {line.attempt: line.reason for line in without}
    ordered = sorted(orders, key=lambda order: (order.at, order.number))
    return Reconciliation(
        day,
        tuple(without),
        tuple(faulty),
        tuple(strays),
        tuple(
            OrderLine(o.number, o.customer, o.at, o.open_question or NO_CALL, o.attempt, o.candidates)
            for o in ordered
            if o.attempt is None or o.open_question
        ),
        tuple(
            OrderLine(o.number, o.customer, o.at, lacking[o.attempt], o.attempt)
            for o in ordered
            if o.attempt is not None and o.attempt in lacking
        ),
    )


def _lacks(call: Call, now: datetime, settled_after: timedelta) -> str:
    """Why a connected call has no recording; "" when it has one, or may still get it."""
    recording, ended_at = call.recording, call.attempt.ended_at
    if recording is not None and recording.state is RecordingState.MISSING:
        return "; ".join(recording.faults)
    if recording is None and ended_at is not None and now - ended_at >= settled_after:
        return f"{Fault.NO_FILE}: not booked yet"
    return ""


def _line(call: Call, reason: str) -> CallLine:
    attempt = call.attempt
    return CallLine(attempt.id, attempt.customer, call.customer.shop_name, attempt.agent, attempt.connected_at, reason)


class Reconciler:
    """Brings the records as far as they can be brought, then lists what remains."""

    def __init__(
        self,
        calls: CallStore,
        order_store: OrderStore,
        orders: Orders,
        ingester: Ingester,
        clock: Clock,
        zone: tzinfo,
        settled_after: timedelta = timedelta(minutes=2),
    ) -> None:
        self._calls = calls
        self._order_store = order_store
        self._orders = orders
        self._ingester = ingester
        self._clock = clock
        self._zone = zone
        self._settled_after = settled_after

    async def run(self, day: date) -> Reconciliation:
        """Try open orders and unchecked lengths again, then compile the lists of ``day`` (a date of ``zone``)."""
        await self._orders.retry_open()
        calls = await self._calls_of(day)
        unchecked = [
            call.attempt.id
            for call in calls
            if call.recording is not None and faults.has(call.recording.faults, Fault.LENGTH_UNCHECKED)
        ]
        if unchecked and await self._ingester.check_lengths(unchecked):
            calls = await self._calls_of(day)
        orders = [*await self._linked(calls), *await self._open(day)]
        return reconcile(
            day, calls, orders, self._ingester.orphans(), now=self._clock.now(), settled_after=self._settled_after
        )

    async def _calls_of(self, day: date) -> list[Call]:
        """The day's conversations whose recording is not simply in order: only these can be in a list.

        New ones may come while pages are read, which shifts them: each counts once.
        """
        found: dict[str, Call] = {}
        page = Page(limit=_PAGE)
        while calls := await self._calls.calls(CallQuery(day=day, amiss=True, page=page)):
            found.update((call.attempt.id, call) for call in calls)
            page = Page(page.limit, page.offset + len(calls))
        return list(found.values())

    async def _linked(self, calls: Sequence[Call]) -> list[Order]:
        """Orders of connected calls that have no good recording: only these can be in a list."""
        return [
            order
            for call in calls
            if call.orders and (call.recording is None or call.recording.state is RecordingState.MISSING)
            for order in await self._order_store.orders_of(call.attempt.id)
        ]

    async def _open(self, day: date) -> list[Order]:
        """Open orders of the day. They come newest first, so reading stops behind it."""
        found: dict[str, Order] = {}
        page = Page(limit=_PAGE)
        while orders := await self._order_store.open_orders(page):
            days = [on_clock(order.at, self._zone).date() for order in orders]
            found.update((order.number, order) for order, on in zip(orders, days, strict=True) if on == day)
            if days[-1] < day:
                break
            page = Page(page.limit, page.offset + len(orders))
        return list(found.values())
