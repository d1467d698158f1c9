"""What the demonstration stands on: two private PBXs, and the dialer as a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
import time as clock
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from dialer.demo.rig.build import AsteriskBuild
from dialer.demo.rig.carrier import RigSpeed
from dialer.demo.rig.rig import Rig
from dialer.errors import DialerError

ZONE = "Asia/Shanghai"
GAP_S = 6
PHONES = 16
CALLING = timedelta(seconds=100)
"""At least so long there is calling; it closes at the full minute after that."""

SPEED = RigSpeed(
    ring_s=0.8, talk_s=6, talk_spread_s=5, ring_limit_s=20, patience_s=30, phone_ring_s=0.3, phone_talk_s=14
)
UNHURRIED = replace(SPEED, patience_s=180, phone_talk_s=180)
"""Where people may sit down at an agent's phone: it is they who hang up."""
_START_S = 30.0
_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_SETTINGS = """# made by the demonstration
data = "{folder}/data"
[pbx]
host = "{ami.host}"
port = {ami.port}
username = "{ami.username}"
secret = "{ami.secret}"
announcement = "im-sorry&please-try-call-later"
reconnect_first_s = 0.5
[[trunks]]
name = "carrier"
template = "{trunk}"
[rule]
gap_s = {gap}
[dialling]
ring_timeout_s = 4
agent_timeout_s = 4
{wrap_up}
calls_per_second = 10
carrier_ring_limit_s = 20
breaker_failures = 8
breaker_pause_s = 5
[hours]
zone = "{zone}"
{hours}
chinese_calendar = false
[lists]
area_code = "0470"
default_team = "一组"
[recordings]
spool = "{recordings.spool}"
done = "{recordings.done}"
poll_s = 0.5
missing_after_s = 8
still_s = 5
[web]
port = 0
language = "{language}"
[platform]
retry_first_s = 1
"""


class Api(Protocol):
    """The service's HTTP API, as the command line's own client speaks it. Blocking: one request at a time."""

    def get(self, path: str, **query: object) -> Any:  # noqa: ANN401 - JSON
        """GET under /api/v1."""
        ...

    def send(self, method: str, path: str, body: dict[str, Any] | None = None, **query: object) -> Any:  # noqa: ANN401 - JSON
        """Send a JSON body."""
        ...

    def ask(self, method: str, path: str, *, query: dict[str, object], data: bytes | None = None, kind: str) -> Any:  # noqa: ANN401 - JSON
        """Send anything."""
        ...


Connect = Callable[[Path], Api]
"""A client for the service of this data folder."""


class Desk:
    """The API for coroutines: requests of everybody in the demonstration, one after the other."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._turn = asyncio.Lock()

    async def get(self, path: str, **query: object) -> Any:  # noqa: ANN401 - JSON
        """What the API answers."""
        async with self._turn:
            return await asyncio.to_thread(self._api.get, path, **query)

    async def send(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:  # noqa: ANN401 - JSON
        """Send a JSON body."""
        async with self._turn:
            return await asyncio.to_thread(self._api.send, method, path, body)

    async def upload(self, path: str, data: bytes, **query: object) -> Any:  # noqa: ANN401 - JSON
        """Send a file."""
        async with self._turn:
            return await asyncio.to_thread(self._api.ask, "POST", path, query=query, data=data, kind="text/csv")

    async def all_of(self, path: str, **query: object) -> list[Any]:
        """Every page of a listing."""
        found: list[Any] = []
        while True:
            page = await self.get(path, limit=500, offset=len(found), **query)
            rows = page["visits"] if isinstance(page, dict) else page
            found += rows
            if len(rows) < 500:
                return found


@dataclass(frozen=True, slots=True)
class Stage:
    """A running rehearsal. ``over`` is when calling closes (UTC).

    With ``open_end`` calling goes on until midnight, and ``over`` is when the report comes at the latest; whoever is
    at an agent's phone ends calls and wrap-up themselves.
    """

    folder: Path
    rig: Rig
    config: Path
    desk: Desk
    url: str
    over: datetime
    open_end: bool = False

    @property
    def closes(self) -> datetime:
        """When calling hours end (UTC)."""
        return _midnight_after(self.over - timedelta(seconds=1)) if self.open_end else self.over

    @property
    def data(self) -> Path:
        """The service's data folder."""
        return self.folder / "data"


@asynccontextmanager
async def stage(
    folder: Path, build: AsteriskBuild, language: str, connect: Connect, *, open_end: bool = False
) -> AsyncIterator[Stage]:
    """Start office, carrier and dialer in ``folder``; end them all. Raises ``DialerError`` with the log's end."""
    async with Rig(folder / "rig", build, phones=PHONES, speed=UNHURRIED if open_end else SPEED) as rig:
        over = _end(datetime.now(UTC))
        config = folder / "dialer.toml"
        config.write_text(
            _SETTINGS.format(
                folder=folder,
                ami=rig.ami,
                trunk=rig.trunk_templates["direct"],
                gap=GAP_S,
                zone=ZONE,
                hours=_hours(_midnight_after(over) if open_end else over),
                recordings=rig.recordings,
                language=language,
                wrap_up="" if open_end else "wrap_up_s = 2",
            ),
            encoding="utf-8",
        )
        async with _service(folder, config) as url:
            yield Stage(folder, rig, config, Desk(connect(folder / "data")), url, over, open_end)


def _end(now: datetime) -> datetime:
    """When calling is over (UTC): at a full minute, on the day on which it begins.

    A window cannot span midnight: a demonstration that begins just before it has the whole day and is
    closed by the clock's own end of the day.
    """
    return min((now + CALLING + timedelta(seconds=59)).replace(second=0, microsecond=0), _midnight_after(now))


def _midnight_after(now: datetime) -> datetime:
    tomorrow = now.astimezone(ZoneInfo(ZONE)).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time.min, ZoneInfo(ZONE)).astimezone(UTC)


def _hours(closes: datetime) -> str:
    """The settings that close every day at that time of day."""
    at = closes.astimezone(ZoneInfo(ZONE))
    end = "24:00" if at.time() == time.min else f"{at:%H:%M}"
    return "\n".join(f'{day} = ["00:00-{end}"]' for day in _WEEK)


def environment(config: Path) -> dict[str, str]:
    """The environment of a `dialer` command of this rehearsal."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DIALER_")}
    return kept | {"DIALER_CONFIG": str(config), "PYTHONUNBUFFERED": "1"}


@asynccontextmanager
async def _service(folder: Path, config: Path) -> AsyncIterator[str]:
    log = folder / "dialer.log"
    guard = (shutil.which("setpriv"), "--pdeathsig", "TERM", "--") if shutil.which("setpriv") else ()
    with log.open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            *(str(word) for word in guard), sys.executable, "-m", "dialer", "run",
            env=environment(config), stdin=asyncio.subprocess.DEVNULL, stdout=out, stderr=out,
        )  # fmt: skip
    try:
        yield await _announced(folder / "data" / "service.json", process, log)
    finally:
        if process.returncode is None:
            process.terminate()
            try:
                async with asyncio.timeout(15):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()


async def _announced(where: Path, process: asyncio.subprocess.Process, log: Path) -> str:
    deadline = clock.monotonic() + _START_S
    while process.returncode is None and clock.monotonic() < deadline:
        if (url := _url_in(where)) is not None:
            return url
        await asyncio.sleep(0.05)
    raise DialerError(f"the dialer did not start; the end of its log:\n{_tail(log)}")


def _url_in(where: Path) -> str | None:
    """The address in ``service.json``, once it is there; it appears whole."""
    return str(json.loads(where.read_text(encoding="utf-8"))["url"]) if where.exists() else None


def _tail(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")[-2000:]
