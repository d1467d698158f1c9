"""The invariants on the rig: our books against each other, against the carrier's records and against the wire.

A look right after a fault judges what can be judged while calls go on; a list that is over is judged whole.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dialer.audit.cdr import CdrCall, parse_cdr
from dialer.audit.compare import AuditRule, audit
from dialer.audit.report import Finding, FindingKind
from dialer.campaign.changes import Entry, NoticeDue
from dialer.campaign.config import CampaignConfig
from dialer.campaign.model.attempt import Attempt
from dialer.campaign.model.evidence import OUR_TIMEOUT, Disposition
from dialer.campaign.model.query import Page
from dialer.campaign.model.visit import Visit
from dialer.campaign.views.lookup import VisitDetail
from dialer.notices.outbox import Notice
from dialer.settings import Settings
from dialer.store.records.calls import SqlCallStore
from dialer.store.records.outbox import SqlOutbox
from tests.audit.said import finding_text
from tests.faults.rig.clock import Hand
from tests.faults.rig.rows import Rows
from tests.kit.books import opened
from tests.virtual import invariants

_QUIET_S = 45.0
"""So long after its last call a list's records, recordings and notices are all in."""
_LATE_RECORD_S = 25.0
"""So long after the end of a call the carrier may take to see it end."""
TOLERANCE_S = 7.5
"""By so much a standstill may delay a call on its way out. Less than the gap: else two calls could be taken for one."""
_WAKING_S = 0.3
"""So long after it goes on a process that stood still may take to say what is overdue."""
_EVERYTHING = Page(limit=1_000_000)
_GAP_KINDS = {FindingKind.TOO_EARLY: "2", FindingKind.OVERLAP: "3", FindingKind.LIMIT: "1", FindingKind.EXTRA: "6"}


@dataclass(frozen=True, slots=True)
class Broken:
    """An invariant that did not hold: its number in DESIGN.md or a word, and what was found."""

    invariant: str
    what: str


class Records:
    """The carrier's records as far as they have been written; only what is new is read again."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._header = ""
        self._at = 0
        self._line = 0
        self.calls: dict[str, list[CdrCall]] = {}
        self.count = 0

    def read(self) -> None:
        """Take in the lines that are whole."""
        with self._path.open("rb") as file:
            file.seek(self._at)
            new = file.read()
        whole = new[: new.rfind(b"\n") + 1]
        self._at += len(whole)
        lines = whole.decode().splitlines()
        if not self._header and lines:
            self._header, lines = lines[0], lines[1:]
        for call in parse_cdr([self._header, *lines]) if lines else ():
            self.calls.setdefault(call.dst, []).append(replace(call, line=self._line + call.line))
            self.count += 1
        self._line += len(lines)


class Wire:
    """What leaves for the PBX: each Originate once, and only with its attempt in the books (invariant 6)."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._books: sqlite3.Connection | None = None
        self._seen: set[str] = set()
        self.last: float = 0.0
        """``time.monotonic()`` of the last Originate."""
        self.broken: list[Broken] = []

    @property
    def count(self) -> int:
        """How many Originates there were."""
        return len(self._seen)

    def originate(self, attempt: str) -> None:
        """One goes by."""
        self.last = time.monotonic()
        if attempt in self._seen:
            self.broken.append(Broken("6", f"the Originate of {attempt} left twice"))
        self._seen.add(attempt)
        if self._books is None:
            self._books = sqlite3.connect(f"file:{self._database}?mode=ro", uri=True, timeout=10)
        with closing(self._books.execute("SELECT 1 FROM attempts WHERE id = ?", (attempt,))) as found:
            if found.fetchone() is None:
                self.broken.append(Broken("6", f"the Originate of {attempt} left before its attempt was in the books"))

    def close(self) -> None:
        """Let go of the books."""
        if self._books is not None:
            self._books.close()


@dataclass(slots=True)
class Audit:
    """Looks at everything again and again. ``imported``: number -> when its list came in (epoch seconds)."""

    settings: Settings
    records: Records
    wire: Wire
    hand: Hand
    imported: dict[str, float]
    carrier_died: list[float] = field(default_factory=list)
    """When (epoch seconds): the records of the calls that were up are lost with it."""
    carrier_stood_still: list[tuple[float, float]] = field(default_factory=list)
    """From when until when (epoch seconds)."""
    office_stood_still: list[tuple[float, float]] = field(default_factory=list)
    """Likewise."""
    office_died: list[float] = field(default_factory=list)
    """When (epoch seconds): from then on it tells nobody anything."""
    attempts_seen: int = 0
    lists_over: set[str] = field(default_factory=set)
    _told: set[str] = field(default_factory=set)
    _history_at: int = 0
    _calling: dict[str, str] = field(default_factory=dict)

    async def look(self, *, final: bool = False) -> list[Broken]:
        """What is broken and was not told before. ``final``: nothing goes on any more, so judge everything.

        In a thread with a loop of its own: the dialer's line to the PBX goes through our loop, and must not wait.
        """
        return await asyncio.to_thread(lambda: asyncio.run(self._look(final=final)))

    async def _look(self, *, final: bool) -> list[Broken]:
        self.records.read()  # first: whoever is in these is in the books by now, or it is wrong
        async with opened(self.settings.database) as database:
            call_store, outbox = SqlCallStore(database), SqlOutbox(database)
            rows = Rows(self.settings.database)
            over = {name for name in rows.lists_over() if name not in self.lists_over}
            numbers = rows.numbers(exclude=self.lists_over)
            attempts = await self._attempts(call_store, numbers)
            still = {a.visit: a for a in attempts if a.live or not self._long_ago(a)}
            found = [*self.wire.broken, *self._one_call_for_each_agent(rows)]
            found += self._against_records(attempts, numbers, final=final)
            found += [Broken("1", each) for each in invariants.counted_within_limit(self.settings.campaign(), attempts)]
            for name in sorted(over):
                visits = rows.visits_of(name)
                if final or not any(visit in still for visit in visits):
                    details = await self._details(call_store, name)
                    notices = _due(await outbox.notices(None, _EVERYTHING), visits)
                    found += self._whole_list(details, notices, rows.history(name), rows.recorded(name))
                    self.lists_over.add(name)
        new = [each for each in found if each.what not in self._told]
        self._told.update(each.what for each in new)
        return new

    async def _attempts(self, call_store: SqlCallStore, numbers: set[str]) -> list[Attempt]:
        oldest = min((self.imported.get(n, time.time()) for n in numbers), default=time.time())
        since = datetime.fromtimestamp(self.hand.earliest_shown(oldest - 60), UTC)
        found = await call_store.attempts_between(since, datetime.now(UTC) + timedelta(hours=2))
        return [self._as_it_was(a) for a in found if a.number in numbers]

    def _as_it_was(self, a: Attempt) -> Attempt:
        """An attempt with the times that it really had."""
        placed = self.hand.real(a.placed_at, self.imported.get(a.number, 0.0))
        ended = None if a.ended_at is None else self.hand.real(a.ended_at, placed.timestamp())
        return replace(a, placed_at=placed, ended_at=ended)

    def _long_ago(self, a: Attempt) -> bool:
        return a.ended_at is not None and time.time() - a.ended_at.timestamp() > _QUIET_S

    async def _details(self, call_store: SqlCallStore, name: str) -> list[VisitDetail]:
        day = self.settings.campaign().hours.day_of(datetime.now(UTC))
        details = await call_store.details(day, _EVERYTHING)
        return [
            replace(s, attempts=tuple(self._as_it_was(a) for a in s.attempts))
            for s in details
            if s.visit.list_name == name
        ]

    def _against_records(self, attempts: list[Attempt], numbers: set[str], *, final: bool) -> list[Broken]:
        """2, 3, 6 and that books and records agree. What the carrier cannot have written yet is left for later."""
        calls = [
            as_told(call, self.carrier_stood_still, self.office_died)
            for number in sorted(numbers)
            for call in self.records.calls.get(number, ())
        ]
        rule = AuditRule(gap=timedelta(seconds=self.settings.rule.gap_s), limit=self.settings.rule.attempts)
        report = audit(attempts, calls, replace(rule, tolerance_s=TOLERANCE_S))
        by_id = {a.id: a for a in attempts}
        return [
            Broken(_GAP_KINDS.get(f.kind, "books"), finding_text(f))
            for f in report.findings
            if not self._excused(f, by_id.get(f.attempt), final=final)
        ]

    def _excused(self, finding: Finding, attempt: Attempt | None, *, final: bool) -> bool:
        if attempt is None:
            return False
        began, ended = attempt.placed_at.timestamp(), (attempt.ended_at or datetime.now(UTC)).timestamp()
        if finding.kind is FindingKind.CONTRADICTION:  # it answers, and only then reads that we had given up
            carrier = any(began <= until and since <= ended for since, until in self.carrier_stood_still)
            return carrier or answered_unseen(attempt, self.office_stood_still, self.settings.campaign())
        if finding.kind is not FindingKind.MISSING:
            return False
        if any(began - 1 <= died <= ended + _LATE_RECORD_S for died in self.carrier_died):
            return True
        return not final and time.time() - ended < _LATE_RECORD_S

    def _one_call_for_each_agent(self, rows: Rows) -> Iterator[Broken]:
        """5: between the beginning and the end of an agent's call no other is placed for them."""
        for number, what, agent, attempt in rows.calls_since(self._history_at):
            self._history_at = number
            if what == "attempt.placed":
                self.attempts_seen += 1
                if agent in self._calling:
                    yield Broken("5", f"{attempt} was placed for agent {agent} during {self._calling[agent]}")
                self._calling[agent] = attempt
            elif self._calling.get(agent) == attempt:
                del self._calling[agent]

    def _whole_list(
        self, details: list[VisitDetail], notices: list[NoticeDue], history: list[Entry], recorded: set[str]
    ) -> Iterator[Broken]:
        """What can be said of a list when it is over."""
        visits: dict[int, Visit] = {s.visit.id: s.visit for s in details}
        attempts = [a for s in details for a in s.attempts]
        for each in invariants.noticed_exactly_once(visits, notices):
            yield Broken("8", each)
        for each in invariants.nothing_told_that_is_not_so(visits, notices):
            yield Broken("8", each)
        for each in invariants.counts_add_up(visits, attempts):
            yield Broken("1", each)
        for each in invariants.never_called_when_over(history):
            yield Broken("4", each)
        for a in attempts:
            if a.disposition is Disposition.CONNECTED and a.id not in recorded:
                yield Broken("7", f"{a.id} was connected and has neither a recording nor a row that says why not")
            if a.live:
                yield Broken("9", f"{a.id} never ended, and its visit is over")


def as_told(call: CdrCall, stood_still: Iterable[tuple[float, float]], office_died: Iterable[float]) -> CdrCall:
    """A record with the end that the office can know of.

    A carrier that stood still takes notice of an end when it moves again, or answers first and then reads of it; the
    PBX had sent its CANCEL or BYE meanwhile, and said that the call is over. A PBX that died sends nothing: a customer
    who was talking hangs up when they notice. A phone that rang may ring on, and that the dialer has to know.
    """
    start, end = call.start.timestamp(), call.end.timestamp()
    for since, until in stood_still:
        if start < since and until <= end < until + 1.0:
            return replace(call, end=datetime.fromtimestamp(since, UTC))
    for died in office_died:
        if call.answer is not None and call.answer.timestamp() < died < end < died + _LATE_RECORD_S:
            return replace(call, end=datetime.fromtimestamp(died, UTC))
    return call


def answered_unseen(attempt: Attempt, stood_still: list[tuple[float, float]], config: CampaignConfig) -> bool:
    """Whether the PBX slept over our Timeout and told it when it woke, before it read that the customer had answered.

    A Timeout that is told much too late proves nothing, and the dialer knows. One that is little too late may come from
    a busy PBX as well, and is believed: this is the limit of :func:`dialer.campaign.calls.events._overslept`, no other.
    """
    if attempt.disposition is not Disposition.NO_ANSWER or attempt.evidence.reason != OUR_TIMEOUT:
        return False
    assert attempt.ended_at is not None
    due, ended = (attempt.placed_at + config.ring_timeout).timestamp(), attempt.ended_at.timestamp()
    believed_until = due + 2 * config.settle.total_seconds() + _WAKING_S
    return ended <= believed_until and any(
        since <= due <= until + _WAKING_S and abs(ended - until) <= _WAKING_S for since, until in stood_still
    )


def _due(outbox: Iterable[Notice], visits: set[int]) -> list[NoticeDue]:
    """The outbox' notices about these visits, as they were due."""
    about = ((notice, notice.body["data"].get("visit")) for notice in outbox)
    return [NoticeDue(n.id, n.kind, n.created_at, visit=visit) for n, visit in about if visit in visits]
