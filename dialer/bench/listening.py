"""Figure 10: how soon a recording is heard: from the supervisor's key to the browser's "playing".

The recordings are those of the calls that were just made with 60 pages open, the service still runs, and each is opened
anew, so that nothing of it is in the browser yet. Played by Chromium without a sound card, as in a department whose PC
has one: what decodes and what waits is the same.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from dialer.bench import books
from dialer.bench.figure import Figure, percentile, value_at_most
from dialer.bench.http import http
from dialer.bench.running import Running

if TYPE_CHECKING:
    from playwright.async_api import Browser

_SUPERVISOR = "supervisor"
_PLAYABLE = "SELECT attempt FROM recordings WHERE state IN ('kept', 'faulty') AND duration_s > 1 LIMIT ?"
_STOPWATCH = """() => {
  const once = { capture: true, once: true }, now = () => performance.now();
  document.addEventListener("keydown", () => { window.pressed = now(); }, once);
  const audio = document.getElementById("audio");
  audio.addEventListener("playing", () => { window.startedAfter = now() - window.pressed; }, once);
}"""


async def measure(browser: Browser, service: Running, password: str, count: int) -> Figure:
    """The median over ``count`` recordings, in milliseconds."""
    async with http(service.url, service.token) as client:
        person = {"number": _SUPERVISOR, "name": _SUPERVISOR, "role": "supervisor", "password": password}
        await client.send("POST", "staff", {**person, "must_change": False})
    host, port = service.url
    context = await browser.new_context(base_url=f"http://{host}:{port}", locale="zh-CN")
    try:
        page = await context.new_page()
        await page.goto("/sign-in")
        await page.fill("#number", _SUPERVISOR)
        await page.fill("#password", password)
        await page.click("form[action='/sign-in'] button")
        await page.wait_for_url("**/recordings**")
        took = []
        for attempt in await _recordings(service, count):
            await page.goto(f"/recordings/{attempt}")
            await page.wait_for_selector("html[data-link=up]", state="attached")
            await page.evaluate(_STOPWATCH)
            await page.keyboard.press("Space")
            await page.wait_for_function("() => window.startedAfter !== undefined")
            took.append(float(await page.evaluate("() => window.startedAfter")))
    finally:
        await context.close()
    note = f"{len(took)} recordings, p99 {percentile(took, 99):.0f} ms"
    return Figure("play.start.median", percentile(took, 50), "ms", goal=value_at_most(300), note=note)


async def _recordings(service: Running, count: int) -> list[str]:
    """So many that have been taken in."""
    async with asyncio.timeout(60):
        while len(found := books.ask(service.place.settings.database, _PLAYABLE, count)) < count:
            service.alive()
            await asyncio.sleep(0.2)
    return [attempt for (attempt,) in found]
