"""The loop around the functional core: inbox -> step -> commit -> intents -> replies.

One task owns the day's state. Everybody else puts messages into the inbox; a batch is whatever has
arrived, and is one transaction. An Originate leaves only after its attempt is committed.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import assert_never

import structlog

from dialer.campaign.asked import Asked, Work, answer, refuse
from dialer.campaign.changes import Changes, FollowPhones, HangUpCall, Intent, Place, Survey, TakePbx
from dialer.campaign.clock_watch import CLOCK_MARK, ClockWatch
from dialer.campaign.commands.import_list import LIST_AHEAD
from dialer.campaign.config import CampaignConfig
from dialer.campaign.messages import (
    CallEvent,
    CallProgress,
    ClockSet,
    Command,
    CorrectNumber,
    ImportList,
    Message,
    SetCalendarDay,
)
from dialer.campaign.ports import DayStore, Pbx
from dialer.campaign.state import State
from dialer.campaign.step import Outcome, Share, next_due, step
from dialer.clock import Clock
from dialer.errors import (
    ActionRefused,
    Busy,
    GuardFailed,
    LinkDown,
    PbxError,
    StoreError,
    StoreUnavailable,
    new_defect,
)

log = structlog.get_logger(__name__)

Listener = Callable[[Changes, datetime], None]

BATCH = 500
BACKLOG = 5_000
_LOOK_UP_S = 1.0  # also the bound on how late a step is after the wall clock was set
_RETRY_S = (0.1, 5.0)


class Engine:
    """Applies the rules to what happens.

    ``post`` takes what the PBX says and never blocks; ``ask`` takes a command and returns its reply once
    it is committed. ``watch`` notices when the wall clock is set. ``run`` is the loop; when it ends with an error
    the process must end too, and be started again: the store is then the truth.
    """

    def __init__(self, config: CampaignConfig, store: DayStore, clock: Clock, watch: ClockWatch | None = None) -> None:
        self._config = config
        self._store = store
        self._clock = clock
        self._watch = watch
        self._clock_set: ClockSet | None = None
        self._inbox: deque[Asked] = deque()
        self._arrived = asyncio.Event()
        self._ready = asyncio.Event()
        self._found = asyncio.Event()
        self._listeners: list[Listener] = []
        self._surveys: dict[asyncio.Task[None], tuple[str, float]] = {}
        self._state: State | None = None
        self._stopped = False
        self._held = False
        self.trouble: str = ""
        """Why nothing can be committed just now; "" when all is well."""

    # -- the door --------------------------------------------------------------------------------

    def post(self, message: Message) -> None:
        """Take in what the PBX says, or an alarm of another package. Never blocks.

        Bounded by itself: while nothing is committed, nothing is dialled.
        """
        self._inbox.append((message, None))
        self._arrived.set()

    async def ask(self, command: Command) -> object:
        """Have a command carried out; returns its reply when it is committed.

        Raises :class:`~dialer.errors.Refused` when the rules say no, :class:`~dialer.errors.Busy` when
        too much is waiting.
        """
        return await self.submit(command)

    def submit(self, command: Command) -> asyncio.Future[object]:
        """As :meth:`ask`, for who waits for the reply later. Raises :class:`~dialer.errors.Busy`."""
        if len(self._inbox) >= BACKLOG:
            raise Busy
        if self._stopped:
            raise Busy("the dialer is stopping")
        reply: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        self._inbox.append((command, reply))
        self._arrived.set()
        return reply

    def on_committed(self, listener: Listener) -> None:
        """Call ``listener`` with every committed change, in order. It must not block."""
        self._listeners.append(listener)

    @property
    def state(self) -> State:
        """The state, to be read only. Raises :class:`Busy` until it has been loaded."""
        if self._state is None:
            raise Busy("the dialer is still starting")
        return self._state

    def hold(self) -> None:
        """Before ``run``: call nobody until :meth:`release`. What is up on the PBX is found and booked all the same."""
        self._held = True

    def release(self) -> None:
        """Every part of the service is up: calling may begin."""
        self._held = self.state.held = False
        self._arrived.set()

    async def ready(self) -> None:
        """Wait until the day has been loaded."""
        await self._ready.wait()

    async def found(self) -> None:
        """Wait until every PBX has said for the first time which calls are up, and the records have it."""
        await self._found.wait()

    # -- the loop --------------------------------------------------------------------------------

    async def run(self, pbxs: Mapping[str, Pbx]) -> None:
        """Connect to the PBXs, by name, load the day meanwhile, and go on until cancelled."""
        for pbx in pbxs.values():
            await pbx.start()  # what it says waits in the inbox until the day is there
        await self.load()
        try:
            while True:
                await self._wait()
                await self.turn(pbxs)
        finally:
            self._stopped = True
            for task in self._surveys:
                task.cancel()
            refuse(self._inbox)

    async def load(self) -> None:
        """Read the state from the store: every day that has open visits, and today."""
        base = await self._store.base()
        if self._watch:
            self._watch.resume(base.flags.get(CLOCK_MARK, ""))
        now = self._clock.now()
        self._clock_set = self._look_at_clock(now)
        if self._clock_set:
            now -= self._clock_set.by  # the records are of before; the first turn moves everything
        self._state = State(self._config, base, now)
        self._state.held = self._held
        for day in base.open_days:
            await self._load_day(day, now)
        await self._load_day(self._config.hours.day_of(now), now)
        self._ready.set()
        log.info("engine loaded", action="engine.loaded", days=len(self.state.days), live=len(self.state.attempts))

    async def turn(self, pbxs: Mapping[str, Pbx]) -> None:
        """One turn: a batch of messages, one transaction, its intents.

        What cannot be prepared, carried out or committed of one message ends that message alone.
        """
        batch = [self._inbox.popleft() for _ in range(min(len(self._inbox), BATCH))]
        try:
            digests, spoilt = await self._prepare([message for message, _ in batch])
            now = self._clock.now()
            if told := self._clock_set or self._look_at_clock(now):
                self._clock_set = None
                batch.insert(0, (told, None))
                spoilt = [None, *spoilt]
            work = Work(batch, digests, now, {n: error for n, error in enumerate(spoilt) if error})
            if not await self._attempt(work, pbxs):
                await self._one_by_one(work, pbxs)
            if all(self.state.linked(name) for name in pbxs):
                self._found.set()
        finally:
            refuse(batch)  # those that have no answer, because we are stopped or something broke

    async def _attempt(self, work: Work, pbxs: Mapping[str, Pbx], share: Share = Share.ALL) -> bool:
        """Step, commit, carry out, answer. False when the database refuses it: then it is undone."""
        messages = [message for message, _ in work.batch]
        outcome = step(self.state, work.now, messages, work.digests, share=share, spoilt=work.spoilt)
        work.changed = bool(outcome.changes)
        if outcome.changes:
            try:
                await self._commit(outcome.changes)
            except GuardFailed as error:
                self.state.undo(work.now)
                work.refusal = error
                return False
        for intent in await self._with_shops(outcome.intents):
            await self._carry_out(intent, pbxs.get(intent.pbx), work.now)
        self._answer(work.batch, outcome)
        if outcome.changes:
            for listener in self._listeners:
                listener(outcome.changes, work.now)
        return True

    def _answer(self, batch: list[Asked], outcome: Outcome) -> None:
        """Give everybody their replies; a simulated day ends with what has failed."""
        answer(batch, outcome)

    async def _one_by_one(self, work: Work, pbxs: Mapping[str, Pbx]) -> None:
        """The database refuses something of a batch: each message by itself, each wake-up, then call after call.

        What is refused is left out. A database that does not even take that ends the engine.
        """
        for place, asked in enumerate(work.batch):
            alone = Work([asked], work.digests, work.now, {0: work.spoilt[place]} if place in work.spoilt else {})
            await self._or_leave_out(alone, pbxs, Share.NONE)
        for _ in range(self.state.timers.count(work.now)):  # one that is due again at once is for the next turn
            await self._or_leave_out(Work([], {}, work.now), pbxs, Share.WAKE_UP)
        while await self._or_leave_out(Work([], {}, work.now), pbxs, Share.DIAL):
            pass

    async def _or_leave_out(self, work: Work, pbxs: Mapping[str, Pbx], share: Share) -> bool:
        """Whether anything changed. Ends: a refusal leaves out one deed more, or is raised."""
        while not await self._attempt(work, pbxs, share):
            assert work.refusal is not None
            deed = self.state.doing
            if deed in work.spoilt:
                raise work.refusal
            work.spoilt = {**work.spoilt, deed: work.refusal}
        return work.changed

    async def _wait(self) -> None:
        if self._inbox:
            await asyncio.sleep(0)
            return
        self._arrived.clear()
        now = self._clock.now()
        due = next_due(self.state, now)
        wait = _LOOK_UP_S if due is None else min(max((due - now).total_seconds(), 0.0), _LOOK_UP_S)
        try:
            async with asyncio.timeout(wait):
                await self._arrived.wait()
        except TimeoutError:
            return

    def _look_at_clock(self, now: datetime) -> ClockSet | None:
        told = self._watch.look(now) if self._watch else None
        if told and told.by:
            log.warning("the machine's clock was set", action="engine.clock_set", by_s=told.by.total_seconds())
        return told

    async def _prepare(self, messages: list[Message]) -> tuple[dict[int, str], list[Exception | None]]:
        """Load the days that the messages are about, and what an import is compared with.

        Also why that failed, for each message. What everybody needs, today, is waited for.
        """
        now = self._clock.now()
        today = self._config.hours.day_of(now)
        if today not in self.state.days:
            await self._patiently(lambda: self._load_day(today, now))
            self.state.forget_days(now)
        digests: dict[int, str] = {}
        spoilt: list[Exception | None] = []
        for message in messages:
            spoilt.append(None)
            if isinstance(message, ImportList | CorrectNumber | SetCalendarDay):
                if not today <= message.day <= today + LIST_AHEAD:
                    continue
                try:
                    await self._load_day(message.day, now)
                    if isinstance(message, ImportList):
                        digests.update(await self._store.customer_data(list(self.state.days[message.day].visits)))
                except Exception as error:  # noqa: BLE001 - it is told with the message's reply
                    spoilt[-1] = error
        return digests, spoilt

    async def _load_day(self, day: date, now: datetime) -> None:
        if day in self.state.days:
            return
        snapshot = await self._store.load(day, self.state.ends_since(now))
        self.state.open_day(day, snapshot, now)
        for other in {a.day for a in snapshot.attempts} - set(self.state.days):
            await self._load_day(other, now)

    async def _with_shops(self, intents: list[Intent]) -> list[Intent]:
        """The same, with the shops that the agents' phones show; without, when the database cannot tell."""
        visits = {each.attempt: self.state.attempts[each.attempt].visit for each in intents if isinstance(each, Place)}
        if not visits:
            return intents
        try:
            shops = await self._store.shops(list(visits.values()))
        except StoreError as error:
            log.warning("the shops' names cannot be read", action="engine.no_shops", error=str(error))
            return intents
        return [
            replace(each, shop=shops.get(visits[each.attempt], "")) if isinstance(each, Place) else each
            for each in intents
        ]

    async def _commit(self, changes: Changes) -> None:
        """Commit, however long it takes. Raises ``GuardFailed`` for what the database would never take."""
        await self._patiently(lambda: self._store.commit(changes))

    async def _patiently(self, work: Callable[[], Awaitable[None]]) -> None:
        """Until the database can do it: what has happened cannot be refused."""
        wait, longest = _RETRY_S
        while True:
            try:
                await work()
            except StoreUnavailable as error:
                if not self.trouble:
                    log.error("the database cannot be used", action="engine.stalled", error=str(error))
                self.trouble = str(error)
                await self._sleep(wait)
                wait = min(wait * 2, longest)
            else:
                if self.trouble:
                    log.info("the database works again", action="engine.resumed")
                    self.trouble = ""
                return

    async def _sleep(self, seconds: float) -> None:
        """Until the next try to write; a simulated day goes on meanwhile."""
        await asyncio.sleep(seconds)

    async def _carry_out(self, intent: Intent, pbx: Pbx | None, decided_at: datetime) -> None:
        try:
            if pbx is None:
                raise LinkDown(f"there is no PBX {intent.pbx}")
            match intent:
                case Place():
                    if self._is_stale(decided_at):
                        self._tell(intent, CallProgress.UNSENT, "written down too late, or the clock was set meanwhile")
                    else:
                        await pbx.originate(intent)
                case HangUpCall():
                    await pbx.hang_up(intent.attempt)
                case Survey():
                    self._survey_later(intent, pbx)
                case FollowPhones():
                    await pbx.follow_phones(intent.devices)
                case TakePbx():
                    pbx.take_over()
                case _:
                    assert_never(intent)
        except LinkDown as error:
            if isinstance(intent, Place):
                self._tell(intent, CallProgress.UNSENT, str(error))
        except ActionRefused as error:
            log.warning("the PBX refuses", action="engine.refused", error=str(error), intent=type(intent).__name__)
            if isinstance(intent, Place):
                self._tell(intent, CallProgress.REFUSED, str(error))
        except Exception:  # of a call that may have left or not its watch finds out
            log.exception("an intent failed", action="engine.defect", defect=new_defect(), intent=type(intent).__name__)

    def _is_stale(self, decided_at: datetime) -> bool:
        """Whether an Originate may no longer leave. A clock that was set meanwhile cannot say; the next turn tells."""
        now = self._clock.now()
        self._clock_set = self._clock_set or self._look_at_clock(now)
        return self._clock_set is not None or now - decided_at > self._config.settle / 2

    def _tell(self, order: Place, progress: CallProgress, why: str) -> None:
        self.post(CallEvent(order.attempt, progress, self._clock.now(), text=why, pbx=order.pbx))

    def _survey_later(self, survey: Survey, pbx: Pbx) -> None:
        when = asyncio.get_running_loop().time() + survey.after_s
        if any(of == survey.pbx and due <= when for of, due in self._surveys.values()) and survey.after_s > 0:
            return
        task = asyncio.create_task(self._survey(survey.after_s, pbx), name="pbx-survey")
        self._surveys[task] = survey.pbx, when
        task.add_done_callback(lambda done: self._surveys.pop(done, None))

    async def _survey(self, after_s: float, pbx: Pbx) -> None:
        await asyncio.sleep(after_s)
        try:
            await pbx.survey()
        except PbxError as error:  # the next login asks again
            log.info("survey failed", action="engine.survey_failed", error=str(error))
