"""The policy table, walked: every route of the API and every page, for every role, and the rows of others."""

from __future__ import annotations

import asyncio
import re

from dialer.people.staff import Role
from dialer.web.kit.access.roles import may_listen
from dialer.web.parts import PAGES, ROUTES
from tests.web.people import PEOPLE, People, browser

VALUES = {"visit": "1", "matter": "promise", "day": "2026-11-23", "number": "001"}


def path_of(path: str) -> str:
    """A path with made-up values."""
    return re.sub(r"{(\w+)}", lambda found: VALUES.get(found[1], "x"), path)


# What each role may do, written down a second time, by hand and the other way around: role -> operations.
ALL = set(PEOPLE)
LEAD = {"leader", "team_leader", "supervisor"}
MAY: dict[str, set[str]] = {
    "import_visits": {"leader", "supervisor"},
    "list_visits": LEAD | {"agent", "other"},
    "get_visit": LEAD | {"agent", "other"},
    "withdraw_visit": LEAD,
    "put_visit_back": LEAD,
    "reassign_visit": LEAD,
    "promise_visit": LEAD,
    "enter_by_hand": LEAD | {"agent", "other"},
    "why_customer": LEAD | {"agent", "other"},
    "withdraw_customer": LEAD,
    "correct_phone": LEAD,
    "get_attempt": LEAD | {"agent", "other"},
    "set_disposition": LEAD | {"agent", "other"},
    "clear_disposition": LEAD | {"agent", "other"},
    "set_remarks": LEAD | {"agent", "other"},
    "hang_up": LEAD | {"agent", "other"},
    "take_order": {"leader", "supervisor"},
    "list_open_orders": {"leader", "supervisor"},
    "get_order": {"leader", "supervisor"},
    "resolve_order": {"leader", "supervisor"},
    "list_agents": ALL,
    "save_agent": LEAD | {"administrator", "hearing_administrator"},
    "import_agents": {"leader", "supervisor", "administrator", "hearing_administrator"},
    "get_presence": LEAD | {"agent"},  # of agent 001
    "set_presence": LEAD | {"agent"},
    "get_current": LEAD | {"agent"},
    "pause_campaign": LEAD,
    "resume_campaign": LEAD,
    "take_over": {"leader", "supervisor", "administrator", "hearing_administrator"},
    "announce_late_start": {"leader", "supervisor"},
    "get_progress": LEAD,
    "tick_off": LEAD,
    "untick": LEAD,
    "listen_events": ALL,
    "list_recordings": {"supervisor", "hearing_administrator"},
    "get_recording": {"supervisor", "hearing_administrator"},
    "get_audio": {"supervisor", "hearing_administrator"},
    "get_audio_head": {"supervisor", "hearing_administrator"},
    "hold_recording": {"supervisor", "hearing_administrator"},
    "list_accesses": {"supervisor", "hearing_administrator"},
    "list_marks": {"supervisor", "hearing_administrator"},
    "add_mark": {"supervisor", "hearing_administrator"},
    "remove_mark": {"supervisor", "hearing_administrator"},
    "list_books": {"leader", "supervisor"},
    "get_reconciliation": {"supervisor"},
    "list_notices": {"leader", "supervisor"},
    "resend_notice": {"leader", "supervisor"},
    "acknowledge_notice": {"leader", "supervisor"},
    "list_board": {"leader", "supervisor"},
    "acknowledge_on_board": {"leader", "supervisor"},
    "list_calendar": LEAD | {"administrator", "hearing_administrator"},
    "set_calendar_day": {"leader", "supervisor", "administrator", "hearing_administrator"},
    "list_grants": {"supervisor", "administrator", "hearing_administrator"},
    "see_grant": {"supervisor", "administrator", "hearing_administrator"},
    "list_tokens": {"administrator", "hearing_administrator"},
    "create_token": {"administrator", "hearing_administrator"},
    "revoke_token": {"administrator", "hearing_administrator"},
    "list_staff": {"administrator", "hearing_administrator"},
    "add_staff": {"administrator", "hearing_administrator"},
    "change_staff": {"administrator", "hearing_administrator"},
    "set_password": {"administrator", "hearing_administrator"},
    "list_throttled": {"administrator", "hearing_administrator"},
    "clear_tries": {"administrator", "hearing_administrator"},
    "list_sessions": {"administrator", "hearing_administrator"},
    "end_sessions": {"administrator", "hearing_administrator"},
    "place_test_call": {"administrator", "hearing_administrator"},
    "list_test_calls": {"administrator", "hearing_administrator"},
    "get_test_call": {"administrator", "hearing_administrator"},
    "stop_test_call": {"administrator", "hearing_administrator"},
    "search_audit_log": {"supervisor", "administrator", "hearing_administrator"},
    "list_backups": {"administrator", "hearing_administrator"},
    "make_backup": {"administrator", "hearing_administrator"},
}

GOOD_BODIES: dict[str, dict[str, object]] = {
    "save_agent": {"extension": "8001", "team": "A"},
    "reassign_visit": {"team": "A"},
    "promise_visit": {"at": "10:30"},
    "correct_phone": {"phone": "13904700009"},
    "set_disposition": {"result": "not_needed"},
    "set_remarks": {"text": "x"},
    "set_presence": {"presence": "paused"},
    "hold_recording": {"hold": True, "reason": "x"},
    "set_calendar_day": {"working": True},
    "resolve_order": {"attempt": "x"},
    "take_order": {"number": "N1", "customer": "C1"},
}


def test_every_route_is_in_the_table() -> None:
    """No route is closed to every role, and none is there twice; the second table has them all as well."""
    assert len({(route.method, route.path) for route in ROUTES}) == len(ROUTES)
    assert all(route.policy.roles for route in ROUTES)
    assert {route.name for route in ROUTES} == set(MAY)


def test_every_page_says_who_may_open_it() -> None:
    """Open to everybody is nothing but signing in; every address is there once."""
    assert {(page.method, page.path) for page in PAGES if page.policy is None} == {
        ("GET", "/sign-in"),
        ("POST", "/sign-in"),
    }
    assert len({(page.method, page.path) for page in PAGES}) == len(PAGES)
    assert all(page.policy.roles for page in PAGES if page.policy is not None)


QUERIES = {"list_books": "?since=2026-11-23T00:00:00Z&until=2026-11-24T00:00:00Z"}


async def test_every_route_for_every_role(people: People) -> None:
    """Who is not in the table gets 403, who is in it gets past the guard, and nobody finds a defect."""
    wrong = []
    for route in ROUTES:
        if route.media == "text/event-stream":
            continue  # below
        for who in PEOPLE:
            path, body = f"/api/v1{path_of(route.path)}{QUERIES.get(route.name, '')}", GOOD_BODIES.get(route.name, {})
            status = (await people.ask(who, route.method, path, json=body)).status
            if (status == 403) is (who in MAY[route.name]) or status == 401 or status >= 500:
                wrong.append((route.name, who, status))
        if route.name == "end_sessions":
            await people.again("agent")
    assert wrong == []


async def test_every_page_for_every_role(people: People) -> None:
    """A page opens for the roles of its row; for others there is an error page, and without a session the sign-in."""
    wrong: list[tuple[str, str, int]] = []
    async with browser(people.system) as nobody:
        for page in PAGES:
            if page.policy is None:
                continue
            for who, (number, role, _, _) in PEOPLE.items():
                staff = await people.system.services.accounts.store.staff(number)
                assert staff is not None
                may = role in page.policy.roles or (page.policy.listeners and may_listen(staff))
                answer = await people.ask(who, page.method, path_of(page.path), data={}, follow=False)
                told = answer.status != 403 or "您的角色没有此权限" in answer.text
                if (answer.status == 403) is may or not told or answer.status == 401 or answer.status >= 500:
                    wrong.append((page.path, who, answer.status))
                if page.path == "/sign-out":
                    await people.again(who)
            async with nobody.request(page.method, path_of(page.path), allow_redirects=False) as response:
                if response.status != 303 or not response.headers["Location"].startswith("/sign-in"):
                    wrong.append((page.path, "nobody", response.status))
    assert wrong == []


async def test_recordings_by_guessed_id(people: People) -> None:
    """Somebody who may not hear recordings gets the same answer for one that exists and one that does not."""
    system = people.system
    attempt = await system.conversation()
    await system.record(attempt)
    for who, (_, role, _, flagged) in PEOPLE.items():
        hearing = role is Role.SUPERVISOR or flagged
        for path in ("", "/audio", "/accesses"):
            real = await people.ask(who, "GET", f"/api/v1/recordings/{attempt}{path}")
            made_up = await people.ask(who, "GET", f"/api/v1/recordings/{attempt[:-1]}x{path}")
            if hearing:
                assert real.status == 200
            else:
                assert (real.status, real.text) == (made_up.status, made_up.text)
                assert real.status == 403
        held = await people.ask(who, "PUT", f"/api/v1/recordings/{attempt}/hold", json={"hold": True, "reason": "x"})
        assert (held.status == 200) is hearing


async def test_an_agent_sees_their_own_customers_only(people: People) -> None:
    """Visits, why, calls and results of another agent's customer are not there for this one."""
    system = people.system
    await system.import_rows("C1,一店,13904700001,001,城区", "C2,二店,13904700002,002,城区")
    await system.ask("PUT", "/agents/001/presence", json={"presence": "ready"})
    await system.until(lambda: system.attempts)
    attempt = next(iter(system.attempts.values()))
    mine, theirs = (
        next(v.id for v in system.engine.state.days[system.today].visits.values() if v.customer == code)
        for code in ("C1", "C2")
    )
    for who, own, foreign in (("agent", "C1", "C2"), ("other", "C2", "C1")):
        text = await people.api(who, "GET", "/visits")
        assert own in text
        assert foreign not in text
        await people.api(who, "GET", f"/customers/{own}/why")
        await people.api(who, "GET", f"/customers/{foreign}/why", status=404)
    await people.api("agent", "GET", f"/visits/{mine}")
    await people.api("agent", "GET", f"/visits/{theirs}", status=404)
    await people.api("agent", "GET", f"/attempts/{attempt.id}")
    await people.api("other", "GET", f"/attempts/{attempt.id}", status=404)
    await people.api("other", "POST", f"/attempts/{attempt.id}/hang-up", status=404)
    await people.api("other", "PUT", f"/attempts/{attempt.id}/disposition", {"result": "refused"}, status=404)
    await people.api("other", "GET", "/agents/001/current", status=403)
    await people.api("other", "PUT", "/agents/001/presence", {"presence": "paused"}, status=403)
    assert '"002"' not in await people.api("agent", "GET", "/agents")


async def test_a_team_leader_sees_their_team_only(people: People) -> None:
    """Team A's leader neither sees nor changes what is team B's; the leader of the department does."""
    system = people.system
    await system.import_rows("C1,一店,13904700001,001,城区", "C2,二店,13904700002,002,城区")
    visits = {v.customer: v.id for v in system.engine.state.days[system.today].visits.values()}
    text = await people.api("team_leader", "GET", "/visits")
    assert ("C1" in text, "C2" in text) == (True, False)
    await people.api("team_leader", "GET", f"/visits/{visits['C2']}", status=404)
    await people.api("team_leader", "POST", f"/visits/{visits['C2']}/withdraw", {}, status=404)
    await people.api("team_leader", "PUT", "/customers/C2/phone", {"phone": "13904700009"}, status=404)
    await people.api("team_leader", "POST", f"/visits/{visits['C1']}/reassign", {"agent": "002"}, status=403)
    await people.api("team_leader", "POST", f"/visits/{visits['C1']}/reassign", {"team": "B"}, status=403)
    await people.api("team_leader", "PUT", "/agents/002", {"extension": "1", "team": "A"}, status=403)
    await people.api("team_leader", "PUT", "/agents/001", {"extension": "1", "team": "B"}, status=403)
    assert '"002"' not in await people.api("team_leader", "GET", "/agents")
    assert '"002"' not in await people.api("team_leader", "GET", "/progress")
    assert '"002"' in await people.api("leader", "GET", "/progress")
    await people.api("leader", "POST", f"/visits/{visits['C2']}/reassign", {"agent": "001"})
    await people.api("team_leader", "POST", f"/visits/{visits['C2']}/withdraw", {})


async def heard(people: People, who: str, until: str, standing: asyncio.Queue[str]) -> list[tuple[str, str]]:
    """(event, data) of somebody's stream up to the event that contains ``until``."""
    found: list[tuple[str, str]] = []
    async with people.browsers[who].get("/api/v1/events") as response:
        assert response.status == 200
        name = ""
        standing.put_nowait(who)
        async for line in response.content:
            text = line.decode().rstrip()
            if text.startswith("event: "):
                name = text[7:]
            elif text.startswith("data: "):
                found.append((name, text[6:]))
                if until in text:
                    return found
    raise AssertionError(f"the stream of {who} ended")


async def test_the_stream_is_filtered(people: People) -> None:
    """Each hears of their own visits, calls and agents; all hear that calling is paused, which ends this test."""
    system, standing = people.system, asyncio.Queue[str]()
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        streams = {who: group.create_task(heard(people, who, '"paused"', standing)) for who in PEOPLE}
        for _ in PEOPLE:
            await standing.get()
        await system.import_rows("C1,一店,13904700001,001,城区", "C2,二店,13904700002,002,城区")
        await system.ask("PUT", "/agents/001/presence", json={"presence": "ready"})
        await system.ask("PUT", "/agents/002/presence", json={"presence": "ready"})
        await system.until(lambda: len(system.attempts) == 2)
        await system.ask("POST", "/campaign/pause", json={"reason": "end"}, status=204)
    told = {who: "".join(data for name, data in task.result() if name != "reset") for who, task in streams.items()}
    sees = {who: ("C1" in text, "C2" in text) for who, text in told.items()}
    assert sees == {
        "agent": (True, False),
        "other": (False, True),
        "leader": (True, True),
        "team_leader": (True, False),
        "supervisor": (True, True),
        "administrator": (False, False),
        "hearing_administrator": (False, False),
    }
