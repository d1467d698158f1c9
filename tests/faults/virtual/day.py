"""A virtual day that faults happen to: what was injected is written down, and nobody may wait for no reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dialer.campaign.messages import SetPresence, SetResult
from dialer.campaign.model.agent import Presence
from dialer.campaign.model.attempt import Attempt
from dialer.campaign.model.visit import Result, VisitState
from dialer.campaign.state import State
from dialer.campaign.views.explain import why
from dialer.campaign.views.wording import alarm
from tests.faults.report import Injection, Violation
from tests.faults.virtual.books import Books, Idle
from tests.faults.virtual.pbx import FaultyPbx
from tests.faults.virtual.reasons import Facts, untrue
from tests.virtual.day import VirtualDay

PATIENCE = timedelta(seconds=30)
"""How long an agent may be free although somebody is due for them, when nothing is wrong."""

NO_REASON = "liveness: nobody waits for no reason"
TRUE_REASON = "liveness: the reason that is told is true"

_LOOK_EVERY = timedelta(seconds=20)
_TOLD_WITHIN = timedelta(seconds=60)


@dataclass(slots=True)
class Fault:
    """One injection under way or over. ``due`` says that somebody was due to be called when it ended."""

    name: str
    alarms: tuple[str, ...]
    began: datetime
    ended: datetime | None = None
    due: bool = False


@dataclass(slots=True)
class FaultyDay(VirtualDay):
    """Drives the rules as any virtual day; ``books`` is its store and ``link`` its PBX, by their own types."""

    books: Books = field(kw_only=True)
    link: FaultyPbx = field(kw_only=True)
    faults: list[Fault] = field(default_factory=list)
    waited: list[Violation] = field(default_factory=list)
    _under_way: list[Fault] = field(default_factory=list)
    _calm_since: datetime | None = None
    _looked: datetime | None = None

    # -- faults ----------------------------------------------------------------------------------

    def inject(
        self,
        name: str,
        at: datetime,
        seconds: float,
        begin: Callable[[], None],
        end: Callable[[], None],
        alarms: tuple[str, ...] = (),
    ) -> None:
        """Let a fault happen at ``at``, for ``seconds``. ``alarms`` are the kinds of alarm that speak of it."""
        fault = Fault(name, alarms, at)

        def start(_: VirtualDay) -> None:
            self.faults.append(fault)
            self._under_way.append(fault)
            begin()

        def finish(_: VirtualDay) -> None:
            self._under_way.remove(fault)
            end()
            fault.ended = self._calm_since = self.clock.now()
            fault.due = not self._under_way and not self._kept_back() and self._idle() is not None

        self.plan(at, start)
        self.plan(at + timedelta(seconds=seconds), finish)

    def _kept_back(self) -> bool:
        """Whether people asked meanwhile for what may keep calls back: a pause, another list, a sign-out."""
        return not all(
            isinstance(each, SetResult) or (isinstance(each, SetPresence) and each.presence is Presence.READY)
            for each in self.asked()
        )

    async def live(self) -> None:
        """As ever; a dialer that is started knows nothing of the trunks' failures, and nor does who judges it."""
        await VirtualDay.live(self)
        self.books.trunks.restarted()

    def restore(self) -> None:
        """Let the link come back, when somebody is there to log in."""
        if self.state is not None:
            self.link.restore(self.clock.now())

    def injections(self) -> list[Injection]:
        """What was injected, with what came of it."""
        starts = self.link.asked_at
        begins = sorted(fault.began for fault in self.faults)
        found = []
        for fault in self.faults:
            ended = fault.ended
            after: float | None = None
            if ended is not None and fault.due:
                call = next((start for start in starts if start >= ended), None)
                disturbed = any(ended <= began and (call is None or began < call) for began in begins)
                after = (call - ended).total_seconds() if call and not disturbed else None
            found.append(Injection(fault.name, fault.began, after, self._told(fault)))
        return found

    def _told(self, fault: Fault) -> tuple[str, ...]:
        until = (fault.ended or self.clock.now()) + _TOLD_WITHIN
        kinds = [(at, each.key.partition(":")[0], each.text) for at, each in self.books.alarms]
        alarms = [
            f"alarm: {alarm(f'{kind}:…', text, 'en')}"
            for at, kind, text in kinds
            if fault.began <= at <= until and kind in fault.alarms
        ]
        stuck = [words for at, words in self.books.refused if fault.began <= at <= until and "store" in fault.alarms]
        return tuple(dict.fromkeys(alarms + stuck))

    # -- nobody waits for no reason --------------------------------------------------------------

    def _happen(self) -> None:
        now = self.clock.now()
        if self._looked is None or now - self._looked >= _LOOK_EVERY:
            self._looked = now
            self._look(now)
        VirtualDay._happen(self)

    def _ask_why(self, state: State, now: datetime) -> None:
        """Whatever is answered to why a customer has not been called must be so, by the books and the PBX."""
        memory, seen = self.books.memory, self.seen()
        waiting = [visit for visit in memory.visits.values() if visit.state is VisitState.WAITING]
        if not waiting or self.unwritten is not None:
            return
        visit = waiting[self.steps % len(waiting)]
        answer = why(state, visit.customer, seen, visit.day)
        wrong = untrue(answer, visit, memory, self.config, self._facts(now, seen, visit.number))
        if wrong:
            self.waited.append(
                Violation(TRUE_REASON, f"visit {visit.id} at {now}: {answer.why} {answer.params}: {wrong}")
            )

    def _facts(self, now: datetime, seen: datetime, number: str) -> Facts:
        """What books and PBX say of the line, the trunks and a number.

        A clock that was set blurs the last two: a gap for as long as one that began just then.
        """
        trunks, gap_over = self._trunks_since(now), self.books.number_free_at(number)
        since_set = now - self.skews[-1][0] if self.skews else timedelta.max
        gap_blurred = since_set <= self.config.rule.gap + PATIENCE
        return Facts(
            seen,
            self.link.linked,
            since_set <= PATIENCE or (trunks is not None and trunks > now - PATIENCE),
            gap_over is not None and (gap_blurred or gap_over > now - PATIENCE),
        )

    def _look(self, now: datetime) -> None:
        if self.state is not None and len(self.waited) <= 2:
            self._ask_why(self.state, now)
        if self._under_way or self.state is None or len(self.waited) > 2:
            return
        idle = self._idle()
        if idle is not None and now - idle.since > PATIENCE:
            seconds = (now - idle.since).total_seconds()
            visit = self.books.memory.visits[idle.visit]
            answer = why(self.state, visit.customer, self.seen(), visit.day)
            self.waited.append(
                Violation(
                    NO_REASON,
                    f"agent {idle.agent} is free and visit {idle.visit} due for {seconds:.0f} s at {now}; "
                    f"why-answer: {answer.why} {answer.params}",
                )
            )

    def _idle(self) -> Idle | None:
        """Who could be called but for the faults that are under way, as the books have it."""
        now, seen = self.clock.now(), self.seen()
        hours = self.config.hours.on(day := self.config.hours.day_of(seen))
        opened = next((start for start, end in hours.windows if start <= seen < end), None)
        if opened is None:
            return None
        times = [opened - self.skew, self._calm_since, self._trunks_since(now)]
        times.append(self.skews[-1][0] if self.skews else None)
        # What is decided and not yet written is decided: its call is placed, or booked as one that never left.
        decided = self.unwritten.placed if self.unwritten else []
        return self.books.idle(day, max(each for each in times if each is not None), decided)

    def _trunks_since(self, now: datetime) -> datetime | None:
        """Since when a trunk takes calls, at the latest; a dialer that is started takes all of them for good."""
        placed = self.unwritten.placed if self.unwritten else []
        live = [attempt.trunk for attempt in (*self.books.memory.attempts.values(), *placed) if attempt.live]
        if self.state is None:
            full = all(live.count(trunk.name) >= trunk.channels for trunk in self.config.trunks)
            return now + PATIENCE if full else None
        return self.books.trunks.free_since(live, now) or now + PATIENCE

    # -- people ----------------------------------------------------------------------------------

    def _result(self, attempt: Attempt, when: datetime) -> SetResult:
        """Besides what all simulated agents enter: orders, refusals, opinions."""
        told = VirtualDay._result(self, attempt, when)
        if told.result is not Result.NOT_NEEDED:
            return told
        by, name = attempt.agent, attempt.id
        match self._random.randrange(6):
            case 0 | 1 | 2:
                return SetResult(by=by, attempt=name, result=Result.ORDERED, order=f"O-{name}", quantity="12")
            case 3:
                return SetResult(by=by, attempt=name, result=Result.FEEDBACK, text="送货太晚")
            case 4:
                return SetResult(by=by, attempt=name, result=Result.REFUSED)
            case _:
                return told
