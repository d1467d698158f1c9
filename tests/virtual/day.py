"""A day on a virtual clock: the real engine, a simulated PBX and simulated agents, from event to event.

Nothing waits for real: time jumps to whatever is due next. This is how the rules are proven against every invariant.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count

from dialer.campaign.asked import Asked
from dialer.campaign.changes import Changes, Place, Survey
from dialer.campaign.clock_watch import ClockWatch
from dialer.campaign.commands.agents import PhoneNotReady
from dialer.campaign.config import CampaignConfig
from dialer.campaign.engine import Engine
from dialer.campaign.messages import Command, LinkRestored, PbxMessage, SetPresence, SetResult
from dialer.campaign.model.agent import PHONE_NOT_ANSWERED, Presence
from dialer.campaign.model.attempt import Attempt
from dialer.campaign.model.link import MAIN_PBX
from dialer.campaign.model.visit import Result
from dialer.campaign.ports import DayStore, Pbx
from dialer.campaign.state import State
from dialer.campaign.step import Outcome, next_due
from dialer.errors import GuardFailed, Refused, StoreError
from tests.virtual.simulated import SimulatedPbx
from tests.virtual.simulated_port import SimulatedPort

Action = Callable[["VirtualDay"], None]

_DIES_AT_EACH = 0.5
"""How likely a dialer that is to die among its Originates dies before each of them; after the last it does."""


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


class Killed(Exception):
    """The dialer is killed in the middle of a turn."""


@dataclass(slots=True)
class VirtualDay:
    """Drives the engine from event to event. ``store`` must answer without waiting for anything.

    ``plan`` adds what people and faults do at a time; ``die`` is a ``kill -9`` of the dialer; ``set_clock`` sets the
    clock of the machine of dialer and PBX, which is then ``skew`` ahead of ``clock``, the true time of everybody else.
    ``skews`` are (true time since when, how far it is ahead), oldest first.
    """

    config: CampaignConfig
    store: DayStore
    pbx: SimulatedPbx
    clock: VirtualClock
    habits: Habits = field(default_factory=Habits)
    seed: int = 0
    skews: list[tuple[datetime, timedelta]] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    steps: int = 0
    unwritten: Changes | None = None
    """What is decided and could not be written down yet."""
    _engine: _Engine | None = None
    _line: _Line = field(init=False)
    _asked: list[tuple[Command, asyncio.Future[object]]] = field(default_factory=list)
    _early: list[Command] = field(default_factory=list)  # asked for while the dialer is dead
    _entered: set[str] = field(default_factory=set)  # conversations whose result has been entered
    _due: list[tuple[datetime, int, Action]] = field(default_factory=list)
    _count: count[int] = field(default_factory=count)
    _dying: str | None = None
    _reviving: bool = False
    _random: random.Random = field(default_factory=random.Random)

    def __post_init__(self) -> None:
        self._random.seed(self.seed)
        self._line = _Line(self)

    # -- what people and faults do ---------------------------------------------------------------

    def plan(self, at: datetime, action: Action) -> None:
        """Let ``action`` happen at ``at``."""
        heappush(self._due, (at, next(self._count), action))

    def tell(self, at: datetime, command: Command) -> None:
        """Give the engine a command at ``at``, or as soon as the dialer runs after that."""
        self.plan(at, lambda day: day._ask(command))

    def die(self, where: str) -> None:
        """Kill the dialer in its next turn: "before-commit", "after-commit" or "among-intents"."""
        self._dying = where

    def revive(self) -> None:
        """Start the dialer again, if it is dead."""
        self._reviving = self._engine is None

    def set_clock(self, by: timedelta) -> None:
        """Set the clock of the dialer's machine ``by`` ahead (or back). The dialer looks at it in every step."""
        self.skews.append((self.clock.now(), self.skew + by))
        self.plan(self.clock.now(), lambda _: None)

    def _ask(self, command: Command) -> None:
        if self._engine is None:
            self._early.append(command)
        else:
            self._asked.append((command, self._engine.submit(command)))

    def asked(self) -> list[Command]:
        """What people asked for and have no reply to yet."""
        return [*self._early, *(command for command, reply in self._asked if not reply.done())]

    @property
    def state(self) -> State | None:
        """The engine's state; None while the dialer is dead."""
        return None if self._engine is None else self._engine.state

    @property
    def skew(self) -> timedelta:
        """How far the clock of the dialer's machine is ahead."""
        return self.skews[-1][1] if self.skews else timedelta(0)

    def seen(self) -> datetime:
        """The time by the clock of the dialer's machine."""
        return self.clock.now() + self.skew

    def shown(self, true: datetime) -> datetime:
        """What that clock showed at a true time."""
        return true + next((skew for since, skew in reversed(self.skews) if since <= true), timedelta(0))

    async def live(self) -> None:
        """Start the dialer on what the store has."""
        engine = _Engine(self)
        await engine.load()
        engine.on_committed(lambda changes, _: self._follow(changes, self.clock.now()))
        self._engine = engine
        self.pbx.restore(self.clock.now())
        self._line.tell()
        early, self._early = self._early, []
        for command in early:
            self._ask(command)

    # -- the loop --------------------------------------------------------------------------------

    async def run(self, until: datetime) -> None:
        """Go on until ``until``, or until nothing at all is due before it."""
        if self._engine is None:
            await self.live()
        while True:
            times = [self._next_event(), self._engine.due() if self._engine is not None else None]
            due = min((when for when in times if when is not None), default=None)
            if due is None or due > until:
                break
            self.clock.at = max(self.clock.at, due)
            self._happen()
            if self._reviving:
                self._reviving = False
                await self.live()
            if self._engine is not None:
                await self._turn(self._engine)
        self.clock.at = max(self.clock.at, until)

    def _next_event(self) -> datetime | None:
        """When the PBX, people or faults do something next."""
        times = [self.pbx.next_time(), self._due[0][0] if self._due else None]
        return min((t for t in times if t is not None), default=None)

    def _happen(self) -> None:
        """Everything that is due now."""
        self._line.tell()
        while self._due and self._due[0][0] <= self.clock.now():
            heappop(self._due)[2](self)
        self._line.tell()

    def hear(self, message: PbxMessage) -> None:
        """What the PBX says, with the times that its clock, which is the same machine's, showed when it happened."""
        if self._engine is not None:
            self._engine.post(as_shown(message, self.shown) if self.skews else message)

    async def _turn(self, engine: _Engine) -> None:
        self.steps += 1
        with suppress(Killed):
            await engine.turn({MAIN_PBX: self._line})
        if self._dying:
            self._killed()
        self._line.tell()
        replies, self._asked = self._asked, []
        for command, reply in replies:
            if not reply.done():
                self._asked += [(command, reply)] if self._engine is engine else []
            elif isinstance(refusal := reply.exception(), Refused):
                self.refusals.append(str(refusal))
                if isinstance(refusal, PhoneNotReady):  # it is mended, or the private call is over, and they try again
                    self.tell(self.clock.now() + timedelta(seconds=self.habits.back_s), command)

    def die_if(self, where: str) -> None:
        """Raises ``Killed`` when the dialer is to die here."""
        if self._dying == where:
            raise Killed

    def dies_among_intents(self) -> bool:
        """Whether it dies before this Originate."""
        return self._dying == "among-intents" and self._random.random() < _DIES_AT_EACH

    def pass_by(self, seconds: float) -> None:
        """Let time pass while nothing can be written. Raises ``Killed``."""
        until = self.clock.now() + timedelta(seconds=seconds)
        if self._next_event() is None:
            raise AssertionError(f"nothing can be written at {until}, nor ever again")
        while (when := self._next_event()) is not None and when <= until:
            self.clock.at = max(self.clock.at, when)
            self._happen()
            if self._dying:
                raise Killed
        self.clock.at = until

    def _killed(self) -> None:
        self._dying, self._engine, self.unwritten = None, None, None
        self.pbx.cut(self.clock.now())

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


class _Seen:
    """The clock of the dialer's machine."""

    def __init__(self, day: VirtualDay) -> None:
        self.now = day.seen


class _Engine(Engine):
    """The engine, which lets the day go on while it waits, and dies in the middle of a turn."""

    def __init__(self, day: VirtualDay) -> None:
        watch = ClockWatch(lambda: day.clock.now().timestamp(), "virtual")
        super().__init__(day.config, day.store, _Seen(day), watch)
        self._day = day

    def due(self) -> datetime | None:
        """When it has something to do, by the true time."""
        if self._inbox:
            return self._day.clock.now()
        due = next_due(self.state, self._day.seen())
        return due - self._day.skew if due else None

    async def _commit(self, changes: Changes) -> None:
        self._day.die_if("before-commit")
        self._day.unwritten = changes
        await super()._commit(changes)
        self._day.unwritten = None
        self._day.die_if("after-commit")

    def _answer(self, batch: list[Asked], outcome: Outcome) -> None:
        for error in outcome.failures.values():  # a dialer that is well has none: the day is not to hide them
            if isinstance(error, GuardFailed) or not isinstance(error, StoreError):
                raise error
        super()._answer(batch, outcome)

    async def _sleep(self, seconds: float) -> None:
        self._day.pass_by(seconds)

    def _survey_later(self, survey: Survey, pbx: Pbx) -> None:  # noqa: ARG002 - as the engine calls it
        self._day.plan(self._day.clock.now() + timedelta(seconds=survey.after_s), self._ask_pbx)

    def _ask_pbx(self, day: VirtualDay) -> None:
        if day.pbx.linked and day.state is self.state:
            day.pbx.survey(day.clock.now())


class _Line(SimulatedPort):
    """The simulated PBX as the engine reaches it."""

    def __init__(self, day: VirtualDay) -> None:
        super().__init__(day.pbx, day.hear, day.clock)
        self._day = day

    async def originate(self, order: Place) -> None:
        if self._day.dies_among_intents():
            raise Killed
        await super().originate(order)


def as_shown(message: PbxMessage, shown: Callable[[datetime], datetime]) -> PbxMessage:
    """The same message by a clock that has ``shown`` other times than the true ones."""
    if isinstance(message, LinkRestored):
        ends = tuple(replace(end, at=shown(end.at)) for end in message.ends)
        started_at = shown(message.started_at) if message.started_at else None
        return replace(message, at=shown(message.at), ends=ends, started_at=started_at)
    return replace(message, at=shown(message.at))
