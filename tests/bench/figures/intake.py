"""Figure 4: how fast events are taken in, our link against stock panoramisk 1.4, on the same captured traffic.

The traffic is what the office PBX says to a client that sees everything (``read = all``, no filter) while busy and
answered calls are placed; it is repeated until it is long enough. A local socket plays it as fast as it is read.

* Ours: :class:`~dialer.ami.pbx.AsteriskPbx`, from the socket to typed ``CallEvent`` objects at the engine's door: cut,
  picked by name, translated, of two signs of one thing the second dropped.
* Stock: ``panoramisk.Manager`` with one callback, which does nothing, for each of the seven events that ours listens
  to: from the socket to panoramisk's ``Message`` at a callback. What it would cost to make sense of them is not in it.

The time is from the word "go" to the last event. A second figure has the traffic that our own AMI user gets, already
filtered by the PBX, so that every event matters.
"""

from __future__ import annotations

import asyncio
import gc
import time
from dataclasses import dataclass
from typing import Any

import panoramisk

from dialer.ami.config import AmiConfig
from dialer.ami.pbx import AsteriskPbx
from dialer.ami.translate import HEADERS
from dialer.campaign.messages import CallEvent, CallProgress, LinkRestored, PbxMessage
from dialer.clock import SystemClock
from dialer.demo.rig.rig import AmiAccess
from tests.bench.bare.client import BareClient, Round, originate
from tests.bench.figure import Figure, ratio_at_least
from tests.bench.ground import ANSWERS, BUSY, Ground, number
from tests.bench.player import playing

_LAST = "end-0-0-0"
_SECRET = "-"  # noqa: S105 - the player lets everybody in
_END = f"Event: Hangup\r\nChannel: Local/0\r\nUniqueid: {_LAST}\r\nLinkedid: {_LAST}\r\nCause: 16\r\n\r\n".encode()


@dataclass(frozen=True, slots=True)
class Size:
    """``calls`` are captured, half of them answered, and repeated up to ``events``; the median of ``rounds`` counts."""

    calls: int = 200
    events: int = 100_000
    rounds: int = 3


async def measure(ground: Ground, size: Size | None = None) -> list[Figure]:
    """Events a second."""
    size = size or Size()
    control = ground.rig.office.control()
    everything = AmiAccess("127.0.0.1", control.port, control.username, control.secret)
    figures = []
    for name, access, goal in (
        ("intake.all", everything, ratio_at_least(5)),
        ("intake.filtered", ground.rig.ami, None),
    ):
        ground.say(f"{name}: capturing")
        traffic, events = repeated(await captured(ground, access, size), size.events)
        ours, stock = [], []
        for _ in range(size.rounds):
            stock.append(events / await _stock(traffic))
            ours.append(events / await _ours(traffic))
        middle = size.rounds // 2
        note = f"{events} events, {len(traffic) / events:.0f} bytes each"
        figures.append(
            Figure(name, sorted(ours)[middle], "events/s", "stock panoramisk", sorted(stock)[middle], goal, note)
        )
    return figures


async def captured(ground: Ground, access: AmiAccess, size: Size) -> bytes:
    """The events that ``access`` sees of so many calls."""
    heard: list[bytes] = []
    listener = await BareClient.connected(access)
    listener.heard = heard.append
    client = await BareClient.connected(ground.rig.ami)
    actions = [originate(f"capture-{n}-1", (BUSY, ANSWERS)[n % 2].format(number=number(n))) for n in range(size.calls)]
    await Round(client, actions, 20).run()
    await ground.rig.office.idle()
    await asyncio.sleep(0)
    client.close()
    listener.close()
    return b"".join(each + b"\r\n\r\n" for each in heard if each.startswith(b"Event: "))


def repeated(traffic: bytes, events: int) -> tuple[bytes, int]:
    """The traffic as often as it takes, with a last event; and how many events that are."""
    once = traffic.count(b"\r\n\r\n")
    times = max(1, -(-events // once))
    return traffic * times + _END, once * times + 1


async def _ours(traffic: bytes) -> float:
    """Seconds."""
    done, ready = asyncio.Event(), asyncio.Event()

    def sink(message: PbxMessage) -> None:
        if isinstance(message, LinkRestored):
            ready.set()
        elif isinstance(message, CallEvent) and message.attempt == _LAST and message.progress is CallProgress.HUNG_UP:
            done.set()

    with playing(traffic) as player:
        pbx = AsteriskPbx(
            AmiConfig(username="bench", secret=_SECRET, port=player.port, boot_wait_s=1), sink, SystemClock()
        )
        await pbx.start()
        async with asyncio.timeout(120):
            await ready.wait()
            gc.collect()
            began = time.perf_counter()
            player.play()
            await done.wait()
        took = time.perf_counter() - began
        await pbx.stop()
    return took


async def _stock(traffic: bytes) -> float:
    """Seconds."""
    done = asyncio.Event()

    def callback(_: Any, event: Any) -> None:  # noqa: ANN401 - panoramisk has no types
        if event.uniqueid == _LAST:
            done.set()

    with playing(traffic) as player:
        manager = panoramisk.Manager(
            loop=asyncio.get_running_loop(), host="127.0.0.1", port=player.port, username="bench", secret=_SECRET
        )
        for event in HEADERS:
            manager.register_event(event, callback)
        await manager.connect()
        async with asyncio.timeout(120):
            while not manager.authenticated:  # noqa: ASYNC110 - panoramisk has no event for it
                await asyncio.sleep(0.01)
            gc.collect()
            began = time.perf_counter()
            player.play()
            await done.wait()
        took = time.perf_counter() - began
        manager.close()
    return took
