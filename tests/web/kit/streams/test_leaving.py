"""A client that leaves ends what it asked for, and nothing that it changes."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest
from aiohttp import ClientSession, web

from dialer.store.records.sums import SqlReportStore
from dialer.web.kit.http.leaving import aside, finish_changes
from tests.kit.waiting import until
from tests.web.people import People


async def leave(session: ClientSession, method: str, url: str, begun: asyncio.Event) -> None:
    """Ask, and hang up once the other side is at work."""
    asking = asyncio.create_task(session.request(method, url))
    async with asyncio.timeout(30):
        await begun.wait()
    asking.cancel()
    await asyncio.wait((asking,))


@pytest.mark.parametrize("report", ["unreached", "no-order"])
async def test_a_report_that_nobody_waits_for_ends(
    people: People, monkeypatch: pytest.MonkeyPatch, report: str
) -> None:
    """Its look-up is cancelled, so that the next report does not wait for it."""
    begun, left = asyncio.Event(), asyncio.Event()

    async def details(*_: object, **__: object) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            left.set()

    monkeypatch.setattr(SqlReportStore, "details", details)
    asking = asyncio.create_task(people.ask("leader", "GET", f"/reports/{report}/xlsx"))
    async with asyncio.timeout(30):
        await begun.wait()
        assert not left.is_set()
        asking.cancel()
        await left.wait()


async def test_what_changes_something_comes_to_its_end() -> None:
    """Reading is cut off; a change goes on, also while the server stops."""
    begun, go_on, done, cut = asyncio.Event(), asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def work(_request: web.Request) -> web.Response:
        begun.set()
        try:
            await go_on.wait()
        except asyncio.CancelledError:
            cut.set()
            raise
        done.set()
        return web.Response()

    app = web.Application()
    app.router.add_route("*", "/", work)
    finish_changes(app, 30)
    runner = web.AppRunner(app, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    async with ClientSession() as session:
        await leave(session, "GET", url, begun)
        await until(cut.is_set, "the reading was cut off")
        begun.clear()
        cut.clear()
        await leave(session, "POST", url, begun)
    stopping = asyncio.create_task(runner.cleanup())
    go_on.set()
    async with asyncio.timeout(30):
        await stopping
    assert done.is_set()
    assert not cut.is_set()


async def test_a_thread_is_told_that_nobody_waits() -> None:
    """It is asked in between."""
    begun, over = threading.Event(), threading.Event()

    def work(left: Callable[[], bool]) -> None:
        begun.set()
        while not left():
            pass
        over.set()

    waiting = asyncio.create_task(aside(work))
    await until(begun.is_set, "the thread is at work")
    waiting.cancel()
    await until(over.is_set, "the thread has stopped")
