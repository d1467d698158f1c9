"""Figure 10: how soon a recording is heard: from the supervisor's key to the browser's "playing".

The recordings are of calls that were made just before; each is opened anew, so that nothing of it is in the browser
yet. Chromium plays without a sound card here: what fetches, decodes and waits is the same with one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dialer.demo.client import Client
from tests.bench import books
from tests.bench.figure import Figure, percentile, value_at_most
from tests.bench.ground import HEARD, SPEAKS, Ground
from tests.bench.running import Running, running
from tests.kit.browser import open_browser, sign_in

if TYPE_CHECKING:
    from playwright.async_api import Browser

_SUPERVISOR = "supervisor"
_PASSWORD = "only for this measurement"  # noqa: S105 - of an account that lasts as long as it
_KEPT = "SELECT attempt FROM recordings WHERE state = 'kept'"
_STOPWATCH = """() => {
  const once = { capture: true, once: true }, now = () => performance.now();
  document.addEventListener("keydown", () => { window.pressed = now(); }, once);
  const audio = document.getElementById("audio");
  audio.addEventListener("playing", () => { window.startedAfter = now() - window.pressed; }, once);
}"""


@dataclass(frozen=True, slots=True)
class Size:
    """How many recordings are heard."""

    recordings: int = 20


async def measure(ground: Ground, size: Size | None = None) -> list[Figure]:
    """The median, in milliseconds."""
    size = size or Size()
    place = await ground.place(HEARD, calls_per_second=5, wrap_up_s=600)
    await place.fill(visits=size.recordings, agents=size.recordings, phone=SPEAKS)
    async with open_browser() as browser, running(place) as service:
        ground.say(f"play.start: {size.recordings} calls are recorded")
        async with asyncio.timeout(90):
            while len(books.ask(place.settings.database, _KEPT)) < size.recordings:
                service.alive()
                await asyncio.sleep(0.2)
        took = await _heard(browser, service, [attempt for (attempt,) in books.ask(place.settings.database, _KEPT)])
    await ground.rig.office.idle(60)
    note = f"{len(took)} recordings, p99 {percentile(took, 99):.0f} ms"
    return [Figure("play.start.median", percentile(took, 50), "ms", goal=value_at_most(300), note=note)]


async def _heard(browser: Browser, service: Running, recordings: Sequence[str]) -> list[float]:
    async with Client(service.data) as client:
        person = {"number": _SUPERVISOR, "name": _SUPERVISOR, "role": "supervisor", "password": _PASSWORD}
        await client.send("POST", "staff", {**person, "must_change": False})
    context = await browser.new_context(base_url=service.url, locale="zh-CN")
    try:
        page = await context.new_page()
        await sign_in(page, _SUPERVISOR, _PASSWORD)
        await page.wait_for_url("**/recordings**")
        took = []
        for attempt in recordings:
            await page.goto(f"/recordings/{attempt}")
            await page.wait_for_selector("html[data-link=up]", state="attached")
            await page.evaluate(_STOPWATCH)
            await page.keyboard.press("Space")
            await page.wait_for_function("() => window.startedAfter !== undefined")
            took.append(float(await page.evaluate("() => window.startedAfter")))
    finally:
        await context.close()
    return took
