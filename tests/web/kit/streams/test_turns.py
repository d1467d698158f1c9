"""What one person has under way never takes the others' room: the excess is 429, with a sentence and Retry-After."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from dialer.people.staff import Role, Staff
from dialer.web.kit.access.tokens import Caller
from dialer.web.kit.access.turns import MOST, Turns
from dialer.web.kit.health import lag_health
from dialer.web.kit.http.refusals import TooMuch
from dialer.web.parts import PAGES, ROUTES
from tests.contracts.made_up import NOW
from tests.kit.waiting import until
from tests.web.people import People, open_people
from tests.web.system import System

SYSTEM = Caller("order-system", "digest")
HEAVY = {
    "import_visits", "list_visits", "import_agents", "list_books", "get_reconciliation", "list_recordings",
    "search_audit_log", "take_import", "show_customers", "show_by_hand", "save_by_hand", "show_report", "save_report",
    "show_reconciliation", "show_audit", "show_recordings",
}  # fmt: skip
"""What looks through a whole day or more, or reads a file."""


def person(number: str) -> Caller:
    staff = Staff(number, "", Role.AGENT, "", NOW, NOW)
    return Caller(number, f"session of {number}", staff)


def test_each_has_room_of_their_own() -> None:
    """A person's sessions count together; other people, systems and other work do not count; what ends makes room."""
    turns = Turns()
    most = MOST["heavy"]
    held = [turns.take(person("001"), "heavy") for _ in range(most.person)]
    for each in held:
        each.__enter__()
    again = Caller("001", "another session", person("001").staff)
    with pytest.raises(TooMuch), turns.take(again, "heavy"):
        pass
    with turns.take(person("001"), "light"), turns.take(person("002"), "heavy"):
        pass
    for _ in range(most.person + 1):
        turns.take(SYSTEM, "heavy").__enter__()
    held.pop().__exit__(None, None, None)
    with pytest.raises(ValueError, match="x"), turns.take(again, "heavy"):
        raise ValueError("x")
    with turns.take(again, "heavy"):
        pass


def test_what_is_heavy() -> None:
    """Whatever looks through a day, or reads a file, is a heavy turn; recordings are files, and streams are streams."""
    turns = {route.name: route.turn for route in ROUTES} | {page.name: page.turn for page in PAGES}
    assert {name for name, turn in turns.items() if turn == "heavy"} == HEAVY
    assert {name for name, turn in turns.items() if turn == "stream"} == {"listen_events"}
    assert {name for name, turn in turns.items() if turn == "file"} == {"get_audio"}


async def test_streams_of_one_person(people: People) -> None:
    """Two hundred streams by one cookie: ten are opened, and the others' pages go on listening."""
    async with AsyncExitStack() as stack:

        async def listen(who: str) -> aiohttp.ClientResponse:
            return await stack.enter_async_context(people.browsers[who].get("/api/v1/events"))

        mine = [await listen("agent") for _ in range(30)]
        assert [each.status for each in mine] == [200] * 10 + [429] * 20
        assert int(mine[-1].headers["Retry-After"]) > 0
        assert (await mine[-1].json())["error"] == "too-much-at-once"
        assert (await listen("other")).status == 200
        assert (await listen("leader")).status == 200
        mine[0].close()
        await until(lambda: not people.system.engine.trouble)  # the loop has seen the end
        async with asyncio.timeout(60):
            while (again := await listen("agent")).status != 200:
                again.close()


async def test_look_ups_of_one_person(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While three searches of one person are looked through, a fourth is refused in words; others are answered."""
    go_on = asyncio.Event()
    under_way = 0

    async def slow(_aside: object, _asked: str, rows: list[Any], _of: Callable[..., object]) -> list[Any]:
        nonlocal under_way
        under_way += 1
        await go_on.wait()
        return rows

    monkeypatch.setattr("dialer.web.customers.pages.customers.that_fit", slow)
    monkeypatch.setattr("dialer.web.customers.api.visits.that_fit", slow)
    async with open_people(folder) as people:
        await people.system.import_rows("C1,黄山超市,13904700011,001,城区营销部")
        paths = ("/floor/customers?q=x", "/api/v1/visits?q=x", "/floor/customers?q=y")
        mine = [asyncio.create_task(people.ask("leader", "GET", path)) for path in paths]
        await until(lambda: under_way == len(paths))
        page = await people.ask("leader", "GET", "/floor/customers?q=z")
        assert (page.status, page.headers["Retry-After"], "<html" in page.text) == (429, "2", True)
        assert "同时" in page.text
        assert (await people.ask("leader", "GET", "/api/v1/visits")).status == 429
        assert (await people.ask("leader", "GET", "/floor")).status == 200
        other = asyncio.create_task(people.ask("team_leader", "GET", "/floor/customers?q=x"))
        await until(lambda: under_way == len(paths) + 1)
        go_on.set()
        assert [each.status for each in await asyncio.gather(*mine, other)] == [200] * 4
        assert (await people.ask("leader", "GET", "/floor/customers?q=z")).status == 200


async def test_who_leaves_makes_room(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    """A search that is given up, as by a person who types another one, does not count any more."""
    under_way = 0

    async def slow(_aside: object, _asked: str, rows: list[Any], _of: Callable[..., object]) -> list[Any]:
        nonlocal under_way
        under_way += 1
        if _asked != "quick":
            await asyncio.Event().wait()
        return rows

    monkeypatch.setattr("dialer.web.customers.pages.customers.that_fit", slow)
    await people.system.import_rows("C1,黄山超市,13904700011,001,城区营销部")
    for n in range(1, 8):
        typed = asyncio.create_task(people.ask("leader", "GET", f"/floor/customers?q={n}"))
        await until(lambda n=n: under_way == n)
        typed.cancel()
        await asyncio.wait({typed})
        async with asyncio.timeout(60):
            while (await people.ask("leader", "GET", "/api/v1/visits")).status != 200:
                pass
    assert (await people.ask("leader", "GET", "/floor/customers?q=quick")).status == 200


async def test_a_system_has_more_room(system: System) -> None:
    """Twenty streams of one token, and not one more; another token has its own."""
    async with AsyncExitStack() as stack:

        async def listen(token: str) -> int:
            headers = {"Authorization": f"Bearer {system.tokens[token]}"}
            return (await stack.enter_async_context(system.http.get("/api/v1/events", headers=headers))).status

        assert [await listen("read") for _ in range(22)] == [200] * 20 + [429] * 2
        assert await listen("all") == 200


async def test_what_holds_everything_up_is_seen(system: System) -> None:
    """The service watches its own loop: a handler that blocks it is in the metrics and on the health page."""
    system.services.metrics.lag.note(0.0)
    before = system.services.metrics.lag.longest
    time.sleep(before + 0.6)  # the loop does nothing else meanwhile
    await until(lambda: system.services.metrics.lag.longest > before + 0.5)
    told = await lag_health(system.services.metrics.lag)
    assert (told.part, told.level) == ("lag", "degraded")
    assert "web.held_up" in told.words("zh")[1]
    async with system.http.get("/metrics") as response:
        text = await response.text()
    longest = next(line for line in text.splitlines() if line.startswith("dialer_loop_lag_longest_seconds "))
    assert float(longest.split()[1]) > 0.5
    assert 'dialer_loop_lag_seconds_bucket{le="0.5"}' in text
