"""A whole dialer behind its HTTP server: real engine, real database, simulated PBX, a server on a real socket."""

from __future__ import annotations

import asyncio
import wave
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
import numpy as np
import soundfile
from argon2 import PasswordHasher

from dialer.campaign.changes import Changes
from dialer.campaign.config import CampaignConfig
from dialer.campaign.engine import Engine
from dialer.campaign.model.attempt import Attempt
from dialer.campaign.model.customer import VisitList
from dialer.campaign.model.hours import CallingHours
from dialer.campaign.model.link import MAIN_PBX
from dialer.campaign.model.recording import Recording
from dialer.campaign.model.trunk import TrunkConfig
from dialer.campaign.rules.rule import RedialRule
from dialer.clock import SystemClock
from dialer.errors import RowProblem
from dialer.language import Language
from dialer.lists.agents import AgentRow, dial_string, read_agents
from dialer.lists.config import ListConfig
from dialer.lists.phones import NumberPlan
from dialer.lists.visits import read_visits
from dialer.notices.wording import Wording
from dialer.people.accounts import Accounts
from dialer.people.passwords import Passwords
from dialer.people.tokens import new_token
from dialer.phonetests.service import PhoneTests
from dialer.recording.config import RecordingConfig
from dialer.recording.faults import state_of
from dialer.recording.ingester import Ingester
from dialer.recording.library import Library
from dialer.recording.orders import Orders
from dialer.recording.reconcile import Reconciler
from dialer.store.backups.folder import Backups
from dialer.store.database import Database
from dialer.store.day import SqlDayStore
from dialer.store.people.auditlog import SqlAuditLog
from dialer.store.people.sessions import SqlSessionStore
from dialer.store.people.staff import SqlStaffStore
from dialer.store.people.tokens import SqlTokenStore
from dialer.store.records.board import SqlBoard
from dialer.store.records.calls import SqlCallStore
from dialer.store.records.figures import SqlFigures
from dialer.store.records.marks import SqlMarkStore
from dialer.store.records.orders import SqlOrderStore
from dialer.store.records.outbox import SqlOutbox
from dialer.store.records.recordings import SqlRecordingStore
from dialer.store.records.remarks import SqlRemarkStore
from dialer.store.records.sums import SqlReportStore
from dialer.store.records.ticks import SqlTickStore
from dialer.web.kit.access.tokens import PREFIX, Scope
from dialer.web.kit.config import WebConfig
from dialer.web.kit.metrics import Metrics
from dialer.web.kit.services import Counts, Services
from dialer.web.server import Server
from tests.kit.settings import zone_at
from tests.virtual.fates import Fate, Turn, World
from tests.web.pbx import LivePbx

ZONE = ZoneInfo(zone_at(12))
"""The department's: its noon, so that neither a promised time nor the day ends while a test runs."""
Json = Any
"""Whatever an answer holds."""

ALL_DAY = ((time.min, time.min),)
CLOCK = SystemClock()
QUICK = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


def world(channel: str, _nth: int) -> Turn:
    """The number's last digit decides: 1 is busy, 2 rings out, 4 does not exist, others talk for a minute."""
    last = channel.partition("@")[0][-1]
    fates = {"1": Fate.BUSY, "2": Fate.RINGS_OUT, "4": Fate.UNALLOCATED}
    return Turn(fates.get(last, Fate.ANSWERS), ring_s=0.05, talk_s=60)


@dataclass
class System:
    """What a test has in hand. ``tokens`` has one token for each scope, "all" has every scope."""

    services: Services
    engine: Engine
    pbx: LivePbx
    http: aiohttp.ClientSession
    url: str
    port: int
    library: Path
    tokens: Mapping[str, str]
    calendar: SqlFigures
    board: SqlBoard
    outbox: SqlOutbox
    resent: list[str] = field(default_factory=list)
    attempts: dict[str, Attempt] = field(default_factory=dict)
    """As they were committed last: the rules' own state is ahead of the books while a commit lasts."""
    _committed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def today(self) -> date:
        return CLOCK.now().astimezone(ZONE).date()

    def committed(self, changes: Changes, _now: datetime) -> None:
        self.attempts.update({attempt.id: attempt for attempt in (*changes.placed, *changes.attempts)})
        self._committed.set()

    async def until(self, holds: Callable[[], object]) -> None:
        """Wait until ``holds``, which is looked at whenever something was committed."""
        async with asyncio.timeout(90):
            while not holds():
                self._committed.clear()
                await self._committed.wait()

    async def ask(
        self,
        method: str,
        path: str,
        *,
        token: str | None = "all",
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        json: object = None,
        data: object = None,
        params: Mapping[str, str] | None = None,
    ) -> Json:
        """Ask the API; the answer's JSON (None when there is none), or AssertionError when the status differs."""
        headers = dict(headers or {})
        if token is not None:
            headers["Authorization"] = f"Bearer {self.tokens.get(token, token)}"
        url = path if path.startswith(("/health", "/metrics", "/openapi")) else f"/api/v1{path}"
        async with self.http.request(method, url, headers=headers, json=json, data=data, params=params) as response:
            body = await response.read()
            assert response.status == status, f"{method} {path}: {response.status} {body.decode()}"
            return await response.json() if body else None

    async def agent(self, number: str = "001", *, ready: bool = True, team: str | None = None) -> None:
        """Create an agent; ready unless said otherwise."""
        await self.ask("PUT", f"/agents/{number}", json={"name": "王芳", "extension": number, "team": team})
        if ready:
            await self.ask("PUT", f"/agents/{number}/presence", json={"presence": "ready"})

    async def import_rows(self, *rows: str, status: int = 200, **params: str) -> Json:
        """Import a list of (code, shop name, phone, agent) rows."""
        data = "\n".join(["客户代码,店铺名称,主访销电话,电访员,营销部", *rows]).encode()
        return await self.ask("POST", "/visits", params={"filename": "list.csv", **params}, data=data, status=status)

    async def conversation(self, code: str = "C0001", number: str = "13904700000") -> str:
        """Let the dialer call one customer; the id of the conversation, which goes on."""
        await self.agent()
        await self.import_rows(f"{code},惠民店,{number},001,城区营销部")
        await self.until(lambda: any(a.connected_at for a in self.attempts.values()))
        return next(iter(self.attempts))

    async def finish(self, attempt: str) -> None:
        """End a conversation."""
        await self.ask("POST", f"/attempts/{attempt}/hang-up", status=204)
        await self.until(lambda: self.attempts[attempt].ended_at)

    async def record(self, attempt: str, seconds: float = 2.0, *faults: str) -> bytes:
        """Put a recording of this call into the library and the books; its bytes."""
        path = self._place(attempt, "wav")
        with wave.open(str(path), "wb") as file:
            file.setparams((2, 2, 8000, 0, "NONE", "not compressed"))
            file.writeframes(bytes(range(256)) * int(seconds * 125))
        return await self._book(attempt, path, seconds, *faults)

    async def record_coded(self, attempt: str, ending: str, seconds: float) -> bytes:
        """As :meth:`record`, as GSM without a header; under another ending it is nothing that can be read."""
        path = self._place(attempt, ending)
        with soundfile.SoundFile(str(path), "w", 8000, 1, format="RAW", subtype="GSM610") as file:
            file.write(np.resize(np.arange(-8000, 8000, 40, dtype=np.int16), int(seconds * 8000)))
        return await self._book(attempt, path, seconds)

    def _place(self, attempt: str, ending: str) -> Path:
        path = self.library / "2026/11/23" / f"{attempt}.{ending}"
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    async def _book(self, attempt: str, path: Path, seconds: float, *faults: str) -> bytes:
        data, place = path.read_bytes(), path.relative_to(self.library).as_posix()
        digest = sha256(data).hexdigest()
        state = state_of(faults)
        kept = Recording(attempt, state, CLOCK.now(), place, len(data), seconds, digest, 2, faults=faults)
        await self.services.recordings.save_recording(kept)
        return data


@asynccontextmanager
async def open_system(
    folder: Path, *, conf: WebConfig | None = None, people: World = world, gap_s: float = 300.0, **changes: Json
) -> AsyncIterator[System]:
    """Start everything in ``folder``, which may have a database already; ``changes`` replace services."""
    folders = RecordingConfig(spool=folder / "spool", done=folder / "done", library=folder / "library")
    for place in (folders.spool, folders.done, folders.library):
        place.mkdir(parents=True, exist_ok=True)
    database = await Database.open(folder / "dialer.sqlite3")
    metrics = Metrics()
    config = CampaignConfig(
        hours=CallingHours((ALL_DAY,) * 7, ZONE),
        trunks=(TrunkConfig("trunk", "PJSIP/{number}@trunk"),),
        rule=RedialRule(gap=timedelta(seconds=gap_s)),
        ring_timeout=timedelta(seconds=0.3),
        calls_per_second=None,
        settle=timedelta(seconds=20),  # so that a disk which stands still for a second lets calls go all the same
    )
    engine = Engine(config, metrics.timed(SqlDayStore(database)), CLOCK)
    engine.on_committed(metrics.committed)
    pbx = LivePbx(people, CLOCK, engine.post)
    calls, recordings, order_store = SqlCallStore(database), SqlRecordingStore(database), SqlOrderStore(database)
    figures, outbox, board, tokens = (
        SqlFigures(database),
        SqlOutbox(database),
        SqlBoard(database),
        SqlTokenStore(database),
    )
    accounts = Accounts(SqlStaffStore(database), SqlSessionStore(database), SqlAuditLog(database), CLOCK, QUICK)
    plan = NumberPlan(area_code="0470")
    orders = Orders(order_store, calls, CLOCK)
    ingester = Ingester(recordings, calls, folders, CLOCK, lambda _key, _text: None)
    reconciler = Reconciler(calls, order_store, orders, ingester, CLOCK, ZONE)

    async def visits(data: bytes, filename: str, list_name: str, *, sheet: str, skip_bad: bool) -> VisitList:
        agents = {agent.number: agent.team for agent in engine.state.agents.values()}
        return read_visits(
            data, filename, ListConfig(language="en"), plan, agents, name=list_name, sheet=sheet, skip_bad=skip_bad
        )

    async def agents(
        data: bytes, filename: str, sheet: str, *, skip_bad: bool
    ) -> tuple[Sequence[AgentRow], tuple[RowProblem, ...]]:
        return read_agents(data, filename, ListConfig(language="en"), config.phones, sheet=sheet, skip_bad=skip_bad)

    async def counts() -> Counts:
        return Counts(await figures.notices(), await figures.recordings())

    def word_notice(kind: str, body: Mapping[str, Any], language: Language) -> tuple[str, str]:
        wording = Wording(language, ZONE)
        return wording.title(kind), wording.sentence(kind, body)

    resent: list[str] = []
    services = Services(
        engine=engine, clock=CLOCK, zone=ZONE, version="0.0", calls=calls, recordings=recordings,
        marks=SqlMarkStore(database),
        library=Library(recordings, folders, CLOCK), order_store=order_store, orders=orders, outbox=outbox,
        board=board, tokens=tokens, accounts=accounts, remarks=SqlRemarkStore(database),
        phone_tests=PhoneTests(engine, pbx, CLOCK), read_visits=visits,
        read_agents=agents, normalise=plan.normalise, dial_string=lambda raw: dial_string(raw, config.phones),
        reconcile=reconciler.run, calendar=figures.calendar, counts=counts,
        backups=Backups(
            folder / "backups", 14, ZONE, database.backend.back_up, CLOCK, lambda _key, _text: None
        ),
        reports=SqlReportStore(database), ticks=SqlTickStore(database),
        word_notice=word_notice, resent=lambda: resent.append("again"), metrics=metrics,
    )  # fmt: skip
    services = replace(services, **changes)
    server = Server(services, (conf or WebConfig()).model_copy(update={"port": 0}))
    running = asyncio.create_task(engine.run({MAIN_PBX: pbx}), name="engine")
    try:
        await engine.ready()
        await server.start()
        given = {str(scope): await _token(tokens, str(scope), (str(scope),)) for scope in Scope}
        given["all"] = await _token(tokens, "all", tuple(str(scope) for scope in Scope))
        url = f"http://127.0.0.1:{server.port}"
        async with aiohttp.ClientSession(url, timeout=aiohttp.ClientTimeout(120)) as http:
            system = System(
                services, engine, pbx, http, url, server.port, folders.library, given, figures, board, outbox, resent
            )
            engine.on_committed(system.committed)
            await system.until(lambda: engine.state.link_up)
            yield system
    finally:
        await server.stop()
        await pbx.stop()
        running.cancel()
        await asyncio.wait({running})
        await database.close()


async def _token(store: SqlTokenStore, name: str, scopes: tuple[str, ...]) -> str:
    token, digest = new_token(PREFIX)
    await store.save_token(name, digest, scopes, datetime.now(UTC))
    return token
