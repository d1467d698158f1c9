"""Figure 6: what a call costs when the list is 1,000, 10,000 and 100,000 visits long.

The cost is processor time of the service's process, from the agents' ready to the last of the calls booked, by call.
Every list is dealt to the same number of agents; the same number of busy customers is called, fewer than the shortest
list has: at the end of a list fewer calls are up, and a step then serves fewer of them, however long the list was.
Lists take turns. What a list costs beside the others is taken within a round, since a machine that others use too is a
third faster in one half minute than in the next; the median of the rounds counts. "growth" is how much the dearest
list costs more than the cheapest, in per cent.

Bare counterpart: processor time of the bare client for the same calls.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from statistics import mean, median

from dialer.demo.client import Client
from tests.bench import books
from tests.bench.bare.client import BareClient, Round, originate
from tests.bench.figure import Figure, value_at_most
from tests.bench.ground import BUSY, Ground, Place, agent, number
from tests.bench.running import running

_DONE = "SELECT count(ended_at), count(*) - count(ended_at) FROM attempts"
"""The dialer does not stop at the last call that is waited for; a call under way is half a call."""


@dataclass(frozen=True, slots=True)
class Size:
    """``calls`` are placed on each list, by ``agents``; ``rounds`` of all lists."""

    lists: tuple[int, ...] = (1_000, 10_000, 100_000)
    calls: int = 800
    agents: int = 50
    rounds: int = 6


async def measure(ground: Ground, size: Size | None = None) -> list[Figure]:
    """Milliseconds of processor time by call, and per cent."""
    size = size or Size()
    costs: dict[int, list[float]] = {visits: [] for visits in size.lists}
    bare_cost = await _bare(ground, size)
    for n in range(size.rounds):
        for visits in (*size.lists[n % len(size.lists) :], *size.lists[: n % len(size.lists)]):
            ground.say(f"growth: {visits} visits, round {n + 1} of {size.rounds}")
            costs[visits].append(await _cost(await ground.place(BUSY), visits, size))
            await ground.rig.office.idle()
    means = [mean(of_round) for of_round in zip(*costs.values(), strict=True)]
    beside = {
        visits: median(cost / usual for cost, usual in zip(found, means, strict=True))
        for visits, found in costs.items()
    }
    spread = (max(beside.values()) / min(beside.values()) - 1) * 100
    note = "beside the mean of a round: " + ", ".join(f"{visits:,}: {part:.3f}" for visits, part in beside.items())
    rows = [
        Figure(f"cost.{visits}", median(found), "ms/call", "bare socket client", bare_cost)
        for visits, found in costs.items()
    ]
    return [*rows, Figure("growth", spread, "%", goal=value_at_most(20), note=note)]


async def _cost(place: Place, visits: int, size: Size) -> float:
    await place.fill(visits=visits, agents=size.agents, ready=False)
    async with running(place) as service, Client(service.data) as client:
        await service.settled()
        before = service.cpu_s()
        for n in range(size.agents):
            await client.presence(agent(n), "ready")
        await books.until_ended(place.settings.database, size.calls, service.alive)
        used = service.cpu_s() - before
        ((ended, live),) = books.ask(place.settings.database, _DONE)
        return used / float(ended + live / 2) * 1000


async def _bare(ground: Ground, size: Size) -> float:
    client = await BareClient.connected(ground.rig.ami)
    actions = [originate(f"bare-growth-{n}", BUSY.format(number=number(n))) for n in range(size.calls)]
    before = time.process_time()
    await Round(client, actions, size.agents).run()
    cost = time.process_time() - before
    client.close()
    await ground.rig.office.idle()
    return cost / size.calls * 1000
