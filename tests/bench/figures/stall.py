"""Figure 13: the engine's longest stall while the pages are attacked.

A day of 2,000 customers. A team leader and a supervisor each ask for as much as they can at a time, over and over:
searches that nearly fit, exports, the floor's parts, listings as long as may be; the leader for previews of a list of
2,000 rows as CSV and as XLSX too; and a stranger tries passwords. The probe in the service (:mod:`tests.bench.served`)
notes each time for which the event loop, and so the engine, was not to be had. Refusals (429) are answers, too.

Bare counterpart: a loop that does nothing, in a process of its own at the same time: how late the machine itself is.
"""

from __future__ import annotations

import asyncio
import io
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

import aiohttp
from openpyxl import Workbook

from dialer.demo.client import Client
from tests.bench.bare.process import counterpart
from tests.bench.figure import Figure, percentile, value_at_most
from tests.bench.figures.booked import read
from tests.bench.ground import BUSY, Ground, agent
from tests.bench.running import Running, running

_PASSWORD = "correct horse battery"  # noqa: S105 - of a made-up department
_LEADER, _SUPERVISOR = "9001", "9002"
_HEAD = ("客户代码", "店铺名称", "负责人", "电话", "营销部", "客户经理", "班组")
_NEARLY = "hongshanqudibianlidianx"
_PAGES = (
    "/floor/customers?q=" + _NEARLY,
    "/floor/customers?q=" + "h" * 80,
    "/floor/by-hand.xlsx",
    "/floor/by-hand",
    "/reports",
    "/reports/agents/xlsx",
    "/floor",
    "/pages/floor/agents",
    "/pages/floor/attention",
    "/pages/floor/reach",
    "/floor/deal?from=0001",
)
_LISTINGS = ("/api/v1/visits?limit=1000", "/api/v1/visits?q=" + _NEARLY, "/api/v1/visits?limit=1000&offset=900")


@dataclass(frozen=True, slots=True)
class Size:
    """Customers of the day, rows of the lists, and for how long."""

    visits: int = 2000
    rows: int = 2000
    seconds: float = 30.0


async def measure(ground: Ground, size: Size | None = None) -> list[Figure]:
    """The longest stall in ms, and the 99th percentile of those of 10 ms and more."""
    size = size or Size()
    place = await ground.place(BUSY)
    await place.fill(visits=size.visits, agents=40, ready=False)
    out = place.folder / "probe.tsv"
    async with running(place, "-m", "tests.bench.served", str(out)) as service:
        await _people(service)
        await service.settled()
        ground.say(f"stall: the pages are attacked for {size.seconds:g} s")
        began = time.time()
        async with counterpart("idle", ground.rig.ami) as idle:
            statuses = await _attacked(service, size)
            ended = time.time()
            idle.terminate()
            assert idle.stdout is not None
            bare = float((await idle.stdout.read()).split()[-1]) * 1000
        service.alive()
    stalls = [how_long * 1000 for _, how_long in read(out).after(began, ended).stalls] or [10.0]
    asked = (
        f"{statuses.total():,} requests, {statuses[429]:,} of them refused as too many; {len(stalls)} stalls from 10 ms"
    )
    if unfit := {status for status in statuses if status >= 500}:
        raise AssertionError(f"answered by {unfit}")
    return [
        Figure(
            "stall.attacked",
            max(stalls),
            "ms",
            "a loop that does nothing, at the same time",
            bare,
            value_at_most(50),
            asked,
        ),
        Figure("stall.attacked.p99", percentile([*stalls, stalls[0]], 99), "ms", note=asked),
    ]


async def _people(service: Running) -> None:
    async with Client(service.data) as client:
        for number, role in ((_LEADER, "team_leader"), (_SUPERVISOR, "supervisor"), (agent(0), "agent")):
            body = {"number": number, "name": number, "role": role, "password": _PASSWORD, "must_change": False}
            await client.send("POST", "staff", body)


async def _attacked(service: Running, size: Size) -> Counter[int]:
    """How often each status was answered."""
    until, statuses = time.monotonic() + size.seconds, Counter[int]()
    csv, workbook = _lists(size.rows)
    async with AsyncExitStack() as stack:

        async def signed_in(number: str) -> aiohttp.ClientSession:
            jar, patience = aiohttp.CookieJar(unsafe=True), aiohttp.ClientTimeout(total=120)
            session = await stack.enter_async_context(
                aiohttp.ClientSession(service.url, cookie_jar=jar, timeout=patience)
            )
            async with session.post("/sign-in", data={"number": number, "password": _PASSWORD}) as answer:
                page = await answer.text()
            session.headers["X-CSRF-Token"] = page.partition('name="csrf-token" content="')[2].partition('"')[0]
            return session

        leader, supervisor, stranger = (
            await signed_in(_LEADER), await signed_in(_SUPERVISOR), await signed_in(agent(0))
        )  # fmt: skip

        async def over_and_over(session: aiohttp.ClientSession, paths: Sequence[str]) -> None:
            while time.monotonic() < until:
                for path in paths:
                    async with session.get(path) as answer:
                        await answer.read()
                    statuses[answer.status] += 1

        async def preview(list_: bytes, name: str) -> None:
            while time.monotonic() < until:
                path = f"/pages/floor/import?do=preview&filename={name}"
                async with leader.post(path, data=list_) as answer:
                    await answer.read()
                statuses[answer.status] += 1

        async def guess() -> None:
            while time.monotonic() < until:
                form = {"number": f"n{time.monotonic_ns()}", "password": "x" * 200}
                async with stranger.post("/sign-in", data=form) as answer:
                    await answer.read()
                statuses[answer.status] += 1

        async with asyncio.TaskGroup() as tasks:
            for session in (leader, supervisor):
                for turn in range(3):
                    tasks.create_task(over_and_over(session, _PAGES[turn * 3 :] + _PAGES[: turn * 3]))
                tasks.create_task(over_and_over(session, _LISTINGS))
            for given, name in ((csv, "list.csv"), (workbook, "list.xlsx")):
                tasks.create_task(preview(given, name))
            for _ in range(2):
                tasks.create_task(guess())
    return statuses


def _lists(rows: int) -> tuple[bytes, bytes]:
    """The same list as CSV and as XLSX."""
    table = [
        (
            f"K{n:05d}",
            f"红山区第{n}便利店",
            f"负责人{n}",
            str(13500000000 + n),
            f"营销部 {n % 40}",
            f"经理 {n % 200}",
            "一组",
        )
        for n in range(rows)
    ]
    book, buffer = Workbook(write_only=True), io.BytesIO()
    sheet = book.create_sheet("list")
    for row in (_HEAD, *table):
        sheet.append(row)
    book.save(buffer)
    return "\n".join(",".join(row) for row in (_HEAD, *table)).encode(), buffer.getvalue()
