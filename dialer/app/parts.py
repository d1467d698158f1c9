"""What a running service and an offline command share: the database, the engine, and the packages on top of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from dialer.campaign.clock_watch import ClockWatch
from dialer.campaign.engine import Engine
from dialer.campaign.messages import AlarmSink, SetAlarm
from dialer.campaign.model.customer import VisitList
from dialer.clock import Clock, SystemClock
from dialer.errors import RowProblem, StoreOwned
from dialer.lists.agents import AgentRow, read_agents
from dialer.lists.config import ListConfig
from dialer.lists.phones import NumberPlan
from dialer.lists.visits import read_visits
from dialer.people.accounts import Accounts
from dialer.recording.config import RecordingConfig
from dialer.recording.ingester import Ingester
from dialer.recording.library import Library
from dialer.recording.orders import Orders
from dialer.recording.reconcile import Reconciler
from dialer.recording.retention import Retention
from dialer.settings import Settings
from dialer.store.backups.folder import Backups
from dialer.store.database import Database, backend_of
from dialer.store.day import SqlDayStore
from dialer.store.people.auditlog import SqlAuditLog
from dialer.store.people.sessions import SqlSessionStore
from dialer.store.people.staff import SqlStaffStore
from dialer.store.people.tokens import SqlTokenStore
from dialer.store.records.board import SqlBoard
from dialer.store.records.calls import SqlCallStore
from dialer.store.records.figures import SqlFigures
from dialer.store.records.orders import SqlOrderStore
from dialer.store.records.outbox import SqlOutbox
from dialer.store.records.recordings import SqlRecordingStore
from dialer.web.kit.metrics import Metrics

log = structlog.get_logger(__name__)

_STOP_S = 10.0
_LOOK_S = 0.1


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything but the PBX and the web: what a service and an offline command share."""

    settings: Settings
    clock: Clock
    database: Database
    backups: Backups
    engine: Engine
    day_store: SqlDayStore
    call_store: SqlCallStore
    recording_store: SqlRecordingStore
    order_store: SqlOrderStore
    outbox: SqlOutbox
    tokens: SqlTokenStore
    accounts: Accounts
    board: SqlBoard
    ingester: Ingester
    library: Library
    orders: Orders
    reconciler: Reconciler
    retention: Retention
    plan: NumberPlan
    figures: SqlFigures
    metrics: Metrics

    async def read_visits(self, data: bytes, filename: str, list_name: str, *, sheet: str, skip_bad: bool) -> VisitList:
        """A visit list out of a file. Raises ``ListRefused`` and ``BadInput``."""
        agents = {a.number: a.team for a in self.engine.state.agents.values()}
        return await asyncio.to_thread(
            read_visits,
            data,
            filename,
            self._lists,
            self.plan,
            agents,
            name=list_name,
            sheet=sheet,
            skip_bad=skip_bad,
        )

    async def read_agents(
        self, data: bytes, filename: str, sheet: str, *, skip_bad: bool
    ) -> tuple[tuple[AgentRow, ...], tuple[RowProblem, ...]]:
        """An agents' list out of a file. Raises ``ListRefused`` and ``BadInput``."""
        phones = self.engine.state.config.phones
        return await asyncio.to_thread(read_agents, data, filename, self._lists, phones, sheet=sheet, skip_bad=skip_bad)

    @property
    def _lists(self) -> ListConfig:
        return ListConfig(**dict(self.settings.lists), language=self.settings.web.language)


@asynccontextmanager
async def parts(
    settings: Settings, clock: Clock, wait_s: float = 0.0, waiting: Callable[[str], None] | None = None
) -> AsyncIterator[Parts]:
    """Open the database and build what stands on it, for a service or for one command.

    A service says by ``waiting`` that it waits for whoever has the database just now: for a command until it is over,
    for another service up to ``wait_s``.
    """
    settings.data.mkdir(parents=True, exist_ok=True)
    settings.library.mkdir(parents=True, exist_ok=True)
    database = await _opened(settings.database, wait_s, waiting)
    try:
        day_store, call_store = SqlDayStore(database), SqlCallStore(database)
        recording_store, order_store = SqlRecordingStore(database), SqlOrderStore(database)
        metrics = Metrics()
        engine = Engine(settings.campaign(), metrics.timed(day_store), clock, watch_of(clock))
        recordings = RecordingConfig(**dict(settings.recordings) | {"library": settings.library})
        alarm = alarm_sink(engine)
        ingester = Ingester(recording_store, call_store, recordings, clock, alarm)
        orders = Orders(order_store, call_store, clock)
        yield Parts(
            settings=settings,
            clock=clock,
            database=database,
            backups=Backups(
                settings.backups, settings.backup.keep_days, settings.zone, database.backend.back_up, clock, alarm
            ),
            engine=engine,
            day_store=day_store,
            call_store=call_store,
            recording_store=recording_store,
            order_store=order_store,
            outbox=SqlOutbox(database),
            tokens=SqlTokenStore(database),
            accounts=Accounts(SqlStaffStore(database), SqlSessionStore(database), SqlAuditLog(database), clock),
            board=SqlBoard(database),
            ingester=ingester,
            library=Library(recording_store, recordings, clock),
            orders=orders,
            reconciler=Reconciler(call_store, order_store, orders, ingester, clock, settings.zone),
            retention=Retention(recording_store, call_store, recordings, clock),
            plan=NumberPlan(area_code=settings.lists.area_code, allow=settings.lists.allow_numbers),
            figures=SqlFigures(database),
            metrics=metrics,
        )
    finally:
        await database.close()


async def _opened(path: Path, wait_s: float, waiting: Callable[[str], None] | None) -> Database:
    """The database, once nobody else has it. Raises ``StoreOwned``. Who waits is in front of all who come later."""
    until = asyncio.get_running_loop().time() + wait_s
    told, backend = False, backend_of(path)
    while True:
        try:
            return await Database.open(backend, passing=waiting is None)
        except StoreOwned as error:
            if waiting is None or (not error.passing and asyncio.get_running_loop().time() >= until):
                backend.disown()
                raise
            if not told:
                waiting(str(error))
                told = True
        try:
            await asyncio.sleep(_LOOK_S)
        except asyncio.CancelledError:
            backend.disown()
            raise


@asynccontextmanager
async def offline(settings: Settings, clock: Clock | None = None) -> AsyncIterator[Parts]:
    """The parts with a running engine and no PBX: for commands while no service runs.

    A call that is up goes on; the service ends it when it comes back and finds the visit withdrawn.
    Holds the database's instance lock. Raises ``StoreOwned`` when a service has it.
    """
    async with parts(settings, clock or SystemClock()) as p, running(p.engine.run({}), "engine") as task:
        await ready(p.engine, task)
        yield p


def watch_of(clock: Clock) -> ClockWatch | None:
    """What notices that the machine's clock is set; a clock of a rehearsal sets itself."""
    return ClockWatch(clock.steady, clock.boot()) if isinstance(clock, SystemClock) else None


def alarm_sink(engine: Engine) -> AlarmSink:
    """Alarms of other packages go through the engine, the one writer; "" clears."""

    def tell(key: str, text: str) -> None:
        engine.post(SetAlarm(by="dialer", key=key, text=text))

    return tell


@asynccontextmanager
async def running(work: Coroutine[Any, Any, None], name: str) -> AsyncIterator[asyncio.Task[None]]:
    """Run ``work`` as a named task, and end it within a bounded time."""
    task = asyncio.create_task(work, name=name)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait({task}, timeout=_STOP_S)
        if not task.done():
            log.error("a part does not stop", action="app.stuck", part=name)


async def ready(engine: Engine, task: asyncio.Task[None]) -> None:
    """Wait until the engine has loaded the day; raises what it died of."""
    waiting = asyncio.create_task(engine.ready(), name="engine-ready")
    await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        waiting.cancel()
        task.result()
