"""What goes on beside the engine: linking orders, the calendar, the nightly work."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable
from datetime import datetime, time, timedelta, tzinfo
from functools import partial
from typing import TYPE_CHECKING

import structlog

from dialer.app.parts import Parts, alarm_sink
from dialer.campaign.changes import Changes
from dialer.campaign.messages import AlarmSink
from dialer.campaign.model.attempt import Attempt
from dialer.errors import StoreError
from dialer.lists.holidays import chinese_calendar
from dialer.store.backups.files import age_of_newest

if TYPE_CHECKING:
    from apscheduler.schedulers.asyncio import AsyncIOScheduler

log = structlog.get_logger(__name__)

NIGHT_ALARM = "night"

_SETTLED = timedelta(minutes=5)
"""How long after its start the service looks whether a backup was missed: it has other things to do first."""


def ended_conversations(p: Parts) -> asyncio.Queue[Attempt]:
    """Conversations as their ends are booked, from now on: to be asked for before the engine records the first."""
    ended: asyncio.Queue[Attempt] = asyncio.Queue()

    def listener(changes: Changes, _: datetime) -> None:
        for attempt in changes.attempts:
            if attempt.ended_at is not None and attempt.connected_at is not None:
                ended.put_nowait(attempt)

    p.engine.on_committed(listener)
    return ended


async def link_orders(p: Parts, ended: asyncio.Queue[Attempt]) -> None:
    """When a conversation is booked, open orders of its customer are looked at again."""
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
        days, warning = chinese_calendar(year, p.settings.web.language)
        if warning:
            log.info(warning, action="calendar.unannounced", year=year)
        await p.day_store.seed_calendar(days)


def day_scheduler(p: Parts) -> AsyncIOScheduler:
    """The day's ticks. What is due by the rule is not here: that lives in the records.

    Each job is a coroutine function, or a partial of one: of anything else the scheduler only makes a coroutine, in
    some thread, and never awaits it. Whatever one raises ends that job alone, until its next time.
    """
    from apscheduler.schedulers.asyncio import AsyncIOScheduler

    scheduler = AsyncIOScheduler(timezone=p.settings.zone, job_defaults={"coalesce": True, "misfire_grace_time": 3600})

    async def yesterday() -> object:
        today = p.clock.now().astimezone(p.settings.zone).date()
        return await p.reconciler.run(today - timedelta(days=1))

    async def catch_up() -> object:
        return await p.backups.make() if await nights_missed(p) else None

    def nightly(name: str, work: Callable[[], Awaitable[object]]) -> Callable[[], Awaitable[None]]:
        return partial(_nightly, name, work, alarm_sink(p.engine))

    at = p.settings.backup.at
    backup = nightly("backup", p.backups.make)
    scheduler.add_job(backup, "cron", hour=at.hour, minute=at.minute, second=at.second, id="backup")
    missed = nightly("backup", catch_up)
    scheduler.add_job(missed, "date", run_date=p.clock.now() + _SETTLED, id="missed-backup")
    scheduler.add_job(nightly("reconcile", yesterday), "cron", hour=2, minute=15, id="reconcile")
    scheduler.add_job(nightly("retention", p.retention.run), "cron", hour=2, minute=45, id="retention")
    scheduler.add_job(nightly("memory", _collect), "cron", hour=3, minute=30, id="memory")
    scheduler.add_job(nightly("calendar", partial(seed_calendar, p)), "cron", hour=3, minute=15, id="calendar")
    return scheduler


def next_night(now: datetime, at: time, zone: tzinfo) -> datetime:
    """When it is ``at`` on the clock of ``zone`` the next time."""
    today = now.astimezone(zone).date()
    of_today = datetime.combine(today, at, zone)
    return of_today if of_today > now else datetime.combine(today + timedelta(days=1), at, zone)


async def nights_missed(p: Parts) -> bool:
    """Whether the newest backup is of more than a day ago: the machine was off at night, or it is a new one."""
    try:
        newest, age = age_of_newest(await p.backups.listing(), p.clock.now())
    except StoreError as error:
        log.warning("the backups cannot be looked through", action="backups.unknown", error=str(error))
        return True
    return newest is None or age > timedelta(days=1)


async def _collect() -> int:
    """Give back what only points to itself; how many objects. By day only what is young is looked at."""
    return gc.collect()


async def _nightly(name: str, work: Callable[[], Awaitable[object]], alarm: AlarmSink) -> None:
    """Do it and say so. Whatever it raises is an alarm, until it succeeds."""
    trouble = ""
    try:
        log.info("nightly work done", action=f"nightly.{name}", result=repr(await work()))
    except Exception as error:
        log.exception("nightly work failed; it is tried again at its next time", action=f"nightly.{name}")
        trouble = (
            f"the night's work '{name}' failed and is tried again at its next time: {type(error).__name__}: {error}"
        )
    alarm(f"{NIGHT_ALARM}:{name}", trouble)
