"""Live events: what was committed, to every screen that listens.

A client that cannot keep up is let go instead of slowing anybody down; it comes back with the id of the last
event that it has seen and gets the rest, or is told to look anew (``reset``).
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import structlog

from dialer.campaign.changes import Changes
from dialer.campaign.state import PAUSED
from dialer.errors import Busy
from dialer.web.kit.access.rows import Owner
from dialer.web.kit.views import AgentView, AttemptView, VisitView

log = structlog.get_logger(__name__)

_MANY = 100
_UNTOLD = 100
_EVENTS = "events"
"""So many changes are kept while nobody listens: more would hold the calls up when they are told at once."""


class Event(NamedTuple):
    """One server-sent event; ``data`` is JSON. Without an owner only those who see everything get it, but for a few."""

    id: str
    name: str
    data: str
    owner: Owner | None = None


class Closed(Exception):
    """Nothing more comes: the server stops, or this client was too slow."""


Wants = Callable[[Event], bool]


class Stream:
    """What one client has not been sent yet, of what it ``wants``."""

    def __init__(self, backlog: int, wants: Wants, defect_found: Callable[[str], None]) -> None:
        self._waiting: deque[Event] = deque()
        self._backlog = backlog
        self._wants = wants
        self._defect_found = defect_found
        self._arrived = asyncio.Event()
        self._stirred = False
        self.closed = False

    def put(self, event: Event) -> None:
        """Add an event that is for this client, and wake nobody else; a stream that is full is closed.

        So is one for which it cannot be told, as a defect: the others go on.
        """
        try:
            if not self._wants(event):
                return
        except Exception:
            log.exception("whether an event is for a client cannot be told", action="web.events_defect")
            self._defect_found(_EVENTS)
            self.close()
            return
        if len(self._waiting) >= self._backlog:
            self.close()
        elif not self.closed:
            self._waiting.append(event)
            self._arrived.set()

    def close(self) -> None:
        """Nothing more comes."""
        self.closed = True
        self._waiting.clear()
        self._arrived.set()

    def look_again(self) -> None:
        """Whoever listens may have no right to it any more."""
        self._stirred = True
        self._arrived.set()

    async def next(self) -> Event | None:
        """The next event; None: ask anew whether there is a right to any. Raises :class:`Closed`."""
        while not (self._waiting or self._stirred):
            if self.closed:
                raise Closed
            self._arrived.clear()
            await self._arrived.wait()
        if self._stirred:
            self._stirred = False
            return None
        return self._waiting.popleft()


class Hub:
    """Hands committed changes to the streams.

    ``backlog`` is how far a stream may be behind, ``most`` how many streams there may be; ``defect_found`` hears what
    failed by a defect.
    """

    def __init__(
        self, backlog: int = 1000, most: int = 200, defect_found: Callable[[str], None] = lambda _: None
    ) -> None:
        self._backlog = backlog
        self._most = most
        self._defect_found = defect_found
        self._streams: set[Stream] = set()
        self._boot = secrets.token_hex(4)
        self._count = 0
        self._recent: deque[Event] = deque(maxlen=backlog)
        self._untold: list[Changes] = []

    def publish(self, changes: Changes) -> None:
        """Tell everybody what was committed. A defect here must not stop the calls, so it ends in the log.

        While nobody listens no events are made, until somebody does; who was away for long looks anew.
        """
        if self._streams:
            self._publish(changes)
            return
        if len(self._untold) == _UNTOLD:
            self._untold.clear()
            self._recent.clear()
            self._count += 1
        self._untold.append(changes)

    def _publish(self, changes: Changes) -> None:
        try:
            for name, data, owner in _told(changes):
                self._send(name, data, owner)
        except Exception:
            log.exception("events could not be made", action="web.events_defect")
            self._defect_found(_EVENTS)
            self._send("reset", "{}")

    def tested(self, test: str) -> None:
        """A test call began or changed: those who may see it look at it anew."""
        self._send("test_call", _json(id=test))

    def look_again(self) -> None:
        """Somebody's rights were changed: every stream asks anew whether it may go on."""
        for stream in self._streams:
            stream.look_again()

    @contextmanager
    def subscribe(self, last_id: str | None = None, wants: Wants = lambda _: True) -> Iterator[Stream]:
        """A stream of what ``wants`` takes, after the event ``last_id``. Raises Busy when there are too many."""
        if len(self._streams) >= self._most:
            raise Busy("too many screens are listening")
        stream = Stream(self._backlog, wants, self._defect_found)
        for changes in self._untold:
            self._publish(changes)
        self._untold.clear()
        for event in self._since(last_id):
            stream.put(event)
        self._streams.add(stream)
        try:
            yield stream
        finally:
            self._streams.discard(stream)

    def close(self) -> None:
        """End every stream."""
        for stream in self._streams:
            stream.close()

    def _since(self, last_id: str | None) -> list[Event]:
        """Where to begin: with what was missed, else by looking anew. A stream always begins with an id."""
        missed = list(self._recent)
        ids = [event.id for event in missed]
        if last_id is not None and last_id in ids:
            return missed[ids.index(last_id) + 1 :]
        here = f"{self._boot}-{self._count}"
        return [] if last_id == here else [Event(here, "reset", "{}")]

    def _send(self, name: str, data: str, owner: Owner | None = None) -> None:
        self._count += 1
        event = Event(f"{self._boot}-{self._count}", name, data, owner)
        self._recent.append(event)
        for stream in list(self._streams):
            stream.put(event)
            if stream.closed:
                self._streams.discard(stream)


def _told(changes: Changes) -> Iterator[tuple[str, str, Owner | None]]:
    """(name, JSON, whose) of each event. Of a whole list that changes, only that it did."""
    visits = {visit.id: visit for visit in (*(visit for visit, _ in changes.added), *changes.visits)}
    if len(visits) > _MANY:
        yield "list", _json(changed=len(visits)), None
    else:
        for visit in visits.values():
            yield "visit", VisitView.model_validate(visit).model_dump_json(), Owner(visit.agent, visit.team)
    for attempt in {attempt.id: attempt for attempt in (*changes.placed, *changes.attempts)}.values():
        yield "attempt", AttemptView.model_validate(attempt).model_dump_json(), Owner(attempt.agent)
    for agent in changes.agents:
        yield "agent", AgentView.model_validate(agent).model_dump_json(), Owner(agent.number)
    for alarm in changes.alarms:
        cleared = alarm.cleared_at.isoformat() if alarm.cleared_at else None
        told = _json(key=alarm.key, text=alarm.text, raised_at=alarm.raised_at.isoformat(), cleared_at=cleared)
        yield "alarm", told, None
    for notice in changes.notices:
        yield "notice", _json(id=notice.key, kind=notice.kind, visit=notice.visit), None
    for order in changes.orders:
        yield "order", _json(number=order.number, customer=order.customer, attempt=order.attempt), None
    if PAUSED in changes.flags:
        yield "campaign", _json(paused=changes.flags[PAUSED]), None


def _json(**values: object) -> str:
    return json.dumps(values, ensure_ascii=False)
