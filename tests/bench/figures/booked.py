"""Figure 3: from the PBX's own time of "the customer answered" to the committed row, under 200 calls a second.

Real calls on the real PBX: the customer answers at once, the PBX says everything that it says of an answered,
connected and ended call, and hangs up after half a second. Recording and the agent's leg are left out
(:data:`tests.bench.ground.LIGHT`): with them this PBX comes to 177 calls a second on two processors even for a bare
client, and its own lateness would be the figure. The dialer places 200 a second as long as the measurement lasts. The
PBX stamps each event when it happens (``timestampevents``); the probe in the service (:mod:`tests.bench.served`)
notes when the transaction with it has been committed. The event loop's longest stall, which is how long the manager
interface was not read, is from the same run.

Bare counterpart: a client that inserts each answered event as a row of one column and commits it, with the same
durability (SQLite, WAL, ``synchronous = FULL``), in a loop of its own under the same calls.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.bench.bare.client import BareClient, originate
from tests.bench.bare.process import counterpart
from tests.bench.figure import Figure, percentile, value_at_most
from tests.bench.ground import ANSWERS, LIGHT, Ground, number
from tests.bench.running import running

_WARM_S = 2.0


@dataclass(frozen=True, slots=True)
class Size:
    """``rate`` calls a second for ``seconds``."""

    rate: int = 200
    seconds: float = 15.0
    agents: int = 400


@dataclass(frozen=True, slots=True)
class Heard:
    """What a probe wrote: (PBX's time, booked) of each answer; (when, how long) of each stall."""

    answers: list[tuple[float, float]]
    stalls: list[tuple[float, float]]

    def after(self, moment: float, until: float) -> Heard:
        """Only what happened in between."""
        return Heard(
            [each for each in self.answers if moment <= each[0] < until],
            [each for each in self.stalls if moment <= each[0] < until],
        )


async def measure(ground: Ground, size: Size | None = None) -> list[Figure]:
    """p99 in ms, and the longest stall."""
    size = size or Size()
    ground.say(f"answer.to_booked: the counterpart at {size.rate} calls/s")
    bare = await _bare(ground, size)
    await ground.rig.office.idle(60)
    place = await ground.place(ANSWERS, calls_per_second=size.rate, wrap_up_s=0.1, prefix=LIGHT)
    calls = round(size.rate * (size.seconds + _WARM_S))
    await place.fill(visits=max(calls, size.agents), agents=size.agents)
    ground.say(f"answer.to_booked: the service at {size.rate} calls/s")
    out = place.folder / "probe.tsv"
    async with running(place, "-m", "tests.bench.served", str(out)) as service:
        began = time.time()
        await asyncio.sleep(_WARM_S + size.seconds)
        service.alive()
    heard = read(out).after(began + _WARM_S, began + _WARM_S + size.seconds)
    await ground.rig.office.idle(60)
    ours = delays(heard)
    rate = len(ours) / size.seconds
    against = "insert and commit alone"
    note = f"{rate:.0f} answers/s reached of {size.rate}"
    longest = max((how_long for _, how_long in heard.stalls), default=0.010)
    return [
        Figure(
            "answer.to_booked.p99", percentile(ours, 99), "ms", against, percentile(bare, 99), value_at_most(50), note
        ),
        Figure("answer.to_booked.median", percentile(ours, 50), "ms", against, percentile(bare, 50)),
        Figure("ami.longest_stall", longest * 1000, "ms", goal=value_at_most(100), note=note),
    ]


def delays(heard: Heard) -> list[float]:
    """Milliseconds from the PBX's time to the commit."""
    return [(booked - at) * 1000 for at, booked in heard.answers]


def read(out: Path) -> Heard:
    """A probe's file."""
    return Heard(
        [(float(row[3]), float(row[4])) for row in _rows(out) if row[0] == "event" and row[2] == "answered"],
        [(float(row[1]), float(row[2])) for row in _rows(out) if row[0] == "stall"],
    )


def _rows(out: Path) -> Iterator[list[str]]:
    for line in out.read_text(encoding="utf-8").splitlines():
        yield line.split("\t")


async def _bare(ground: Ground, size: Size) -> list[float]:
    """Milliseconds from the PBX's time to a committed row of a client that does nothing else."""
    folder = ground.folder / f"bare-booked-{time.time_ns():x}"
    folder.mkdir()
    ami, out = ground.rig.ami, folder / "probe.tsv"
    async with counterpart("book", ami, str(out)):
        client = await BareClient.connected(ami)
        loop = asyncio.get_running_loop()
        began, start = time.time(), loop.time()
        for n in range(round(size.rate * (size.seconds + _WARM_S))):
            await asyncio.sleep(max(0.0, start + n / size.rate - loop.time()))
            client.send(originate(f"bare-booked-{n}", ANSWERS.format(number=number(n)), prefix=LIGHT)[1])
        client.close()
        await ground.rig.office.idle(60)
    return delays(read(out).after(began + _WARM_S, began + _WARM_S + size.seconds))
