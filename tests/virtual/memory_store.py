"""A day store in memory, for days on the virtual clock: the same guards as the database, nothing durable."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from copy import copy
from dataclasses import replace
from datetime import date, datetime

from dialer.campaign.changes import AlarmChange, CalendarChange, Changes, Entry, NoticeDue, OrderTaken
from dialer.campaign.messages import CallEvent
from dialer.campaign.model.agent import Agent
from dialer.campaign.model.attempt import Attempt
from dialer.campaign.model.customer import Customer, digest
from dialer.campaign.model.evidence import Disposition
from dialer.campaign.model.notice import GRACE, NoticeKind
from dialer.campaign.model.phone import PhoneState
from dialer.campaign.model.visit import CLOSED, Visit, VisitState
from dialer.campaign.ports import Base, DaySnapshot
from dialer.errors import GuardFailed, NotFound, StoreUnavailable


class MemoryStore:
    """:class:`~dialer.campaign.ports.DayStore`, and the look-ups that an audit of a rehearsed day needs.

    A commit is checked whole before anything is changed. The dictionaries and lists are there to
    be read by reports and tests. While ``unavailable`` is set, commits fail as on a full disk.
    """

    def __init__(self, installation: str = "memory") -> None:
        self.installation = installation
        self.unavailable = False
        self.visits: dict[int, Visit] = {}
        self.customers: dict[int, Customer] = {}
        self.attempts: dict[str, Attempt] = {}
        self.calls: list[CallEvent] = []
        self.agents: dict[str, Agent] = {}
        self.notices: dict[str, NoticeDue] = {}
        self.orders: dict[str, OrderTaken] = {}
        self.alarms: dict[tuple[str, datetime], AlarmChange] = {}
        self.calendar: dict[date, CalendarChange] = {}
        self.history: list[Entry] = []
        self.flags: dict[str, str] = {}
        self._live: dict[Hashable, str] = {}  # what can have one live call at a time -> the attempt
        self._seqs: set[tuple[int, int]] = set()

    # -- DayStore --------------------------------------------------------------------------------

    async def base(self) -> Base:
        """Agents, open alarms, flags and counters."""
        return Base(
            installation=self.installation,
            next_visit=max(self.visits, default=0) + 1,
            agents=[replace(self.agents[number], phone=PhoneState.UNSAID) for number in sorted(self.agents)],
            alarms=sorted(
                (alarm for alarm in self.alarms.values() if alarm.cleared_at is None),
                key=lambda alarm: (alarm.raised_at, alarm.key),
            ),
            flags=dict(self.flags),
            open_days=sorted({visit.day for visit in self.visits.values() if visit.open}),
        )

    async def load(self, day: date, ends_since: datetime) -> DaySnapshot:
        """``day``, all attempts that have not ended and the visits that these belong to."""
        live = [self.attempts[attempt] for attempt in set(self._live.values())]
        wanted = {attempt.visit for attempt in live} | {v.id for v in self.visits.values() if v.day == day}
        ends: dict[str, list[datetime]] = {}
        for attempt in self.attempts.values():
            told = attempt.gap_from or attempt.ended_at
            if told is not None and told >= ends_since:
                ends.setdefault(attempt.number, []).append(told)
        departments = {self.customers[v.id].department for v in self.visits.values() if v.day == day} - {""}
        edit = self.calendar.get(day)
        return DaySnapshot(
            visits=[copy(self.visits[visit]) for visit in sorted(wanted)],
            attempts=[_copied(attempt) for attempt in sorted(live, key=lambda a: (a.placed_at, a.id))],
            ends={number: tuple(sorted(times)) for number, times in ends.items()},
            departments=sorted(departments),
            conversations={
                a.id: a.conversation
                for a in self.attempts.values()
                if a.day == day and a.disposition is Disposition.CONNECTED
            },
            counted=self._counted(day),
            calendar=(edit.working, edit.name) if edit is not None and edit.working is not None else None,
        )

    async def commit(self, changes: Changes) -> None:
        """Check everything, then write everything."""
        if self.unavailable:
            raise StoreUnavailable
        changed = {visit.id: visit for visit in changes.visits}
        added = [(changed.pop(visit.id, visit), customer) for visit, customer in changes.added]
        moved = {attempt.id: attempt for attempt in changes.attempts}
        placed = [moved.pop(attempt.id, attempt) for attempt in changes.placed]
        alarms = {**self.alarms, **{(alarm.key, alarm.raised_at): alarm for alarm in changes.alarms}}
        self._check_visits(added, list(changed.values()), changes.customers)
        known = {visit.id for visit, _ in added} | self.visits.keys()
        self._check_attempts(list(moved.values()), placed, known, changes.bound)
        self._check_notices(changes.notices, known)
        latest = {attempt.id: attempt for attempt in (*moved.values(), *placed)}
        for attempt, _ in changes.results:
            talked = _talked(latest.get(attempt) or self.attempts.get(attempt))
            _guard(talked, f"a result of {attempt}, which is no conversation")
        booked = latest.keys() | self.attempts.keys()
        for order in changes.orders:
            _guard(order.attempt in booked, f"order {order.number}: there is no attempt {order.attempt}")
        open_keys = [alarm.key for alarm in alarms.values() if alarm.cleared_at is None]
        _guard(len(open_keys) == len(set(open_keys)), "an alarm is open already")
        self._write(changes, added, list(changed.values()), list(moved.values()), placed)
        self.alarms = alarms

    async def shops(self, visit_ids: Sequence[int]) -> dict[int, str]:
        """As :meth:`dialer.campaign.ports.DayStore.shops`."""
        return {visit: self.customers[visit].shop_name for visit in visit_ids if visit in self.customers}

    async def customer_data(self, visit_ids: Sequence[int]) -> dict[int, str]:
        """A digest of the customer data by visit id; ids that are not there are left out."""
        return {visit: digest(self.customers[visit]) for visit in visit_ids if visit in self.customers}

    def _counted(self, day: date) -> dict[str, dict[int, int]]:
        counted: dict[str, dict[int, int]] = {}
        for attempt in self.attempts.values():
            if attempt.day == day and attempt.counts:
                visits = counted.setdefault(attempt.number, {})
                visits[attempt.visit] = visits.get(attempt.visit, 0) + 1
        return counted

    # -- CallStore, the simple parts --------------------------------------------------------------

    async def attempt(self, attempt: str) -> Attempt:
        """One attempt. Raises ``NotFound``."""
        if attempt not in self.attempts:
            raise NotFound(f"there is no attempt {attempt}")
        return _copied(self.attempts[attempt])

    async def attempts_between(self, since: datetime, until: datetime) -> list[Attempt]:
        """Attempts placed in [since, until), by time."""
        found = [a for a in self.attempts.values() if since <= a.placed_at < until]
        return [_copied(attempt) for attempt in sorted(found, key=lambda a: (a.placed_at, a.id))]

    async def visits_of(self, customer: str, day: date) -> list[int]:
        """Ids of the customer's visits on ``day``."""
        return sorted(v.id for v in self.visits.values() if v.customer == customer and v.day == day)

    # -- guards ----------------------------------------------------------------------------------

    def _check_visits(
        self, added: list[tuple[Visit, Customer]], changed: list[Visit], customers: list[tuple[int, Customer]]
    ) -> None:
        new = {visit.id: visit for visit, _ in added}
        _guard(len(new) == len(added) and not new.keys() & self.visits.keys(), "a visit is there already")
        for visit, customer in added:
            _guard(visit.customer == customer.code, f"visit {visit.id} comes with another customer's data")
            _check_visit(visit)
        for visit in changed:
            old = self.visits.get(visit.id)
            if old is None:
                raise GuardFailed(f"there is no visit {visit.id}")
            _check_visit(visit)
            same = (old.customer, old.day) == (visit.customer, visit.day)
            forward = old.round < visit.round or (old.round == visit.round and old.counted <= visit.counted)
            again = old.state in CLOSED and visit.open
            _guard(same and forward and old.attempts <= visit.attempts and not again, f"visit {visit.id} goes back")
        for number, customer in customers:
            known = new.get(number) or self.visits.get(number)
            _guard(known is not None and known.customer == customer.code, f"customer data of no visit: {number}")

    def _check_attempts(
        self, moved: list[Attempt], placed: list[Attempt], visits: set[int], bound: list[tuple[str, str]]
    ) -> None:
        released: set[Hashable] = set()
        taken: list[tuple[str, Hashable]] = []
        for attempt in moved:
            old = self.attempts.get(attempt.id)
            if old is None or old.visit != attempt.visit or not old.live:
                raise GuardFailed(f"there is no live attempt {attempt.id}")
            _check_attempt(attempt)
            before, after = set(_claims(old)), set(_claims(replace(attempt, agent=old.agent)))
            released |= before - after
            taken += [(attempt.id, claim) for claim in after - before]
        claimed: set[Hashable] = set()
        for name, claim in taken:
            _guard(claim not in self._live or claim in released, f"attempt {name}: there is a live call to {claim}")
            claimed.add(claim)
        seqs: set[tuple[int, int]] = set()
        for attempt in placed:
            _check_attempt(attempt)
            _guard(attempt.id not in self.attempts, f"attempt {attempt.id} is there already")
            _guard(attempt.visit in visits, f"attempt {attempt.id} is of no visit")
            seq = (attempt.visit, attempt.seq)
            _guard(seq not in self._seqs and seq not in seqs, f"visit {seq[0]} has an attempt {seq[1]} already")
            seqs.add(seq)
            for claim in _claims(attempt):
                free = claim not in claimed and (claim not in self._live or claim in released)
                _guard(free, f"attempt {attempt.id}: there is a live call to {claim}")
                claimed.add(claim)
        _guard(len({attempt.id for attempt in placed}) == len(placed), "an attempt is placed twice")
        for name, agent in bound:
            unbound = self.attempts.get(name)
            _guard(unbound is not None and not unbound.agent, f"attempt {name} is not there or has an agent")
            claim = ("agent", agent)
            free = claim not in claimed and (claim not in self._live or claim in released)
            _guard(free, f"agent {agent} has a live call already")
            claimed.add(claim)

    def _check_notices(self, notices: list[NoticeDue], visits: set[int]) -> None:
        keys = [notice.key for notice in notices]
        _guard(len(keys) == len(set(keys)) and not self.notices.keys() & set(keys), "a notice is told twice")
        for notice in notices:
            _guard(notice.visit is None or notice.visit in visits, f"notice {notice.key} is about no visit")

    # -- writing ---------------------------------------------------------------------------------

    def _write(
        self,
        changes: Changes,
        added: list[tuple[Visit, Customer]],
        changed: list[Visit],
        moved: list[Attempt],
        placed: list[Attempt],
    ) -> None:
        for visit, customer in added:
            self.visits[visit.id] = copy(visit)
            self.customers[visit.id] = customer
        self.visits.update((visit.id, copy(visit)) for visit in changed)
        self.customers.update(changes.customers)
        for attempt in moved:
            old = self.attempts[attempt.id]
            self.attempts[attempt.id] = replace(
                _copied(attempt), result=old.result, placed_at=old.placed_at, agent=old.agent
            )
            for claim in _claims(old):
                del self._live[claim]
            self._live.update((claim, attempt.id) for claim in _claims(self.attempts[attempt.id]))
        for attempt in placed:
            self.attempts[attempt.id] = _copied(attempt)
            self._seqs.add((attempt.visit, attempt.seq))
            self._live.update((claim, attempt.id) for claim in _claims(attempt))
        for name, result in changes.results:
            self.attempts[name].result = result
        for name, agent in changes.bound:
            self.attempts[name].agent = agent
            if self.attempts[name].live:
                self._live["agent", agent] = name
        self.calls += changes.calls
        self.agents.update((agent.number, copy(agent)) for agent in changes.agents)
        for back in changes.notices_back:
            told = [n for n in self.notices.values() if n.visit == back.visit and n.kind is not NoticeKind.TAKEN_BACK]
            for notice in told:
                if notice.key == back.key or (back.key.endswith("-") and notice.key.startswith(back.key)):
                    if notice.at + GRACE > back.at:
                        del self.notices[notice.key]
                    else:
                        second = replace(notice, key=f"{notice.key}-back", kind=NoticeKind.TAKEN_BACK, at=back.at)
                        self.notices.setdefault(second.key, second)
        self.notices.update((notice.key, notice) for notice in changes.notices)
        cleared = {*(attempt for attempt, _ in changes.orders_gone), *(order.attempt for order in changes.orders)}
        self.orders = {number: order for number, order in self.orders.items() if order.attempt not in cleared}
        self.orders.update((order.number, order) for order in changes.orders)
        self.calendar.update((edit.day, edit) for edit in changes.calendar)
        self.history += changes.history
        for flag, value in changes.flags.items():
            if value:
                self.flags[flag] = value
            else:
                self.flags.pop(flag, None)


def _guard(holds: bool, otherwise: str) -> None:
    if not holds:
        raise GuardFailed(otherwise)


def _check_visit(visit: Visit) -> None:
    _guard(visit.round >= 1 and visit.failures >= 0, f"visit {visit.id}: impossible numbers")
    _guard(0 <= visit.counted <= visit.attempts, f"visit {visit.id}: more counted attempts than attempts")
    calling = visit.state is VisitState.CALLING
    _guard(not calling or visit.attempt is not None, f"visit {visit.id}: calling without an attempt")
    _guard(not (visit.open and visit.withdrawn_by), f"visit {visit.id}: withdrawn and in line")


def _check_attempt(attempt: Attempt) -> None:
    complete = attempt.live or (attempt.ended_at is not None and attempt.disposition is not None)
    _guard(attempt.seq >= 1 and complete, f"attempt {attempt.id}: ended without an end or a disposition")


def _claims(attempt: Attempt) -> Iterator[Hashable]:
    """What no other call may have while this one lasts; an agent who has transferred it is free."""
    if not attempt.live:
        return
    yield "number", attempt.number
    yield "visit", attempt.visit
    yield "customer", attempt.customer
    if attempt.agent and attempt.transferred_at is None:
        yield "agent", attempt.agent


def _talked(attempt: Attempt | None) -> bool:
    return attempt is not None and (attempt.connected_at is not None or attempt.disposition is Disposition.CONNECTED)


def _copied(attempt: Attempt) -> Attempt:
    return replace(attempt, evidence=copy(attempt.evidence))
