"""The customer in front of each agent, kept at hand: an answered call is on screen without asking the database.

What of it cannot change during a call (the customer, earlier calls) is looked up once; what can comes from the
engine's state. Remarks are written through here: this process is the only one that changes them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TypeVar

from aiohttp import web

from dialer.campaign.changes import Changes
from dialer.campaign.model.agent import Agent
from dialer.campaign.model.attempt import Attempt
from dialer.campaign.model.customer import Customer
from dialer.campaign.model.order import Order
from dialer.campaign.model.query import Page
from dialer.campaign.model.visit import Result, Visit
from dialer.campaign.state import State
from dialer.campaign.views.lookup import Call, CallQuery, CallStore
from dialer.errors import NotFound
from dialer.people.remarks import Remark, RemarkStore, Tally
from dialer.recording.ports import OrderStore
from dialer.web.kit.services import Services

_T = TypeVar("_T")

_KEPT = 1000
_LOOK_BACK = 12
_FRESH = timedelta(seconds=1)
_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Earlier:
    """A call before this one: of today's visit, or of another day."""

    call: Call
    remarks: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """A call with its customer, what came before it, newest first, and what was written down."""

    attempt: Attempt
    visit: Visit
    customer: Customer
    earlier: tuple[Earlier, ...]
    remark: Remark | None
    result: str | None
    order: Order | None
    """The one that was taken in the call."""


@dataclass(frozen=True, slots=True)
class _Background:
    customer: Customer
    earlier: tuple[Earlier, ...]


class Cards:
    """Made once for an application; :meth:`committed` is told of every change."""

    def __init__(self, calls: CallStore, remarks: RemarkStore, orders: OrderStore) -> None:
        self._calls = calls
        self._orders = orders
        self._remarks = remarks
        self._backgrounds: dict[str, _Background] = {}
        self._written: dict[str, Remark | None] = {}
        self._results: dict[str, str | None] = {}
        self._last: dict[str, Attempt] = {}
        self._tallies: dict[tuple[str, date], Tally] = {}
        self._tallied = 0
        self._open: tuple[datetime, Counter[str]] | None = None

    async def of(self, agent: Agent, state: State, day: date, chosen: str = "") -> Card | None:
        """The call that is up for an agent; in between the last one of the day. Or the one of theirs that is chosen."""
        attempt = state.attempts.get(agent.attempt or "") or self._last.get(agent.number)
        if chosen and (attempt is None or attempt.id != chosen):
            theirs = await self._theirs(agent, chosen, state)
            if theirs is not None:
                return await self._card(theirs, state)
        if attempt is None or (attempt.day != day and not attempt.live):
            query = CallQuery(agent=agent.number, day=day, page=Page(limit=1))
            found = [call.attempt for call in await self._calls.calls(query)]
            if not found:
                return None
            attempt = self._last.setdefault(agent.number, found[0])
        return await self._card(attempt, state)

    async def _theirs(self, agent: Agent, name: str, state: State) -> Attempt | None:
        try:
            attempt = state.attempts.get(name) or await self._calls.attempt(name)
        except NotFound:
            return None
        return attempt if attempt.agent == agent.number else None

    async def _card(self, attempt: Attempt, state: State) -> Card:
        back = await self._background(attempt)
        if attempt.id not in self._written:
            found = await self._remarks.remarks([attempt.id])
            _keep(self._written, attempt.id, self._written.get(attempt.id) or found.get(attempt.id))
        day = state.days.get(attempt.day)
        visit = day.visits.get(attempt.visit) if day else None
        result = self._results.get(attempt.id, attempt.result)
        taken = await self._orders.orders_of(attempt.id) if result == Result.ORDERED else []
        return Card(
            attempt=attempt,
            visit=visit or (await self._calls.detail(attempt.visit)).visit,
            customer=back.customer,
            earlier=back.earlier,
            remark=self._written.get(attempt.id),
            result=result,
            order=next(iter(taken), None),
        )

    async def _background(self, attempt: Attempt) -> _Background:
        """What cannot change during a call."""
        if attempt.id not in self._backgrounds:
            query = CallQuery(
                customer=attempt.customer, until=attempt.placed_at + _INSTANT, page=Page(limit=1 + _LOOK_BACK)
            )
            found = {call.attempt.id: call for call in await self._calls.calls(query)}
            this = found.pop(attempt.id, None)
            remarks = await self._remarks.remarks(list(found)) if found else {}
            earlier = tuple(
                Earlier(call, remarks[name].text if name in remarks else "") for name, call in found.items()
            )
            if this is None:  # not on record yet, or there at another time: the clock was set meanwhile
                detail = await self._calls.detail(attempt.visit)
                return _Background(detail.customer, earlier)
            _keep(self._backgrounds, attempt.id, _Background(this.customer, earlier))
        return self._backgrounds[attempt.id]

    async def write(self, remark: Remark) -> Remark | None:
        """Keep remarks; those that they replace. Raises NotFound, StoreError."""
        before = await self._remarks.save(remark)
        _keep(self._written, remark.attempt, remark)
        return before

    async def tally(self, agent: Agent, day: date) -> Tally:
        """The agent's day in numbers."""
        found = self._tallies.get((agent.number, day))
        if found is None:
            begun = self._tallied
            found = await self._remarks.tally(agent.number, day)
            if begun == self._tallied:
                self._tallies[agent.number, day] = found
        return found

    def waiting(self, agent: Agent, state: State, now: datetime) -> int:
        """How many customers are still to be called by an agent or their team; at most a second old."""
        if self._open is None or not now - _FRESH < self._open[0] <= now:
            day = state.today(now)
            visits = day.visits.values() if day else ()
            self._open = now, Counter(v.agent or f"team:{v.team}" for v in visits if v.open)
        counts = self._open[1]
        return counts[agent.number] + (counts[f"team:{agent.team}"] if agent.team else 0)

    def committed(self, changes: Changes, _now: datetime) -> None:
        """Forget what has changed, and remember who called whom last."""
        if changes.added:
            self._open = None
        moved = set()
        for attempt in (*changes.placed, *changes.attempts):
            last = self._last.get(attempt.agent)
            if last is None or _counted(last) != _counted(attempt):
                moved.add(attempt.agent)
            if last is None or last.id == attempt.id or last.placed_at <= attempt.placed_at:
                self._last[attempt.agent] = replace(attempt)
        for name, result in changes.results:
            _keep(self._results, name, result)
        if changes.results:
            moved |= {agent for agent, _ in self._tallies}
        if moved:
            self._tallied += 1
            self._tallies = {key: tally for key, tally in self._tallies.items() if key[0] not in moved}


CARDS = web.AppKey("cards", Cards)


def add_to(app: web.Application, services: Services) -> None:
    """Keep the cards of an application's agents at hand."""
    app[CARDS] = cards = Cards(services.calls, services.remarks, services.order_store)
    services.engine.on_committed(cards.committed)


def _counted(attempt: Attempt) -> tuple[object, ...]:
    """All of a call that an agent's numbers of the day depend on: not, for one, that it rings."""
    return attempt.id, attempt.connected_at, attempt.ended_at, attempt.disposition, attempt.result


def _keep(kept: dict[str, _T], name: str, value: _T) -> None:
    kept.pop(name, None)
    kept[name] = value
    if len(kept) > _KEPT:
        del kept[next(iter(kept))]
