"""Figure 1: originate throughput through the whole service, against a bare socket client on the same Asterisk.

The service runs as ``dialer run`` with today's list in its books and more ready agents than it needs. Each call is
written ahead, placed, heard to be busy, booked, and its redial planned; nobody is called twice within the run, because
the gap of five minutes is kept. The time is from the first attempt that is written down to the last result that
another process reads in the database.

* trunk: the customers of the carrier PBX are busy, over SIP, as calls go in earnest. The goal is for this one. Both
  sides are then as fast as the two PBXs on this machine.
* local: a busy customer of the office PBX itself, with no carrier in between. No department calls like that; it shows
  what the dialer can do at most, and what it costs beside a client that keeps no books.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from tests.bench import books
from tests.bench.bare.client import BareClient, Round, originate
from tests.bench.figure import Figure, ratio_at_least
from tests.bench.ground import BUSY, TRUNK, Ground, number
from tests.bench.running import Running, running


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured. ``agents`` is also how many calls the bare client keeps in flight.

    ``rounds`` is odd: the one in the middle counts.
    """

    visits: int = 5000
    agents: int = 200
    rounds: int = 5


async def measure(ground: Ground, size: Size | None = None) -> list[Figure]:
    """Service and counterparts take turns; of the rounds that one counts whose ratio is in the middle.

    A machine that others use too is a third faster in one half minute than in the next. Both sides of a round have the
    same of it, more or less; medians of each side alone would be of different moments.
    """
    size = size or Size()
    figures = []
    for name, template, goal in (("originate.trunk", TRUNK, ratio_at_least(0.6)), ("originate.local", BUSY, None)):
        ours, same, plain = [], [], []
        for n in range(size.rounds):
            ground.say(f"{name}: round {n + 1} of {size.rounds}")
            plain.append(await counterpart(ground, template, size, journal=False, tag=f"p{n}"))
            ours.append(await through_service(ground, template, size))
            same.append(await counterpart(ground, template, size, journal=True, tag=f"s{n}"))
        for what, bare_rates, against in (
            (name, plain, "bare socket client, no journal in the PBX"),
            (f"{name}.same", same, "bare socket client, same Originate"),
        ):
            found = sorted(zip(ours, bare_rates, strict=True), key=lambda pair: pair[0] / pair[1])
            rate, bare_rate = found[len(found) // 2]
            note = "rounds: " + ", ".join(f"{a / b:.2f}" for a, b in found)
            figures.append(Figure(what, rate, "calls/s", against, bare_rate, goal, note))
    return figures


async def counterpart(ground: Ground, template: str, size: Size, *, journal: bool, tag: str) -> float:
    """Calls per second of the bare client."""
    client = await BareClient.connected(ground.rig.ami)
    try:
        actions = [
            originate(f"bare-{tag}-{n}", template.format(number=called(template, n)), journal=journal)
            for n in range(size.visits)
        ]
        took = await Round(client, actions, size.agents).run()
    finally:
        client.close()
    await ground.rig.office.idle()
    return size.visits / took


async def through_service(ground: Ground, template: str, size: Size) -> float:
    """Calls per second through the dialer."""
    place = await ground.place(template)
    await place.fill(visits=size.visits, agents=size.agents, numbers=lambda n: called(template, n))
    async with running(place) as service:
        return await rate_of(service, size.visits)


async def rate_of(service: Running, calls: int) -> float:
    """Wait for so many ended calls; calls per second since the first was written down."""
    await books.until_ended(service.database, calls, service.alive)
    done = time.time()
    ((first,),) = books.ask(service.database, "SELECT min(placed_at) FROM attempts")
    return calls / (done - books.moment(first))


def called(template: str, n: int) -> str:
    """The nth customer's number; over the trunk its ending has to say busy (61)."""
    return number(n * 100 + 61) if template == TRUNK else number(n)
