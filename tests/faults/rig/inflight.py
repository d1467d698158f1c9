"""The goal by itself: with 200 calls in flight, how long after the PBX is reachable again the next call leaves.

Twice: the line to the manager interface is cut and the calls go on, and the office's Asterisk is killed with all of
them. The dialer has the settings for reconnecting that every installation has.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from dialer.demo.client import Client
from dialer.demo.config import beside, write_settings
from dialer.demo.rig.build import AsteriskBuild
from dialer.demo.rig.carrier import RigSpeed
from dialer.demo.rig.rig import Rig
from dialer.errors import DialerError
from tests.faults.report import Goal
from tests.faults.rig.check import Wire
from tests.faults.rig.rows import Rows
from tests.kit.launcher import UNMEASURED, RunningDialer
from tests.kit.line import Line, line_to
from tests.kit.settings import zone_at
from tests.kit.waiting import until

CALLS = 200
TALKING = 60
"""Of the calls; the other customers' phones ring."""
SPARE = 10
"""Agents who come later. A phone is of one agent."""
AT_MOST_S = 2.0
_OUTAGE_S = 6.0
_DEADLINE_S = 60.0
_SPEED = RigSpeed(ring_s=0.3, talk_s=300, ring_limit_s=300, patience_s=300, phone_ring_s=0.2, phone_talk_s=300)


async def in_flight(folder: Path, build: AsteriskBuild, say: Callable[[str], None]) -> tuple[Goal, ...]:
    """Both figures. Takes about a minute. Raises ``DialerError`` when the calls do not come about."""
    async with Rig(folder / "rig", build, phones=CALLS + SPARE, speed=_SPEED) as rig, line_to(rig.ami.port) as line:
        config = write_settings(
            folder / "dialer.toml",
            beside(rig),
            {
                "rule": {"gap_s": 5.0},
                "hours": {"zone": zone_at(12)},
                "pbx": {"port": line.port},
                "dialling": {"ring_timeout_s": 250, "wrap_up_s": 0.1, "calls_per_second": 40},
                "trunks": {"channels": 1000},
            },
        )
        dialer = RunningDialer(config, hidden=UNMEASURED)
        agents = [f"{n:03}" for n in range(CALLS)]
        endings = ["79"] * TALKING + ["60"] * (CALLS - TALKING)
        await dialer.prepare([f"1391{n:05}{ending}" for n, ending in enumerate(endings)], rig.extensions[:CALLS])
        await dialer.start(60)
        where = f"with {CALLS} calls in flight"
        try:
            async with Client(dialer.data) as client:
                with _watched(dialer, line) as wire:
                    cut = await _after_a_cut(dialer, line, client, wire, rig)
                    say(f"{where}, line cut for {_OUTAGE_S:g} s: next call {cut:.2f} s after it was mended")
                    killed = await _after_a_kill(dialer, client, wire, rig, agents)
                    say(f"{where}, Asterisk killed: next call {killed:.2f} s after it was up again")
        finally:
            await dialer.kill()
    return (
        Goal(f"next call after the line is mended, {where}", cut, "s", AT_MOST_S),
        Goal(f"next call after Asterisk was killed and is up, {where}", killed, "s", AT_MOST_S),
    )


@contextmanager
def _watched(dialer: RunningDialer, line: Line) -> Iterator[Wire]:
    wire = Wire(dialer.settings.database)
    line.on_originate = wire.originate
    try:
        yield wire
    finally:
        line.on_originate = None
        wire.close()


async def _after_a_cut(dialer: RunningDialer, line: Line, client: Client, wire: Wire, rig: Rig) -> float:
    rows = Rows(dialer.settings.database)
    await _until(lambda: rows.found() >= CALLS, dialer, f"{CALLS} calls are up")
    line.cut()
    await asyncio.sleep(_OUTAGE_S / 2)
    spare = [f"s{n:02}" for n in range(SPARE)]  # they sit down during the outage
    for n, agent in enumerate(spare):
        await client.send(
            "PUT", f"agents/{agent}", {"extension": rig.extensions[CALLS + n], "name": agent, "team": "一组"}
        )
        await client.presence(agent, "ready")
    await _import(client, "spare", spare, "00")
    await asyncio.sleep(_OUTAGE_S / 2)
    mended = time.monotonic()
    await line.mend()
    await _until(lambda: wire.last > mended, dialer, "the next call leaves")
    after = wire.last - mended
    await _until(lambda: rows.found() >= CALLS, dialer, "the calls are found again")
    return after


async def _after_a_kill(dialer: RunningDialer, client: Client, wire: Wire, rig: Rig, agents: list[str]) -> float:
    await _import(client, "next", agents, "00")
    await rig.office.kill()
    await asyncio.sleep(_OUTAGE_S / 2)
    await rig.office.start(60)
    up = time.monotonic()
    began = up - 1.0  # who is quick enough calls before the rig itself has seen it come up
    await _until(lambda: wire.last > began, dialer, "the next call leaves")
    return max(0.0, wire.last - up)


async def _import(client: Client, name: str, agents: list[str], ending: str) -> None:
    kind = 2 if name == "spare" else 3
    lines = ["客户代码,店铺名称,电话,电访员"]
    lines += [f"{name}{n},第{n}店,139{kind}{n:05}{ending},{agent}" for n, agent in enumerate(agents)]
    async with asyncio.timeout(_DEADLINE_S):
        await client.upload("visits", "\n".join(lines).encode(), list=name, filename="visits.csv")


async def _until(condition: Callable[[], bool], dialer: RunningDialer, what: str) -> None:
    try:
        await until(condition, what, _DEADLINE_S)
    except TimeoutError as error:
        raise DialerError(f"{error}\n{dialer.last_words()}") from None
