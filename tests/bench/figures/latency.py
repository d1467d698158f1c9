"""Figure 2: from an agent's ready (HTTP) to the Originate on the wire, with 500 agents and 100,000 visits.

The clock starts just before the request is written and stops when the Originate comes by on the wire to the real PBX;
both are read by one process. In between are the HTTP face, the rules, one durable transaction and the manager's link.
Requests come at an even pace, whatever the answers (so a slow one does not slow down those that would show it). The
customer rings for two seconds and is busy; the agent pauses until their next turn.

Bare counterpart: the smallest HTTP server that writes an Originate for each request, in a process of its own, over the
same wire: no token, no JSON, no rules, no books.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from dialer.demo.client import Client
from tests.bench.bare.process import counterpart, told
from tests.bench.figure import Figure, percentile, value_at_most
from tests.bench.ground import PHONE, RINGS_BRIEFLY, Ground, agent
from tests.bench.running import running
from tests.bench.wire import Wire, wire_to


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured; ``pace`` is requests per second."""

    visits: int = 100_000
    agents: int = 500
    samples: int = 1000
    pace: float = 50.0


Say = Callable[[str, str], Awaitable[None]]


async def measure(ground: Ground, size: Size | None = None) -> list[Figure]:
    """Median and p99, in ms."""
    size = size or Size()
    async with wire_to(ground.rig.ami) as wire:
        ground.say("ready.to_originate: the counterpart")
        bare = await _counterpart(ground, wire, size)
        place = await ground.place(RINGS_BRIEFLY, port=wire.port)
        ground.say(f"ready.to_originate: {size.visits} visits")
        await place.fill(visits=size.visits, agents=size.agents, ready=False)
        async with running(place) as service, Client(service.data, connections=16) as client:
            for n in range(size.agents):  # everybody says something once: the face is warm
                await client.presence(agent(n), "paused")
            ours = await _latencies(wire, size, client.presence)
    await ground.rig.office.idle()
    against = "smallest HTTP server that writes an Originate"
    return [
        Figure(
            "ready.to_originate.median", percentile(ours, 50), "ms", against, percentile(bare, 50), value_at_most(5)
        ),
        Figure("ready.to_originate.p99", percentile(ours, 99), "ms", against, percentile(bare, 99), value_at_most(20)),
    ]


async def _latencies(wire: Wire, size: Size, say: Say) -> list[float]:
    """Milliseconds from each ready to its Originate."""
    waiting: dict[str, tuple[float, asyncio.Future[float]]] = {}
    loop = asyncio.get_running_loop()

    def seen(extension: str, at: float) -> None:
        asked, found = waiting.pop(extension, (0.0, None))
        if found is not None and not found.done():
            found.set_result((at - asked) * 1000)

    wire.on_originate = seen

    async def one(who: int) -> float:
        found: asyncio.Future[float] = loop.create_future()
        waiting[PHONE.format(number=8000 + who)] = (time.time(), found)
        await say(agent(who), "ready")
        async with asyncio.timeout(10):
            took = await found
        await say(agent(who), "paused")
        return took

    began, tasks = loop.time(), []
    for n in range(size.samples):
        await asyncio.sleep(max(0.0, began + n / size.pace - loop.time()))
        tasks.append(loop.create_task(one(n % size.agents)))
    return list(await asyncio.gather(*tasks))


async def _counterpart(ground: Ground, wire: Wire, size: Size) -> list[float]:
    async with counterpart("web", replace(ground.rig.ami, port=wire.port)) as process:
        where = (f"http://127.0.0.1:{await told(process):.0f}", "")
        async with Client(where, connections=16) as client:
            return await _latencies(wire, size, client.presence)
