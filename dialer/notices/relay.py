"""The relay takes notices out of the outbox and hands them to the sender, at least once, until acknowledged.

A notice keeps its id for ever, so a receiver that sees it twice (we were killed between its acknowledgement and
our note of it) knows that it has it. Nothing is lost while the receiver, the store or the dialer is down: what is
not marked as delivered is still in the outbox.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from dialer.campaign.messages import AlarmSink
from dialer.campaign.model.query import Page
from dialer.clock import Clock
from dialer.errors import DeliveryFailed, GuardFailed, NotFound, StoreError
from dialer.notices.config import RelayPolicy
from dialer.notices.outbox import Notice, NoticeState, Outbox

FAILING_ALARM = "notices-failing"
DEAD_ALARM = "notices-dead"

log = structlog.get_logger(__name__)


class Sender(Protocol):
    """Hands notices to somebody."""

    async def deliver(self, notice: Notice) -> None:
        """Return when the receiver has acknowledged; raise :class:`~dialer.errors.DeliveryFailed` otherwise."""


@dataclass(slots=True)
class RelayStatus:
    """How the relay is, for health and metrics.

    ``failing_since`` is set while nothing gets through; the counts are tries since the start.
    """

    delivered: int = 0
    failed: int = 0
    dead: int = 0
    in_flight: int = 0
    failing_since: datetime | None = None
    last_error: str = ""
    store_error: str = ""


class Relay:
    """Run :meth:`run` as one task; call :meth:`wake` when notices were committed or resent."""

    def __init__(self, outbox: Outbox, sender: Sender, clock: Clock, policy: RelayPolicy, alarm: AlarmSink) -> None:
        self._outbox = outbox
        self._sender = sender
        self._clock = clock
        self._policy = policy
        self._tell = alarm
        self._wake = asyncio.Event()
        self._flights: dict[str, asyncio.Task[None]] = {}
        # Marks that the store did not take: made up for before their notices are looked at again.
        self._unmarked: dict[str, Callable[[], Awaitable[None]]] = {}
        self._so_far = RelayStatus()
        self._alarmed = False
        self._dead_letters: bool | None = None  # None: not looked yet

    def wake(self) -> None:
        """Look into the outbox now."""
        self._wake.set()

    def status(self) -> RelayStatus:
        """How things stand."""
        return replace(self._so_far, in_flight=len(self._flights))

    async def run(self) -> None:
        """Deliver until cancelled; deliveries under way then get ``stop_timeout_s`` to end."""
        try:
            while True:
                self._wake.clear()
                pause_s = await self._round()
                try:
                    async with asyncio.timeout(pause_s):
                        await self._wake.wait()
                except TimeoutError:
                    pass  # time to look again
        finally:
            await self._land()

    async def _round(self) -> float:
        """Start what is due, as far as there is room. Gives the seconds until the next look."""
        try:
            await self._mark_again()
            await self._look_for_dead_letters()
            free = self._policy.concurrency - len(self._flights)
            if free > 0:
                busy = self._flights.keys() | self._unmarked.keys()
                due = await self._outbox.due(self._clock.now(), self._policy.concurrency + len(busy))
                for notice in [notice for notice in due if notice.id not in busy][:free]:
                    self._start(notice)
            next_try = await self._outbox.next_try()
        except StoreError as error:
            self._store_trouble(error)
            return self._policy.store_retry_s
        if not self._unmarked:
            self._so_far.store_error = ""
        if self._flights and free > 0:
            return min(1.0, self._policy.poll_s)  # another one may become due before these are done
        if self._flights or self._unmarked or next_try is None:
            return self._policy.poll_s
        return min(max((next_try - self._clock.now()).total_seconds(), 0.05), self._policy.poll_s)

    def _start(self, notice: Notice) -> None:
        task = asyncio.get_running_loop().create_task(self._deliver(notice), name=f"notice-{notice.id}")
        self._flights[notice.id] = task
        task.add_done_callback(lambda task: self._landed(notice.id, task))

    def _landed(self, notice: str, task: asyncio.Task[None]) -> None:
        """Make room. A delivery that a defect ended has no mark: without one it would be due again at once."""
        del self._flights[notice]
        if not task.cancelled() and (defect := task.exception()) is not None:
            log.error("a delivery broke off", action="notice.defect", notice=notice, exc_info=defect)
            now, text = self._clock.now(), f"defect: {type(defect).__name__}"
            later = now + timedelta(seconds=self._policy.waits_s[-1])
            self._unmarked[notice] = lambda: self._outbox.mark_failed(notice, now, text, later)
        self._wake.set()

    async def _deliver(self, notice: Notice) -> None:
        """One try of one notice, and its mark in the outbox."""
        failure: DeliveryFailed | None = None
        try:
            async with asyncio.timeout(self._policy.timeout_s):
                await self._sender.deliver(notice)
        except DeliveryFailed as error:
            failure = error
        except TimeoutError:
            failure = DeliveryFailed(f"no acknowledgement within {self._policy.timeout_s:g} s")
        except StoreError as error:
            failure = DeliveryFailed(f"the store could not be used: {error}")
        except Exception as error:
            log.exception("notice sender broke", action="notice.defect", notice=notice.id)
            failure = DeliveryFailed(f"defect in the sender: {type(error).__name__}: {error}")
        now = self._clock.now()
        if failure is None:
            self._succeeded(notice)
            await self._mark(notice.id, lambda: self._outbox.mark_delivered(notice.id, now))
            if self._dead_letters:
                self._dead_letters = None  # this may have been the last one, resent: look again
            return
        error_text = str(failure)
        next_try = self._policy.next_try(notice.tries + 1, now, failure)
        self._did_fail(notice, error_text, next_try, now)
        await self._mark(notice.id, lambda: self._outbox.mark_failed(notice.id, now, error_text, next_try))
        if next_try is None:
            self._dead_letters = None

    def _succeeded(self, notice: Notice) -> None:
        tries = notice.tries + 1
        log.info("notice delivered", action="notice.delivered", notice=notice.id, kind=notice.kind, tries=tries)
        self._so_far.delivered += 1
        self._so_far.failing_since = None
        self._so_far.last_error = ""
        if self._alarmed:
            self._alarmed = False
            self._tell(FAILING_ALARM, "")

    def _did_fail(self, notice: Notice, error: str, next_try: datetime | None, now: datetime) -> None:
        self._so_far.failed += 1
        self._so_far.last_error = error
        failing_since = min(self._so_far.failing_since or now, now)  # the clock can have been set back
        self._so_far.failing_since = failing_since
        tell = log.warning if next_try else log.error
        tell(
            "notice not acknowledged" if next_try else "notice given up",
            action="notice.failed" if next_try else "notice.dead",
            notice=notice.id,
            kind=notice.kind,
            tries=notice.tries + 1,
            error=error,
            next_try=next_try.isoformat() if next_try else None,
        )
        if next_try is None:
            self._so_far.dead += 1
        if not self._alarmed and now - failing_since >= self._policy.alarm_after:
            self._alarmed = True
            self._tell(
                FAILING_ALARM,
                f"The info platform has acknowledged nothing since {failing_since:%Y-%m-%d %H:%M} UTC: {error}. "
                "Notices are kept and sent again; check the platform and its address.",
            )

    async def _mark(self, notice: str, mark: Callable[[], Awaitable[None]]) -> None:
        try:
            await mark()
        except NotFound:
            log.warning("notice is no longer in the outbox", action="notice.gone", notice=notice)
        except StoreError as error:
            self._unmarked[notice] = mark
            self._store_trouble(error)

    async def _mark_again(self) -> None:
        """Make up for marks that the store did not take. Raises ``StoreError`` when it still does not.

        Without this, a disk that is full (reads work, writes do not) would have every notice sent again and again.
        A mark that the database refuses for good (a defect) holds up its own notice only.
        """
        for notice in list(self._unmarked):
            try:
                await self._unmarked[notice]()
            except GuardFailed as error:
                self._store_trouble(error)
                continue
            except NotFound:
                log.warning("notice is no longer in the outbox", action="notice.gone", notice=notice)
            del self._unmarked[notice]

    async def _look_for_dead_letters(self) -> None:
        """Tell people of dead letters, and that there are none any more. Raises ``StoreError``."""
        if self._dead_letters is not None:
            return
        dead = await self._outbox.notices(NoticeState.DEAD, Page(limit=1))
        self._dead_letters = bool(dead)
        if dead:
            text = f"A notice was given up ({dead[0].id}): {dead[0].last_error}. Put the cause right, then resend it."
            self._tell(DEAD_ALARM, text)
        else:
            self._tell(DEAD_ALARM, "")

    def _store_trouble(self, error: StoreError) -> None:
        if self._so_far.store_error != str(error):  # said once, not at every look
            log.warning("outbox cannot be used", action="notice.store", error=str(error))
        self._so_far.store_error = str(error)

    async def _land(self) -> None:
        """Wait for the deliveries under way, then cancel what is left: it is still in the outbox."""
        if not self._flights:
            return
        _, late = await asyncio.wait(list(self._flights.values()), timeout=self._policy.stop_timeout_s)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late)
