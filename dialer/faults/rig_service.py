"""A dialer as a process of its own beside a rig, to be killed and started again; its books, looked at from outside."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from dialer.app import offline
from dialer.audit.cdr import read_cdr
from dialer.audit.compare import AuditRule, audit
from dialer.campaign.agent import Presence
from dialer.campaign.attempt import Attempt
from dialer.campaign.customer import Customer, ListRow, VisitList
from dialer.campaign.disposition import Disposition
from dialer.campaign.messages import ImportList, SaveAgent, SetPresence
from dialer.campaign.records import CallQuery, Notice, Page, RecordingState, Story
from dialer.campaign.visit import VisitState
from dialer.errors import DialerError
from dialer.rehearsal.rig.rig import Rig
from dialer.settings import Settings, load
from dialer.store.database import Database, StoreConfig
from dialer.store.records.board import SqlBoard
from dialer.store.records.calls import SqlCallBook
from dialer.store.records.outbox import SqlOutbox

EVERYTHING = Page(limit=10_000)
WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NOTICED = {VisitState.UNREACHED: "unreached", VisitState.INVALID_NUMBER: "invalid_number"}


def write_settings(
    path: Path, rig: Rig, *, template: str = "direct", gap_s: float = 5.0, channels: int = 30, **more: str
) -> Path:
    """Settings for a rehearsal on ``rig``: whole-day hours, seconds instead of minutes. ``more``: TOML by section."""
    path.parent.mkdir(parents=True, exist_ok=True)
    sections: dict[str, str] = {
        "rule": f"gap_s = {gap_s}",
        "dialling": "ring_timeout_s = 2\nagent_timeout_s = 2\nwrap_up_s = 0.5\ncalls_per_second = 20\n"
        "breaker_failures = 8\nbreaker_pause_s = 1\nsettle_s = 1\nsurvey_every_s = 5\ncarrier_ring_limit_s = 8\n"
        "unanswered_invite_s = 6.5",
        "hours": "\n".join(f'{day} = ["00:00-24:00"]' for day in WEEK)
        + f'\nchinese_calendar = false\nzone = "{_where_it_is_noon()}"',
        "recordings": f'spool = "{rig.recordings.spool}"\ndone = "{rig.recordings.done}"\n'
        "poll_s = 0.3\nmissing_after_s = 4\nstill_s = 3",
        "web": "port = 0",
        "platform": "retry_first_s = 0.5",
        "pbx": f'host = "{rig.ami.host}"\nport = {rig.ami.port}\nusername = "{rig.ami.username}"\n'
        f'secret = "{rig.ami.secret}"\nping_interval_s = 1\nping_timeout_s = 1\nreconnect_first_s = 0.2\n'
        "reconnect_max_s = 1",
    }
    sections |= more
    text = f'data = "{path.parent / "data"}"\n'
    text += "".join(f"[{name}]\n{body}\n" for name, body in sections.items())
    text += f'[[trunks]]\nname = "{template}"\ntemplate = "{rig.trunk_templates[template]}"\nchannels = {channels}\n'
    path.write_text(text, encoding="utf-8")
    return path


def _where_it_is_noon() -> str:
    """A zone in which the date does not change while a test runs. In these names the sign is turned around."""
    return f"Etc/GMT{datetime.now(UTC).hour - 12:+d}"


@dataclass(slots=True)
class RunningDialer:
    """One dialer and its settings file. Its output is in ``dialer.log`` beside it."""

    config: Path
    process: asyncio.subprocess.Process | None = None
    starts: int = 0
    command: tuple[str, ...] = (sys.executable, "-m", "dialer", "run")
    measured: bool = True  # whether its coverage counts; what is killed with -9 leaves none, and starts slower
    settings: Settings = field(init=False)

    def __post_init__(self) -> None:
        self.settings = load(self.config)

    async def prepare(self, endings: list[str], agents: list[str]) -> None:
        """Write a list (one customer for each number, dealt out in turn) and ready agents into its books."""
        async with offline(self.settings) as parts:
            for n, extension in enumerate(agents):
                number = f"{n:03}"
                await parts.engine.ask(SaveAgent(by="faults", number=number, name="", extension=extension))
                await parts.engine.ask(SetPresence(by="faults", agent=number, presence=Presence.READY))
            rows = tuple(
                ListRow(
                    n + 2, Customer(f"C{n:03}", department="一部", account_manager="王"), number, n,
                    agent=f"{n % len(agents):03}",
                )
                for n, number in enumerate(endings)
            )  # fmt: skip
            await parts.engine.ask(ImportList(by="faults", day=self.today(), visits=VisitList("main", rows)))

    def today(self) -> date:
        """The department's date."""
        return self.settings.campaign().hours.day_of(datetime.now(UTC))

    async def start(self, timeout_s: float = 20.0) -> None:
        """Start it, and wait until it says where it is."""
        await self.spawn()
        await self.announced(timeout_s)

    async def spawn(self) -> None:
        """Begin to start it."""
        (self.settings.data / "service.json").unlink(missing_ok=True)
        with (self.config.parent / "dialer.log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *self.command,
                env=self._environment(), stdout=log, stderr=log,
            )  # fmt: skip
        self.starts += 1

    async def announced(self, timeout_s: float) -> None:
        """Wait until it says where it is."""
        where = self.settings.data / "service.json"
        async with asyncio.timeout(timeout_s):
            while not where.exists():
                if self.process is None or self.process.returncode is not None:
                    raise DialerError(f"the dialer ended by itself: {self.last_words()}")
                await asyncio.sleep(0.02)

    def _environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if self.measured or not k.startswith("COVERAGE_")}
        return kept | {"DIALER_CONFIG": str(self.config)}

    async def kill(self) -> None:
        """kill -9."""
        assert self.process is not None
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGKILL)
        await self.process.wait()

    async def stop(self, timeout_s: float = 15.0) -> int:
        """SIGTERM; its exit code."""
        assert self.process is not None
        if self.process.returncode is None:
            self.process.terminate()
        async with asyncio.timeout(timeout_s):
            return await self.process.wait()

    def last_words(self) -> str:
        """The end of its log."""
        return (self.config.parent / "dialer.log").read_text(errors="replace")[-3000:]

    def url(self) -> str:
        """Where it listens."""
        announced: dict[str, Any] = json.loads((self.settings.data / "service.json").read_text())
        return str(announced["url"])

    # -- looking at the books --------------------------------------------------------------------

    async def books(self) -> Books:
        """What the books say now, whether it runs or not."""
        database = await Database.open(StoreConfig(self.settings.database), owner=False)
        try:
            call_book = SqlCallBook(database)
            since, until = datetime.now(UTC) - timedelta(hours=1), datetime.now(UTC) + timedelta(hours=1)
            calls = await call_book.calls(CallQuery(page=EVERYTHING))
            return Books(
                stories=await call_book.stories(self.today(), EVERYTHING),
                attempts=await call_book.attempts_between(since, until),
                recordings={c.attempt.id: c.recording.state for c in calls if c.recording},
                outbox=await SqlOutbox(database).notices(None, EVERYTHING),
                board=[n.id for n in await SqlBoard(database).listing(None, None, False, EVERYTHING)],
            )
        finally:
            await database.close()

    async def until_done(self, timeout_s: float) -> Books:
        """Wait until nobody is left to be called, every recording is in and every notice is delivered."""
        async with asyncio.timeout(timeout_s):
            while not (books := await self.books()).settled:
                if self.process is None or self.process.returncode is not None:
                    raise DialerError(f"the dialer has ended: {self.last_words()}")
                await asyncio.sleep(0.5)
        return books

    def audit(self, rig: Rig, attempts: list[Attempt]) -> list[str]:
        """Differences between our books and the carrier's own records."""
        ours = {a.number for a in attempts}
        calls = [c for c in read_cdr(rig.carrier_cdr) if c.dst in ours]
        rule = AuditRule(gap=timedelta(seconds=self.settings.rule.gap_s), limit=5)
        return [str(finding) for finding in audit(attempts, calls, rule).findings]


@dataclass(slots=True)
class Books:
    """The books of a day."""

    stories: list[Story]
    attempts: list[Attempt]
    recordings: dict[str, RecordingState]
    outbox: list[Notice]
    board: list[str]

    @property
    def settled(self) -> bool:
        """Nothing is left to be done."""
        return (
            not any(s.visit.open for s in self.stories)
            and all(a.ended_at is not None for a in self.attempts)
            and all(a.id in self.recordings for a in self.conversations)
            and all(n.state == "delivered" for n in self.outbox)
        )

    @property
    def conversations(self) -> list[Attempt]:
        """Attempts in which customer and agent talked."""
        return [a for a in self.attempts if a.disposition is Disposition.CONNECTED]

    def wrong(self, limit: int = 5) -> list[str]:
        """What breaks an invariant, as far as the books alone can tell. ``limit``: of counted attempts."""
        found: list[str] = []
        notices = Counter((n.kind, n.body["data"].get("visit")) for n in self.outbox)
        for story in self.stories:
            kind = _NOTICED.get(story.visit.state)
            if kind and sum(n for (k, v), n in notices.items() if k == kind and v == story.visit.id) != 1:
                found.append(f"{story.visit.customer} is {story.visit.state} without exactly one notice")
            if sum(a.counts for a in story.attempts) > limit:
                found.append(f"{story.visit.customer} has more than {limit} counted attempts")
        if sorted(self.board) != sorted(n.id for n in self.outbox):
            found.append("the board does not have exactly the notices of the outbox")
        missing = [a.id for a in self.conversations if self.recordings.get(a.id) is RecordingState.MISSING]
        return found + [f"the recording of {a} is missing" for a in missing]
