"""Figure 5: memory, start and recovery, with 100,000 visits and 500 agents on today's list.

* start: from the making of the process to the first Originate on the wire to the real PBX: Python and its imports, the
  database, the day, the login, the rules, a durable transaction.
* memory: resident size when 500 calls are up.
* recovery: with 500 attempts in flight the process is killed (SIGKILL) and started again; until the books say of every
  one of the 500 what the PBX says of it. That is a whole start, with the same list.

Bare counterpart: a Python program with ``sqlite3`` and a socket that reads the same rows into tuples, logs in, lists
the PBX's channels and places one call: no rules, no web, nothing written.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from statistics import median

from tests.bench import books
from tests.bench.bare.process import counterpart, told
from tests.bench.figure import Figure, value_at_most
from tests.bench.ground import RINGS, Ground, Place
from tests.bench.running import Running, memory_mb
from tests.bench.wire import Wire, wire_to

_PATIENCE_S = 180.0
_SURVEYED = "SELECT count(DISTINCT attempt) FROM call_events WHERE text = 'survey'"
_IN_FLIGHT = "SELECT count(*) FROM attempts WHERE state = 'ringing'"


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured, and how often; ``rounds`` is odd."""

    visits: int = 100_000
    agents: int = 500
    rounds: int = 3


@dataclass(frozen=True, slots=True)
class _Found:
    """Of one round: ours and the counterpart's, in seconds and MB; ``most`` is the most memory that there was."""

    started: float
    recovered: float
    memory: float
    most: float
    bare_started: float
    bare_recovered: float
    bare_memory: float


async def measure(ground: Ground, size: Size | None = None) -> list[Figure]:
    """Seconds and MB: medians of the rounds, and of memory the most."""
    size = size or Size()
    found = []
    for n in range(size.rounds):
        ground.say(f"start, memory, recovery: {size.visits} visits, round {n + 1} of {size.rounds}")
        found.append(await _round(ground, size))
    started, recovered = (sorted(times) for times in ([f.started for f in found], [f.recovered for f in found]))
    memory, most = max(f.memory for f in found), max(f.most for f in found)
    against = "sqlite3, a socket, tuples"
    return [
        Figure(
            "memory",
            memory,
            "MB",
            against,
            max(f.bare_memory for f in found),
            value_at_most(300),
            f"{most:.0f} MB at most",
        ),
        Figure(
            "start.to_originate",
            median(started),
            "s",
            against,
            median(f.bare_started for f in found),
            value_at_most(3),
            f"rounds: {_listed(started)}",
        ),
        Figure(
            "recovery",
            median(recovered),
            "s",
            against,
            median(f.bare_recovered for f in found),
            value_at_most(2),
            f"from the start of the process; rounds: {_listed(recovered)}",
        ),
    ]


def _listed(times: list[float]) -> str:
    return ", ".join(f"{time:.2f}" for time in times)


async def _round(ground: Ground, size: Size) -> _Found:
    """With a list of its own."""
    async with wire_to(ground.rig.ami) as wire:
        place = await ground.place(RINGS, port=wire.port, ring_s=300)
        await place.fill(visits=size.visits, agents=size.agents)
        service = Running(place.config)
        service.spawn()
        try:
            started = await _first_originate(wire, service)
            await _until(service, _IN_FLIGHT, size.agents)
            memory, most = service.memory_mb(), service.memory_mb("VmHWM")
            bare_start, bare_memory, bare_recovery = await _bare(ground, place)
            await service.kill()
            service.spawn()
            recovered = await _until(service, _SURVEYED, size.agents)
        finally:
            await service.kill()
        async with ground.rig.office.control() as control:
            await control.action("Hangup", Channel="/.*/")
        await ground.rig.office.idle(60)
    return _Found(started, recovered, memory, most, bare_start, bare_recovery, bare_memory)


async def _first_originate(wire: Wire, service: Running) -> float:
    """Seconds from the making of the process."""
    found: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    def seen(_: str, at: float) -> None:
        if not found.done():
            found.set_result(at)

    wire.on_originate = seen
    async with asyncio.timeout(_PATIENCE_S):
        while not found.done():
            service.alive()
            await asyncio.wait({found}, timeout=0.2)
    return found.result() - service.began


async def _until(service: Running, query: str, wanted: int) -> float:
    """Wait until ``query`` counts so many; seconds since the service's process was made."""
    async with asyncio.timeout(_PATIENCE_S):
        while books.ask(service.database, query)[0][0] < wanted:
            service.alive()
            await asyncio.sleep(0.02)
    return time.time() - service.began


async def _bare(ground: Ground, place: Place) -> tuple[float, float, float]:
    """Start to the call, memory, and start to what the PBX says of the calls in the books."""
    ami = ground.rig.ami
    began = time.time()
    async with counterpart("start", ami, str(place.settings.database)) as process:
        called, known = await told(process), await told(process)
        return called - began, memory_mb(process.pid), known - began
