"""Test calls: the administrator rings a phone and watches what becomes of it."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from dialer.language import N_
from dialer.phonetests.model import Finding, PhoneTest, Stage, is_free
from dialer.phonetests.words import cause, said, todo
from dialer.web.kit.access.roles import ADMINISTRATOR
from dialer.web.kit.page.day import every_agent
from dialer.web.kit.page.screen import Screen, page

SHOWN = 10
_KINDS: Mapping[Finding, str] = {
    Finding.WORKS: "good",
    Finding.SILENT: "warn",
    Finding.NO_ANSWER: "warn",
    Finding.BUSY: "warn",
    Finding.STOPPED: "idle",
}

_STEPS: Mapping[Stage, str] = {
    Stage.PLACED: N_("Placed"),
    Stage.RINGING: N_("Ringing"),
    Stage.ANSWERED: N_("Picked up"),
    Stage.ENDED: N_("Ended"),
}


async def show_test_calls(screen: Screen) -> web.StreamResponse:
    """The form, with the agents' phones to choose from, and the last test calls."""
    agents = every_agent(screen)
    return screen.render(
        "admin_test_calls.html",
        agents=agents,
        busy=[agent.number for agent in agents if not is_free(agent)],
        extension=screen.query.get("extension", ""),
        tests=_tests(screen),
    )


async def show_test_list(screen: Screen) -> web.StreamResponse:
    """The last test calls, live."""
    return screen.render("_admin_test_calls.html", tests=_tests(screen))


def _tests(screen: Screen) -> list[Mapping[str, object]]:
    return [_shown(screen, test) for test in screen.services.phone_tests.recent()[:SHOWN]]


def _shown(screen: Screen, test: PhoneTest) -> Mapping[str, object]:
    language = screen.language
    steps = [(Stage.PLACED, test.placed_at), (Stage.RINGING, test.ringing_at), (Stage.ANSWERED, test.answered_at)]
    return {
        "test": test,
        "said": said(test, language),
        "kind": "busy" if test.finding is None else _KINDS.get(test.finding, "bad"),
        "todo": todo(test, language),
        "evidence": cause(test),
        "steps": [(_STEPS[stage], at) for stage, at in (*steps, (Stage.ENDED, test.ended_at)) if at is not None],
    }


PAGES = (
    page("/admin/test-calls", show_test_calls, ADMINISTRATOR),
    page("/pages/admin/test-calls", show_test_list, ADMINISTRATOR),
)
