"""The people of the demonstration: agents, the order system, a team leader. All of them only use the HTTP API."""

from __future__ import annotations

import asyncio
import time as clock
import zlib
from collections.abc import Coroutine, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

from dialer.demo.client import ApiError, Client
from dialer.demo.stage import Stage
from dialer.language import Translate

TALK_S = 12.0
WRAP_UP_S = 1.5
"""Where nothing ends by itself: after so long agents hang up, and go on to the next customer."""

_LOOK_S = 0.4
_TOO_LATE = (HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)  # the call ended in this very moment
_ROOM = timedelta(seconds=20)


@dataclass(slots=True)
class Cast:
    """What the people know of each other, and what they did, for the report."""

    talked: set[str] = field(default_factory=set)
    promised: set[str] = field(default_factory=set)
    did: list[str] = field(default_factory=list)
    orders: list[str] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)
    """Agents whose phones somebody has taken over by signing in on the pages: left alone."""


async def open_visits(client: Client, agents: Iterable[str]) -> list[dict[str, Any]]:
    """What these agents still have to call, or are calling."""
    found: list[dict[str, Any]] = []
    for number in sorted(agents):
        for state in ("waiting", "calling"):
            found += await client.all_of("visits", agent=number, state=state)
    return found


async def bring_agents(stage: Stage, visits: bytes, agents: bytes | None) -> list[str]:
    """Create the agents of the demonstration and, for somebody's own list, everybody whom it names.

    Each gets an auto-answering phone; when there are more agents than phones, phones are shared in turn.
    """
    client, phones = stage.client, stage.rig.extensions
    names: list[str] = []
    if agents is not None:
        names = (await client.upload("agents/import", agents, filename="agents.csv"))["saved"]
    for _ in range(2):
        report = await client.upload("visits", visits, filename="visits.csv", preview=True, skip_bad=True)
        unknown = sorted({p["value"] for p in report["problems"] if p["value"] and _names_an_agent(p)} - set(names))
        for number in unknown:
            phone = phones[len(names) % len(phones)]
            await client.send("PUT", f"agents/{number}", {"extension": phone, "name": number, "team": "一组"})
            names.append(number)
        if not unknown:
            break
    return names


def _names_an_agent(problem: dict[str, Any]) -> bool:
    return problem.get("code") == "agent-unknown" or "工号" in problem["reason"] or "agent" in problem["reason"].lower()


async def everybody_ready(client: Client, agents: Sequence[str]) -> None:
    """Agents are at their desks."""
    for number in agents:
        await client.presence(number, "ready")


async def agents_at_work(stage: Stage, cast: Cast) -> None:
    """While they talk, agents enter results; what they enter depends on the customer, and is the same every time.

    Where there is time without end, they also hang up, and go on to the next customer.
    """
    since: dict[str, float] = {}
    while True:
        progress = await stage.client.get("progress")
        doing = {agent["number"]: agent["presence"] for agent in progress["agents"]}
        for call in progress["calls"]:
            if call["agent"] in cast.taken or call["state"] != "connected":
                continue
            began = since.setdefault(call["attempt"], clock.monotonic())
            if call["attempt"] not in cast.talked:
                cast.talked.add(call["attempt"])
                await _enter_result(stage, cast, call)
            elif stage.open_end and clock.monotonic() - began > TALK_S:
                await _unless_too_late(stage.client.send("POST", f"attempts/{call['attempt']}/hang-up"))
        if stage.open_end:
            for number in sorted(set(doing) - cast.taken):
                key = f"wrap-up of {number}"
                if doing[number] != "wrap_up":
                    since.pop(key, None)
                elif clock.monotonic() - since.setdefault(key, clock.monotonic()) > WRAP_UP_S:
                    await _unless_too_late(stage.client.presence(number, "ready"))
        await asyncio.sleep(_LOOK_S)


async def _enter_result(stage: Stage, cast: Cast, call: dict[str, Any]) -> None:
    client, attempt, customer = stage.client, call["attempt"], call["customer"]
    luck = zlib.crc32(customer.encode()) % 10
    order = f"DD{datetime.now(UTC):%Y%m%d}-{customer}"
    later = datetime.now(UTC) + timedelta(seconds=25)
    try:
        if luck < 4:
            saved = {"number": order, "customer": customer, "at": datetime.now(UTC).isoformat()}
            await client.send(
                "POST", "orders", saved | {"quantity": f"{10 + luck * 5}", "amount": f"{2000 + luck * 310}"}
            )
            cast.orders.append(order)
            body: dict[str, Any] = {"result": "ordered", "order": order}
        elif luck < 7:
            body = {"result": "ordered", "order": order, "quantity": "25", "amount": "4680"}
            cast.orders.append(order)
        elif luck == 7 and later + _ROOM < stage.closes and customer not in cast.promised:
            cast.promised.add(customer)
            body = {"result": "later", "at": later.isoformat()}
        elif luck == 8:
            body = {"result": "feedback", "text": "希望增加紧俏烟的投放量"}
        else:
            body = {"result": "not_needed"}
        await client.send("PUT", f"attempts/{attempt}/disposition", body)
    except ApiError as error:
        if error.status not in _TOO_LATE:
            raise
        cast.did.append(f"{customer}: {error}")


async def team_leader(stage: Stage, cast: Cast, customers: Sequence[dict[str, Any]], t: Translate) -> None:
    """Things that a day brings: an order placed online, a number corrected, an agent whose phone is dead."""
    client = stage.client
    waiting = [c for c in customers if c["visit"]["state"] == "waiting"]
    if len(waiting) < 6:
        return
    first_agent = waiting[0]["visit"]["agent"]
    dead = await _dead_phone(stage, cast, first_agent, t) if first_agent else None
    await asyncio.sleep(8)
    online = waiting[-1]["visit"]
    await _try(
        cast, client.send("POST", f"visits/{online['id']}/withdraw", {"reason": t("ordered online", context="demo")})
    )
    cast.did.append(t("customer {customer} ordered online: taken off the list", customer=online["customer"]))
    if dead:
        await dead
    while not (bad := (await client.get("visits", state="invalid_number", limit=1))["visits"]):  # noqa: ASYNC110 - HTTP
        await asyncio.sleep(2)
    visit = bad[0]["visit"]
    customer, old, new = visit["customer"], visit["number"], visit["number"][:-2] + "09"
    await _try(cast, client.send("PUT", f"customers/{customer}/phone", {"phone": new}))
    cast.did.append(t("customer {customer}: number corrected, {old} to {new}", customer=customer, old=old, new=new))


async def _dead_phone(stage: Stage, cast: Cast, number: str, t: Translate) -> asyncio.Task[None]:
    """The first agent's phone does not answer at first; when the alarm comes it is mended."""
    client = stage.client
    agent = next(a for a in await client.get("agents") if a["number"] == number)
    body = {"name": agent["name"], "team": agent["team"]}
    await client.send("PUT", f"agents/{number}", body | {"extension": stage.rig.dead_extension})

    async def mend() -> None:
        while (await client.get(f"agents/{number}/presence"))["presence"] != "paused":  # noqa: ASYNC110 - over HTTP
            await asyncio.sleep(1)
        cast.did.append(
            t(
                "agent {agent}: the phone was not answered; paused, alarm raised, the customer heard an announcement",
                agent=number,
            )
        )
        await client.send("PUT", f"agents/{number}", body | {"extension": agent["extension"]})
        await client.presence(number, "ready")
        cast.did.append(t("agent {agent}: the phone works again", agent=number))

    return asyncio.create_task(mend(), name="mend-the-phone")


async def _unless_too_late(request: Coroutine[Any, Any, Any]) -> None:
    """What somebody else may have done a moment ago."""
    try:
        await request
    except ApiError as error:
        if error.status not in _TOO_LATE:
            raise


async def _try(cast: Cast, request: Any) -> None:  # noqa: ANN401 - a coroutine of any answer
    try:
        await request
    except ApiError as error:
        if not error.status:
            raise
        cast.did.append(str(error))
