"""The books of a virtual day, seen from outside: they can refuse to be written, and they know who is due to be called.

Who is due is worked out here from committed rows and the true time alone, not asked of the rules that are on trial.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from dialer.campaign.changes import AlarmChange, Changes
from dialer.campaign.model.agent import Agent, Presence
from dialer.campaign.model.attempt import Attempt
from dialer.campaign.model.visit import ManualCall, Visit, VisitState
from dialer.campaign.ports import Base, DaySnapshot, DayStore
from dialer.campaign.state import PAUSED
from dialer.errors import StoreUnavailable
from tests.faults.virtual.trunks import Trunks
from tests.virtual.memory_store import MemoryStore

_PATH = re.compile(r"\S+\.sqlite3")


@dataclass(frozen=True, slots=True)
class Idle:
    """Agent and visit that could be in a call since ``since`` (true time) for all that the books say."""

    agent: str
    visit: int
    since: datetime


@dataclass(slots=True)
class Books:
    """:class:`~dialer.campaign.ports.DayStore` over the books in memory and, on some days, a database beside them.

    ``times`` gives (true time, time by the dialer's clock). While ``trouble`` is not empty nothing can be written.
    """

    memory: MemoryStore
    times: Callable[[], tuple[datetime, datetime]]
    gap: timedelta
    trunks: Trunks
    disk: DayStore | None = None
    unable: Container[str] = ()
    """The phones that cannot be called just now, whatever the dialer makes of them."""
    trouble: str = ""
    refused: list[tuple[datetime, str]] = field(default_factory=list)
    """(true time, what the operator reads of it on the status page) of every commit that failed."""
    alarms: list[tuple[datetime, AlarmChange]] = field(default_factory=list)
    learnt: dict[str, datetime] = field(default_factory=dict)
    """When it was known (true time) that an attempt had ended: the gap runs from there."""
    _heard: set[str] = field(default_factory=set)
    """Attempts of which it is written that they rang or were answered."""
    _free: dict[str, datetime] = field(default_factory=dict)
    _hands: dict[int, ManualCall] = field(default_factory=dict)
    _due: dict[int, datetime] = field(default_factory=dict)
    _changed: dict[str, datetime] = field(default_factory=dict)

    # -- DayStore --------------------------------------------------------------------------------

    async def base(self) -> Base:
        """As the database knows it, which must be what memory knows."""
        base = await self.memory.base()
        if self.disk is not None and await self.disk.base() != base:
            raise AssertionError("the database has another base than the books in memory")
        return base

    async def load(self, day: date, ends_since: datetime) -> DaySnapshot:
        """As the database knows it, which must be what memory knows."""
        loaded = await self.memory.load(day, ends_since)
        if self.disk is not None and await self.disk.load(day, ends_since) != loaded:
            raise AssertionError(f"the database knows another {day} than the books in memory")
        return loaded

    async def commit(self, changes: Changes) -> None:
        """Write to both. Raises ``StoreUnavailable`` while there is trouble."""
        true, seen = self.times()
        try:
            if self.trouble:
                raise StoreUnavailable(self.trouble)
            if self.disk is not None:
                await self.disk.commit(changes)
        except StoreUnavailable as error:
            self.refused.append((true, "status: " + _PATH.sub("dialer.sqlite3", str(error))))
            raise
        live = [attempt.trunk for attempt in self.memory.attempts.values() if attempt.live]
        await self.memory.commit(changes)
        self._follow(changes, live, true, seen)

    async def shops(self, visit_ids: Sequence[int]) -> dict[int, str]:
        """As memory knows them."""
        return await self.memory.shops(visit_ids)

    async def customer_data(self, visit_ids: Sequence[int]) -> dict[int, str]:
        """As the database knows them, which must be what memory knows."""
        data = await self.memory.customer_data(visit_ids)
        if self.disk is not None and await self.disk.customer_data(visit_ids) != data:
            raise AssertionError("the database knows other customers than the books in memory")
        return data

    # -- who is due ------------------------------------------------------------------------------

    def idle(self, day: date, since: datetime, decided: Sequence[Attempt] = ()) -> Idle | None:
        """An agent who is free although somebody of ``day`` is due for them, longest first; None when there is none.

        ``since`` is since when everything else would have let them be called: link, hours, trunks, the dialer itself;
        ``decided`` are calls that are not written yet: neither their agents nor their numbers are there for others.
        """
        true, seen = self.times()
        ready = [a for a in self.memory.agents.values() if a.presence is Presence.READY and not a.attempt]
        taken = {attempt.agent for attempt in decided}
        free = [agent for agent in ready if agent.number not in taken and agent.extension not in self.unable]
        held = self._held_until(true - seen)
        if not free or PAUSED in self.memory.flags or (held is not None and held > true):
            return None
        since = max(since, held or since)
        live = {a.number for a in (*self.memory.attempts.values(), *decided) if a.live}
        found = [
            Idle(agent.number, visit.id, when)
            for visit in self.memory.visits.values()
            if visit.day == day and visit.state is VisitState.WAITING and visit.number not in live
            for agent in free
            if _serves(agent, visit) and (when := self._since(agent, visit, since, true, seen)) <= true
        ]
        return min(found, key=lambda each: (each.since, each.visit), default=None)

    def _since(self, agent: Agent, visit: Visit, since: datetime, true: datetime, seen: datetime) -> datetime:
        never = true + timedelta(days=1)
        if visit.promised is not None and visit.promised > seen:
            return never
        times = (
            since,
            self._changed.get("flags"),
            self._changed.get(f"agent {agent.number}"),
            self._changed.get(f"visit {visit.id}"),
            self._due.get(visit.id),
            self._free.get(visit.number),
            visit.promised + (true - seen) if visit.promised else None,
        )
        return max(each for each in times if each is not None)

    def _held_until(self, ahead: timedelta) -> datetime | None:
        """Until when streaks let no call go; None without one. A call that is up may be the one that tries."""
        untils = [
            datetime.fromisoformat(value.partition(" ")[0]) + ahead
            for flag, value in self.memory.flags.items()
            if flag.startswith("streak-")
        ]
        if untils and any(attempt.live for attempt in self.memory.attempts.values()):
            return datetime.max.replace(tzinfo=UTC)
        return max([*untils, *self.learnt.values()]) if untils else None

    def number_free_at(self, number: str) -> datetime | None:
        """When the gap after the last call to a number is over; None when it was never called."""
        return self._free.get(number)

    def _follow(self, changes: Changes, live: Sequence[str], true: datetime, seen: datetime) -> None:
        ahead = true - seen
        changed = {attempt.id: attempt for attempt in (*changes.placed, *changes.attempts)}
        ended = {name: attempt for name, attempt in changed.items() if attempt.ended_at is not None}
        heard = [a for a in changed.values() if a.evidence.got_through and a.id not in self._heard]
        self._heard.update(attempt.id for attempt in heard)
        self.trunks.follow(heard, [a for a in ended.values() if a.id not in self.learnt], live, true)
        for attempt in ended.values():
            if attempt.ended_at is not None:
                self.learnt[attempt.id] = end = max(true, attempt.ended_at + ahead)
                self._free[attempt.number] = end + self.gap
        for visit in (*changes.visits, *(visit for visit, _ in changes.added)):
            self._changed[f"visit {visit.id}"] = true
            if visit.hand is not None and visit.hand != self._hands.get(visit.id):
                self._hands[visit.id] = visit.hand
                free = visit.hand.at + ahead + self.gap
                self._free[visit.number] = max(free, self._free.get(visit.number, free))
            due = visit.due if visit.due is not None and visit.due != visit.promised else None
            if due is None:
                self._due.pop(visit.id, None)
            else:
                self._due[visit.id] = due + ahead
        for agent in changes.agents:
            self._changed[f"agent {agent.number}"] = true
        if changes.flags or changes.calendar:
            self._changed["flags"] = true
        self.alarms += [(true, alarm) for alarm in changes.alarms if alarm.cleared_at is None]


def _serves(agent: Agent, visit: Visit) -> bool:
    return visit.agent == agent.number if visit.agent else bool(agent.team) and visit.team == agent.team
