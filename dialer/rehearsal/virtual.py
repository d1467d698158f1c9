"""A day on a virtual clock: the real rules, a simulated PBX and simulated agents, from event to event.

Nothing waits for real: time jumps to whatever is due next. This is how the rules are proven against
every invariant, and how a team leader rehearses tomorrow's list.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count

from dialer.campaign.agent import Presence
from dialer.campaign.attempt import Attempt
from dialer.campaign.changes import Changes, HangUpCall, Intent, Place, Survey
from dialer.campaign.clockset import CLOCK_MARK, ClockWatch
from dialer.campaign.config import CampaignConfig
from dialer.campaign.messages import (
    CallEvent,
    CallProgress,
    ClockSet,
    Command,
    ImportList,
    LinkRestored,
    Message,
    PbxMessage,
    SetPresence,
    SetResult,
)
from dialer.campaign.outcome import PHONE_NOT_ANSWERED
from dialer.campaign.ports import DayStore
from dialer.campaign.state import State
from dialer.campaign.step import Outcome, next_due, step
from dialer.campaign.visit import Result
from dialer.errors import LinkDown, Refused, StoreUnavailable
from dialer.rehearsal.simulated import SimulatedPbx

_RETRY = timedelta(seconds=1)

Action = Callable[["VirtualDay"], None]


@dataclass(slots=True)
class VirtualClock:
    """A clock that somebody sets."""

    at: datetime

    def now(self) -> datetime:
        """The time that it was set to."""
        return self.at


@dataclass(slots=True)
class Habits:
    """What simulated agents do: enter a result after ``result_s`` and are ready after ``ready_s``.

    The result is ``not_needed``, but for the shares of conversations that end with a promise (``later``, up to
    ``later_s`` from then) or on a ``wrong`` number; ``hasty`` is the share that is entered during the conversation.
    """

    result_s: float = 5.0
    later: float = 0.0
    later_s: float = 7200.0
    wrong: float = 0.0
    hasty: float = 0.0
    ready_s: float = 10.0
    back_s: float = 300.0  # after a pause for a phone that was not answered


@dataclass(slots=True)
class VirtualDay:
    """Drives the rules from event to event. ``store`` must answer without waiting for anything.

    ``plan`` adds what people and faults do at a time; ``die`` is a ``kill -9`` of the dialer; ``set_clock`` sets the
    clock of the dialer's machine, which is then ``skew`` ahead of ``clock``, the true time of everybody else.
    """

    config: CampaignConfig
    store: DayStore
    pbx: SimulatedPbx
    clock: VirtualClock
    habits: Habits = field(default_factory=Habits)
    seed: int = 0
    skew: timedelta = timedelta(0)
    refusals: list[str] = field(default_factory=list)
    steps: int = 0
    state: State | None = None
    _heard: list[PbxMessage] = field(default_factory=list)
    _inbox: list[Message] = field(default_factory=list)
    _unwritten: tuple[Outcome, datetime] | None = None  # a step whose changes could not be committed yet
    _watch: ClockWatch = field(init=False)
    _clock_set: ClockSet | None = None  # noticed at the start, to be told in the first step
    _entered: set[str] = field(default_factory=set)  # conversations whose result has been entered
    _due: list[tuple[datetime, int, Action]] = field(default_factory=list)
    _count: count[int] = field(default_factory=count)
    _dying: str | None = None
    _reviving: bool = False
    _random: random.Random = field(default_factory=random.Random)

    def __post_init__(self) -> None:
        self._random.seed(self.seed)
        self._watch = ClockWatch(lambda: self.clock.now().timestamp(), "virtual")

    # -- what people and faults do ---------------------------------------------------------------

    def plan(self, at: datetime, action: Action) -> None:
        """Let ``action`` happen at ``at``."""
        heappush(self._due, (at, next(self._count), action))

    def tell(self, at: datetime, command: Command) -> None:
        """Give the engine a command at ``at``, when the dialer runs then."""
        self.plan(at, lambda day: day._inbox.append(command))

    def die(self, where: str) -> None:
        """Kill the dialer in its next step: "before-commit", "after-commit" or "among-intents"."""
        self._dying = where

    def revive(self) -> None:
        """Start the dialer again, if it is dead."""
        self._reviving = self.state is None

    def set_clock(self, by: timedelta) -> None:
        """Set the clock of the dialer's machine ``by`` ahead (or back). The dialer looks at it in every step."""
        self.skew += by
        self.plan(self.clock.now(), lambda _: None)

    def seen(self) -> datetime:
        """The time by the clock of the dialer's machine."""
        return self.clock.now() + self.skew

    def told(self, message: PbxMessage) -> PbxMessage:
        """What the PBX says, with the times of its clock, which is the same machine's."""
        return shifted(message, self.skew) if self.skew else message

    async def live(self) -> None:
        """Start the dialer on what the store has."""
        base = await self.store.base()
        self._watch.resume(base.flags.get(CLOCK_MARK, ""))
        now = self.seen()
        self._clock_set = self._watch.look(now)
        if self._clock_set:
            now -= self._clock_set.by
        self.state = State(self.config, base, now)
        for day in sorted({*base.open_days, self.config.hours.day_of(now)}):
            self.state.open_day(day, await self.store.load(day, self.state.ends_since(now)), now)
        self.pbx.restore(self.clock.now())

    # -- the loop --------------------------------------------------------------------------------

    async def run(self, until: datetime) -> None:
        """Go on until ``until``, or until nothing at all is due before it."""
        if self.state is None:
            await self.live()
        while True:
            when = self._next_time()
            if when is None or when > until:
                break
            self.clock.at = max(self.clock.at, when)
            await self._turn()
        self.clock.at = until

    def _next_time(self) -> datetime | None:
        times = [self.pbx.next_time(), self._due[0][0] if self._due else None]
        if self.state is not None and self._unwritten is None:
            due = next_due(self.state, self.seen())
            times.append(due - self.skew if due else None)
        return min((t for t in times if t is not None), default=None)

    async def _turn(self) -> None:
        now = self.clock.now()
        self._heard += self.pbx.advance(now)
        while self._due and self._due[0][0] <= now:
            heappop(self._due)[2](self)
        if self._reviving:
            self._reviving = False
            await self.live()
        self._heard += self.pbx.advance(now)
        if self.state is None:
            self._heard = []  # the dialer is dead: nobody hears what the PBX says
        elif self._unwritten is not None:
            await self._commit(*self._unwritten, now)
        else:
            messages: list[Message] = [*map(self.told, self._heard), *self._inbox]
            self._heard, self._inbox = [], []
            await self._step(self.state, messages)

    async def _step(self, state: State, messages: Sequence[Message]) -> None:
        self.steps += 1
        now = self.seen()
        if told := self._clock_set or self._watch.look(now):
            self._clock_set, messages = None, [told, *messages]
        today = self.config.hours.day_of(now)
        if today not in state.days:
            state.open_day(today, await self.store.load(today, state.ends_since(now)), now)
        digests: dict[int, str] = {}
        for message in messages:
            if isinstance(message, ImportList) and message.day >= today:
                if message.day not in state.days:
                    state.open_day(message.day, await self.store.load(message.day, now), now)
                digests = await self.store.customer_data(list(state.days[message.day].visits))
        outcome = step(state, now, messages, digests)
        if self._dying == "before-commit":
            self._killed(self.clock.now())
            return
        await self._commit(outcome, self.clock.now(), self.clock.now())

    async def _commit(self, outcome: Outcome, decided_at: datetime, now: datetime) -> None:
        """Commit and carry out; while nothing can be written, try again later, as the engine does."""
        self._unwritten = None
        try:
            if outcome.changes:
                await self.store.commit(outcome.changes)
        except StoreUnavailable:
            if self._dying:
                self._killed(now)
                return
            self._unwritten = outcome, decided_at
            self.plan(now + _RETRY, lambda _: None)
            return
        if self._dying == "after-commit":
            self._killed(now)
            return
        survivors = len(outcome.intents)
        if self._dying == "among-intents":
            survivors = self._random.randint(0, survivors)
        stale = now - decided_at > self.config.settle / 2
        for intent in outcome.intents[:survivors]:
            self._carry_out(intent, now, stale=stale)
        if self._dying:
            self._killed(now)
            return
        self.refusals += [str(reply) for reply in outcome.replies if isinstance(reply, Refused)]
        self._follow(outcome.changes, now)

    def _carry_out(self, intent: Intent, now: datetime, *, stale: bool) -> None:
        try:
            match intent:
                case Place() if stale:
                    raise LinkDown("it took too long to write the attempt down")
                case Place():
                    self.pbx.place(intent, now)
                case HangUpCall():
                    self.pbx.hang_up(intent.attempt, now)
                case Survey():
                    self.plan(now + timedelta(seconds=intent.after_s), _ask_pbx)
        except LinkDown:
            if isinstance(intent, Place):
                self._inbox.append(CallEvent(intent.attempt, CallProgress.UNSENT, now + self.skew))
                self.plan(now, lambda _: None)

    def _killed(self, now: datetime) -> None:
        self._dying, self.state, self._inbox, self._unwritten = None, None, [], None
        self.pbx.cut(now)
        self.pbx.advance(now)
        self._heard = []

    def _follow(self, changes: Changes, now: datetime) -> None:
        """Agents enter results and get ready, as their presence asks for it."""
        for attempt in changes.attempts:
            if not attempt.evidence.connected or attempt.id in self._entered:
                continue
            if attempt.ended_at is not None or self._chance(self.habits.hasty):
                self._entered.add(attempt.id)
                when = now + timedelta(seconds=self.habits.result_s)
                self.tell(when, self._result(attempt, when))
        for agent in changes.agents:
            if agent.presence is Presence.WRAP_UP and agent.wrap_until is None:
                wait = self.habits.ready_s
            elif agent.presence is Presence.PAUSED and agent.reason == PHONE_NOT_ANSWERED:
                wait = self.habits.back_s
            else:
                continue
            ready = SetPresence(by=agent.number, agent=agent.number, presence=Presence.READY)
            self.tell(now + timedelta(seconds=wait), ready)

    def _result(self, attempt: Attempt, when: datetime) -> SetResult:
        if self._chance(self.habits.later):
            at = when + self.skew + timedelta(seconds=self._random.uniform(60, self.habits.later_s))
            return SetResult(by=attempt.agent, attempt=attempt.id, result=Result.LATER, at=at)
        wrong = self._chance(self.habits.wrong)
        result = Result.WRONG_NUMBER if wrong else Result.NOT_NEEDED
        return SetResult(by=attempt.agent, attempt=attempt.id, result=result)

    def _chance(self, share: float) -> bool:
        return share > 0 and self._random.random() < share


def _ask_pbx(day: VirtualDay) -> None:
    if day.state is not None and day.pbx.linked:
        day.pbx.survey(day.clock.now())
        day._heard += day.pbx.advance(day.clock.now())


def shifted(message: PbxMessage, by: timedelta) -> PbxMessage:
    """The same message by a clock that is ``by`` ahead."""
    if isinstance(message, LinkRestored):
        ends = tuple(replace(end, at=end.at + by) for end in message.ends)
        started_at = message.started_at + by if message.started_at else None
        return replace(message, at=message.at + by, ends=ends, started_at=started_at)
    return replace(message, at=message.at + by)
