"""Test calls: the administrator rings a phone and watches what becomes of it."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from dialer.language import N_
from dialer.phonetests.model import Finding, is_free
from dialer.phonetests.words import cause, said, todo
from dialer.web.kit.access.roles import ADMINISTRATOR
from dialer.web.kit.page.day import every_agent
from dialer.web.kit.page.screen import Screen, page

SHOWN = 10
_KINDS: Mapping[Finding, str] = {
    Finding.WORKS: "good",
    Finding.SILENT: "warn",
    Finding.INTERCEPTED: "warn",
    Finding.NO_ANSWER: "warn",
    Finding.BUSY: "warn",
    Finding.STOPPED: "idle",
}

_STEPS = {
    "placed_at": N_("Placed"),
    "ringing_at": N_("Ringing"),
    "answered_at": N_("Picked up"),
    "ended_at": N_("Ended"),
}
"""The times of a test call, in their order."""


async def show_test_calls(screen: Screen) -> web.StreamResponse:
    """The form, with the agents' phones to choose from, and the last test calls."""
    agents = every_agent(screen)
    tests = [
        {
            "test": test,
            "said": said(test, screen.language),
            "kind": "busy" if test.finding is None else _KINDS.get(test.finding, "bad"),
            "todo": todo(test, screen.language),
            "evidence": cause(test),
            "steps": [(words, at) for name, words in _STEPS.items() if (at := getattr(test, name)) is not None],
        }
        for test in screen.services.phone_tests.recent()[:SHOWN]
    ]
    return screen.render_live(
        "admin_test_calls.html",
        agents=agents,
        busy=[agent.number for agent in agents if not is_free(agent)],
        extension=screen.query.get("extension", ""),
        tests=tests,
    )


PAGES = (
    page("/admin/test-calls", show_test_calls, ADMINISTRATOR),
    page("/pages/admin/test-calls", show_test_calls, ADMINISTRATOR),
)
