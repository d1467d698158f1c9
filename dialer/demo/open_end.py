"""What a demonstration that is kept has besides: people at the agents' phones, and customers who keep coming."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from itertools import count
from zoneinfo import ZoneInfo

from dialer.demo.client import Client
from dialer.demo.people import Cast, open_visits
from dialer.demo.stage import ZONE, Stage
from dialer.errors import DialerError

EVERY_S = 20.0
"""Between two lists of the afternoon."""
AT_LEAST = 3
"""So many customers wait for somebody who has taken over a phone."""

_LOOK_S = 1.5
_ENDINGS = ("79", "01", "79", "80", "79", "61", "79", "83", "02", "79", "60", "03", "66")
"""What customers of the afternoon do; most talk until the agent hangs up, so that there is time to type."""


async def people_sit_down(stage: Stage, cast: Cast) -> None:
    """Leave the phone of an agent to whoever has signed in as that agent, and take it up again when they have gone."""
    while True:
        there = await _signed_in(stage.client)
        gone, cast.taken = cast.taken - there, there
        for number in sorted(gone):
            await stage.client.presence(number, "ready")
        await asyncio.sleep(_LOOK_S)


async def _signed_in(client: Client) -> set[str]:
    accounts = [each["number"] for each in await client.get("staff") if each["role"] == "agent"]
    return {number for number in accounts if await client.get(f"staff/{number}/sessions")}


async def customers_keep_coming(stage: Stage, cast: Cast, visits: bytes) -> None:
    """Small lists, one after the other: for two agents in turn, and for everybody whom a person plays."""
    rows = list(csv.reader(io.StringIO(visits.decode("utf-8-sig"))))
    serial = count()
    while True:
        agents = [each["number"] for each in await stage.client.get("agents")]
        played = [number for number in agents if number not in cast.taken]
        wanted = [played[next(serial) % len(played)] for _ in range(2) if played]
        for number in sorted(cast.taken & set(agents)):
            wanted += [number] * (AT_LEAST - len(await open_visits(stage.client, [number])))
        if wanted:
            serials = [next(serial) for _ in wanted]
            listed = _some(rows, serials, wanted)
            name = f"{datetime.now(ZoneInfo(ZONE)):%H:%M} · {serials[0]}"
            await stage.client.upload("visits", listed, filename="more.csv", list=name, skip_bad=True)
        await asyncio.sleep(EVERY_S)


def _some(rows: Sequence[Sequence[str]], serials: Sequence[int], agents: Sequence[str]) -> bytes:
    """A list for ``agents``: customers like those of the list of the morning, with codes and numbers of their own."""
    header, *known = rows
    code, shop, phone, agent, order = map(header.index, ("客户代码", "店铺名称", "主访销电话", "电访员", "访销顺序"))
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow(header)
    for serial, number in zip(serials, agents, strict=True):
        row = list(known[serial % len(known)])
        row[code] = f"1508{serial:04}"
        row[shop] += f"{serial // len(known) + 2}店"
        row[phone] = f"13905{serial % 10_000:04}{_ENDINGS[serial % len(_ENDINGS)]}"
        row[agent], row[order] = number, str(serial)
        table.writerow(row)
    return written.getvalue().encode()


async def whatever_happens(do: Callable[[], Awaitable[None]], tell: Callable[[str], None]) -> None:
    """Go on with something for ever, also when people withdraw, disable or stop what it is about."""
    told = ""
    while True:
        try:
            await do()
        except DialerError as error:
            if str(error) != told:
                told = str(error)
                tell(told)
        await asyncio.sleep(_LOOK_S)
