"""Rights are asked for at every moment: what is under way for somebody ends when their session ends or their role does.

One family: streams, files that are being sent, look-ups that take long, and bodies that come slowly.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from dialer.people.accounts import Accounts, SignInRefused
from dialer.people.passwords import Passwords
from dialer.people.staff import Role
from dialer.recording.reconcile import Reconciliation
from tests.web.people import PASSWORD, People, open_people
from tests.web.system import CLOCK, QUICK

Change = Callable[[People], Awaitable[object]]


CHANGES: dict[str, Change] = {
    "made an agent": lambda p: p.system.services.accounts.change("910", role=Role.AGENT),
    "disabled": lambda p: p.system.services.accounts.change("910", disabled=True),
    "given another password": lambda p: p.system.services.accounts.set_password("910", "battery horse correct"),
    "signed out by somebody else": lambda p: p.system.services.accounts.revoke_all("910"),
    "gone by themselves": lambda p: p.ask("supervisor", "POST", "/sign-out", follow=False),
    "made the leader of a team": lambda p: p.system.services.accounts.change("910", role=Role.TEAM_LEADER, team="A"),
}


async def opened(response: aiohttp.ClientResponse) -> None:
    """Wait until a stream stands."""
    assert response.status == 200
    async with asyncio.timeout(60):
        assert b"hello" in await response.content.readuntil(b"\n\n")


@pytest.mark.parametrize("what", CHANGES)
async def test_a_stream_ends_at_once_with_the_rights_it_was_opened_with(people: People, what: str) -> None:
    """Without waiting for an event or a heartbeat; what is committed afterwards is not in it."""
    async with people.browsers["supervisor"].get("/api/v1/events") as response:
        await opened(response)
        await CHANGES[what](people)
        await people.system.import_rows("SECRET1,一店,13904700001,002,城区")
        async with asyncio.timeout(60):
            rest = await response.content.read()
    assert b"SECRET1" not in rest


async def test_what_waits_for_a_client_is_for_those_who_may_see_it_now(people: People) -> None:
    """The change and the event come in one go, before the stream has had its turn."""
    system = people.system
    accounts = system.services.accounts
    async with people.browsers["supervisor"].get("/api/v1/events") as response:
        await opened(response)
        await system.import_rows("SECRET1,一店,13904700001,002,城区")
        await accounts.change("910", role=Role.AGENT)
        await system.ask("POST", "/campaign/pause", json={"reason": "SECRET2"}, status=204)
        async with asyncio.timeout(60):
            rest = await response.content.read()
    assert b"SECRET2" not in rest


async def test_who_comes_back_gets_what_they_may_see_now(people: People) -> None:
    """Also of what was missed: the supervisor who was made agent 002 catches up on nobody else's customers."""
    system = people.system
    async with people.browsers["supervisor"].get("/api/v1/events") as response:
        await opened(response)
        await system.import_rows("MINE1,一店,13904700001,001,城区")
        events = [b""]
        async with asyncio.timeout(60):
            while b"MINE1" not in events[-1]:
                events.append(await response.content.readuntil(b"\n\n"))
    seen = next(line[4:] for line in events[-2].decode().splitlines() if line.startswith("id: "))
    await system.services.accounts.change("910", role=Role.AGENT)
    async with people.browsers["supervisor"].get("/api/v1/events", headers={"Last-Event-ID": seen}) as response:
        await opened(response)
        await system.ask("POST", "/campaign/pause", json={"reason": "end"}, status=204)
        got = b""
        async with asyncio.timeout(60):
            while b'"paused"' not in got:
                got += await response.content.readany()
    assert b"MINE1" not in got


async def test_a_stream_goes_on_when_nothing_of_its_rights_changes(people: People) -> None:
    """Another language, another name, somebody else's account: no reason to begin anew."""
    system = people.system
    async with people.browsers["supervisor"].get("/api/v1/events") as response:
        await opened(response)
        await system.services.accounts.set_language("910", "en")
        await system.services.accounts.change("910", name="another")
        await system.services.accounts.change("002", disabled=True)
        await system.ask("POST", "/campaign/pause", json={"reason": "heard"}, status=204)
        async with asyncio.timeout(60):
            while b"heard" not in await response.content.readuntil(b"\n\n"):
                pass


async def test_a_stream_ends_at_once_with_its_token(people: People) -> None:
    """As with a session."""
    system = people.system
    headers = {"Authorization": f"Bearer {system.tokens['read']}"}
    async with system.http.get("/api/v1/events", headers=headers) as response:
        await opened(response)
        await system.ask("DELETE", "/tokens/read", status=204)
        async with asyncio.timeout(60):
            rest = await response.content.read()
    assert b"event: " not in rest.replace(b"event: reset", b"")


async def test_a_recording_stops_in_the_middle(people: People) -> None:
    """Of a long one no more is sent than what was under way."""
    system = people.system
    attempt = await system.conversation()
    size = len(await system.record(attempt, 1500.0))
    async with people.browsers["supervisor"].get(f"/api/v1/recordings/{attempt}/audio") as response:
        assert response.content_length == size
        await response.content.read(1000)
        await system.services.accounts.change("910", role=Role.AGENT)
        with pytest.raises(aiohttp.ClientPayloadError):
            await response.content.read()


@pytest.mark.parametrize("what", ["made an agent", "disabled", "gone by themselves"])
async def test_a_list_that_comes_slowly_is_not_taken_from_somebody_who_may_no_more(people: People, what: str) -> None:
    """Rights are asked again once the body is there: it may take minutes."""
    system = people.system
    begun, go = asyncio.Event(), asyncio.Event()

    async def slowly() -> AsyncIterator[bytes]:
        yield "客户代码,店铺名称,主访销电话,电访员,营销部\n".encode()
        begun.set()
        await go.wait()
        yield "C1,一店,13904700001,001,城区".encode()

    sent = asyncio.create_task(
        people.ask("supervisor", "POST", "/api/v1/visits?filename=list.csv", data=slowly(), follow=False)
    )
    await begun.wait()
    await CHANGES[what](people)
    go.set()
    assert (await sent).status in (401, 403)
    assert not system.engine.state.days[system.today].visits


@pytest.mark.parametrize("path", ["/reports/reconciliation", "/api/v1/reconciliation?day=2026-11-23"])
async def test_a_report_that_takes_long_reaches_nobody_who_may_not_see_it(folder: Path, path: str) -> None:
    """Rights are asked again before the answer leaves."""
    begun, go = asyncio.Event(), asyncio.Event()

    async def slow(day: date) -> Reconciliation:
        begun.set()
        await go.wait()
        return Reconciliation(day)

    async with open_people(folder, reconcile=slow) as people:
        asked = asyncio.create_task(people.ask("supervisor", "GET", path, follow=False))
        await asyncio.wait({asked, begun_task := asyncio.create_task(begun.wait())}, return_when="FIRST_COMPLETED")
        assert begun_task.done()
        await people.system.services.accounts.change("910", role=Role.AGENT)
        go.set()
        assert (await asked).status == 403


async def test_an_account_that_is_changed_while_its_password_is_looked_at(people: People) -> None:
    """A hash takes its time; whoever signs in meanwhile has the rights that they have now, or does not get in."""
    accounts, changes = people.system.services.accounts, [dict[str, Any](role=Role.AGENT), {"disabled": True}]

    class Slow(Passwords):
        async def fits(self, hashed: str | None, password: str) -> bool:
            found = await QUICK.fits(hashed, password)
            await accounts.change("910", **changes.pop(0))
            return found

    slowly = Accounts(accounts.store, accounts._sessions, accounts.audit, CLOCK, Slow())
    signed = await slowly.sign_in("910", PASSWORD, "127.0.0.1", "")
    assert signed.staff.role is Role.AGENT
    with pytest.raises(SignInRefused):
        await slowly.sign_in("910", PASSWORD, "127.0.0.1", "")
