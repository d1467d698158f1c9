"""What goes on beside the engine: waking the relay, linking orders, the calendar, the nightly work."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from dialer.app.parts import Parts
from dialer.campaign.attempt import Attempt
from dialer.campaign.changes import Changes
from dialer.errors import DialerError, StoreError
from dialer.lists.holidays import chinese_calendar
from dialer.notices.relay import Relay

log = structlog.get_logger(__name__)


def wake_relay(relay: Relay) -> Callable[[Changes, datetime], None]:
    """The relay looks at once when a notice was committed."""

    def listener(changes: Changes, _: datetime) -> None:
        if changes.notices:
            relay.wake()

    return listener


async def link_orders(p: Parts) -> None:
    """When a conversation is booked, open orders of its customer are looked at again."""
    ended: asyncio.Queue[Attempt] = asyncio.Queue()

    def listener(changes: Changes, _: datetime) -> None:
        for attempt in changes.attempts:
            if attempt.ended_at is not None and attempt.connected_at is not None:
                ended.put_nowait(attempt)

    p.engine.on_committed(listener)
    while True:
        attempt = await ended.get()
        try:
            await p.orders.attempt_known(attempt)
        except StoreError as error:  # the nightly pass looks again
            log.warning("open orders could not be looked up", action="orders.later", error=str(error))


async def seed_calendar(p: Parts) -> None:
    """Fill the table of days off for this year and the next, as far as they are announced."""
    if not p.settings.hours.chinese_calendar:
        return
    this_year = p.clock.now().astimezone(p.settings.zone).year
    for year in (this_year, this_year + 1):
        seed = chinese_calendar(year, p.settings.web.language)
        if seed.warning:
            log.info(seed.warning, action="calendar.unannounced", year=year)
        await p.day_store.seed_calendar([(d.day, d.working, d.name) for d in seed.days])


def day_scheduler(p: Parts) -> AsyncIOScheduler:
    """The day's ticks. What is due by the rule is not here: that lives in the books."""
    scheduler = AsyncIOScheduler(timezone=p.settings.zone, job_defaults={"coalesce": True, "misfire_grace_time": 3600})

    async def yesterday() -> None:
        today = p.clock.now().astimezone(p.settings.zone).date()
        await _nightly("reconcile", lambda: p.reconciler.run(today - timedelta(days=1)))

    scheduler.add_job(yesterday, "cron", hour=2, minute=15, id="reconcile")
    scheduler.add_job(lambda: _nightly("retention", p.retention.run), "cron", hour=2, minute=45, id="retention")
    scheduler.add_job(lambda: _nightly("calendar", lambda: seed_calendar(p)), "cron", hour=3, minute=15, id="calendar")
    return scheduler


async def _nightly(name: str, work: Callable[[], Awaitable[object]]) -> None:
    try:
        log.info("nightly work done", action=f"nightly.{name}", result=repr(await work()))
    except DialerError as error:
        log.error("nightly work failed; it is tried again tomorrow", action=f"nightly.{name}", error=str(error))
