"""Live events: what is committed reaches those who listen; who is slow is let go and catches up."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest

from dialer.campaign.changes import AlarmChange, Changes, NoticeDue, NoticeKind, OrderTaken
from dialer.campaign.model.agent import Agent
from dialer.campaign.model.customer import Customer
from dialer.campaign.model.visit import Visit
from dialer.campaign.state import PAUSED
from dialer.errors import Busy
from dialer.web.kit.config import WebConfig
from dialer.web.kit.live import Closed, Event, Hub, Stream
from tests.web.system import Json, System, open_system

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


@dataclass
class Line:
    """One event as a client reads it."""

    name: str = "message"
    id: str = ""
    data: str = ""

    @property
    def json(self) -> Json:
        return json.loads(self.data)


async def next_event(response: aiohttp.ClientResponse) -> Line:
    """The next event of a stream, comments left out."""
    line = Line()
    async with asyncio.timeout(30):
        async for raw in response.content:
            name, _, value = raw.decode().rstrip("\n").partition(": ")
            if not raw.strip():
                if line.data:
                    return line
            elif name == "event":
                line.name = value
            elif name == "id":
                line.id = value
            elif name == "data":
                line.data += value
    raise EOFError


async def following(stream: Stream) -> Event:
    """The next event that a stream has."""
    event = await stream.next()
    assert event is not None
    return event


def alarm(key: str) -> Changes:
    """A change that is one event."""
    return Changes(alarms=[AlarmChange(key, "text", NOW)])


async def test_a_listener_sees_what_is_committed(system: System) -> None:
    """From the import to the conversation, as events with ids; a client that comes back gets what it missed."""
    headers = {"Authorization": f"Bearer {system.tokens['read']}"}
    async with system.http.get("/api/v1/events", headers=headers) as stream:
        assert stream.content_type == "text/event-stream"
        assert (await next_event(stream)).name == "hello"
        assert (await next_event(stream)).name == "reset"
        await system.conversation()
        seen: list[Line] = []
        while not any(e.name == "attempt" and e.json["state"] == "connected" for e in seen):
            seen.append(await next_event(stream))
        assert {"visit", "attempt", "agent"} <= {event.name for event in seen}
        assert next(e for e in seen if e.name == "visit").json["customer"] == "C0001"
    async with system.http.get("/api/v1/events", headers={**headers, "Last-Event-ID": seen[0].id}) as stream:
        await next_event(stream)
        assert await next_event(stream) == seen[1]
    async with system.http.get("/api/v1/events", headers={**headers, "Last-Event-ID": "of-another-boot"}) as stream:
        await next_event(stream)
        assert (await next_event(stream)).name == "reset"


async def test_a_revoked_token_stops_listening(folder: Path) -> None:
    """A stream is cut at the next heartbeat after its token was revoked; until then it is kept alive."""
    async with open_system(folder, conf=WebConfig(heartbeat_s=0.05)) as system:
        headers = {"Authorization": f"Bearer {system.tokens['read']}"}
        async with system.http.get("/api/v1/events", headers=headers) as stream:
            while not (await stream.content.readline()).startswith(b": ping"):
                pass
            await system.ask("DELETE", "/tokens/read", status=204)
            async with asyncio.timeout(30):
                await stream.content.read()


async def test_the_server_ends_streams_when_it_stops(folder: Path) -> None:
    """Stopping does not wait for those who listen."""
    async with open_system(folder, conf=WebConfig(shutdown_s=30)) as system:
        headers = {"Authorization": f"Bearer {system.tokens['read']}"}
        stream = await system.http.get("/api/v1/events", headers=headers)
        await next_event(stream)
        started = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - started < 10
    stream.close()


async def test_a_slow_client_is_let_go() -> None:
    """Who is too far behind is dropped and nobody waits for them; others get everything."""
    hub = Hub(backlog=3)
    with hub.subscribe() as slow, hub.subscribe() as quick:
        assert (await following(quick)).name == "reset"
        got = []
        for n in range(5):
            hub.publish(alarm(f"a{n}"))
            got.append(json.loads((await following(quick)).data)["key"])
        assert got == [f"a{n}" for n in range(5)]
        assert slow.closed
        with pytest.raises(Closed):
            await following(slow)


async def test_a_client_that_cannot_be_judged_is_let_go_alone() -> None:
    """A defect in telling whose an event is must not reach the engine, or those who are told without trouble."""

    def odd(event: Event) -> bool:
        raise RuntimeError(f"a defect in judging {event.name}")

    found: list[str] = []
    hub = Hub(defect_found=found.append)
    with hub.subscribe(wants=odd) as judged, hub.subscribe() as other:
        assert (await following(other)).name == "reset"
        hub.publish(alarm("a1"))
        assert (await following(other)).name == "alarm"
        assert judged.closed
    assert set(found) == {"events"}


async def test_each_client_is_woken_by_its_own_events_only() -> None:
    """Also by what it missed: catching up asks the same."""
    hub = Hub()
    with hub.subscribe() as stream:
        await following(stream)
        hub.publish(alarm("a0"))
        here = (await following(stream)).id
    hub.publish(alarm("a1"))
    hub.publish(Changes(flags={PAUSED: "director"}))
    with hub.subscribe(here, lambda event: event.name == "campaign") as stream:
        assert (await following(stream)).name == "campaign"
        hub.publish(alarm("a2"))
        hub.publish(Changes(flags={PAUSED: ""}))
        assert (await following(stream)).name == "campaign"


async def test_who_comes_back_catches_up() -> None:
    """From a known id on; up to date means nothing; too long ago, or another boot, means look anew."""
    hub = Hub(backlog=3)
    with hub.subscribe() as stream:
        first = await following(stream)
        hub.publish(alarm("a1"))
        one = await following(stream)
    hub.publish(alarm("a2"))
    with hub.subscribe(one.id) as stream:
        two = await following(stream)
        assert json.loads(two.data)["key"] == "a2"
    for n in range(3, 6):
        hub.publish(alarm(f"a{n}"))
    with hub.subscribe(one.id) as stream:
        assert (await following(stream)).name == "reset"
    hub.close()
    assert first.name == "reset"


async def test_what_nobody_heard_for_long_is_not_told() -> None:
    """It would be told all at once; who was there before looks anew, and nothing is skipped in silence."""
    hub = Hub()
    with hub.subscribe() as stream:
        await following(stream)
        hub.publish(alarm("before"))
        before = (await following(stream)).id
    for n in range(150):
        hub.publish(alarm(f"a{n}"))
    with hub.subscribe(before) as stream:
        assert (await following(stream)).name == "reset"
        hub.publish(alarm("after"))
        after = await following(stream)
        assert json.loads(after.data)["key"] == "after"
    with hub.subscribe(after.id) as stream:
        hub.publish(alarm("last"))
        assert json.loads((await following(stream)).data)["key"] == "last"


async def test_streams_are_limited() -> None:
    """Too many screens are told so."""
    hub = Hub(most=1)
    with hub.subscribe(), pytest.raises(Busy), hub.subscribe():
        pass


async def test_each_kind_of_change_is_told() -> None:
    """Visits, agents, alarms, notices, orders and the pause; a whole list as one event."""
    hub = Hub()
    visit = Visit(1, NOW.date(), "main", "C1", "13904700000", 1)
    changes = Changes(
        added=[(visit, Customer("C1"))],
        agents=[Agent("001")],
        alarms=[AlarmChange("link", "lost", NOW, NOW)],
        notices=[NoticeDue("unreached-1-1", NoticeKind.UNREACHED, NOW, visit=1)],
        orders=[OrderTaken("A-1", "a", "C1", NOW, "001")],
        flags={PAUSED: "director"},
    )
    with hub.subscribe() as stream:
        hub.publish(changes)
        hub.publish(Changes(visits=[replace(visit, id=n) for n in range(200)]))
        hub.publish(Changes(flags={"other": "x"}))
        told = [await following(stream) for _ in range(8)]
        assert [event.name for event in told] == [
            "reset",
            "visit",
            "agent",
            "alarm",
            "notice",
            "order",
            "campaign",
            "list",
        ]
        assert json.loads(told[-1].data) == {"changed": 200}


async def test_a_defect_in_an_event_stops_nobody() -> None:
    """What cannot be told ends in the log and as a reset; the engine goes on."""
    hub = Hub()
    with hub.subscribe() as stream:
        await following(stream)
        hub.publish(Changes(agents=["nonsense"]))  # type: ignore[list-item]  # a defect on purpose
        assert (await following(stream)).name == "reset"
