"""Rights that somebody gives stand until another person has seen them; and somebody always administers."""

from __future__ import annotations

import asyncio
import json

import pytest

from dialer.people.grants import Grant, Right
from dialer.people.staff import LastAdministrator, Role
from tests.web.people import PASSWORD, People
from tests.web.system import Json

NEW = {"name": "", "password": PASSWORD, "must_change": False}


async def unseen(people: People) -> list[Grant]:
    return await people.system.services.accounts.store.unseen()


async def given(people: People) -> list[tuple[str, Right, str]]:
    """(by, right, target) of each."""
    return [(grant.by_staff or grant.by, grant.right, grant.target) for grant in await unseen(people)]


@pytest.mark.parametrize("change", [{"recordings": True}, {"role": "supervisor"}, {"disabled": True}, {"team": "A"}])
async def test_nobody_changes_their_own_rights(people: People, change: Json) -> None:
    """Neither up nor down; their own name they may."""
    answer = json.loads(await people.api("administrator", "PUT", "/staff/990", change, status=409))
    assert answer["error"] == "own-account"
    await people.api("administrator", "PUT", "/staff/990", {"name": "李明"})
    assert await unseen(people) == []


@pytest.mark.parametrize(
    ("method", "path", "body", "right", "target"),
    [
        ("POST", "/tokens", {"name": "mine", "scopes": ["read"]}, Right.TOKEN, "mine"),
        ("POST", "/tokens", {"name": "mine", "scopes": ["recordings", "admin"]}, Right.TOKEN, "mine"),
        ("POST", "/staff", {"number": "x", "role": "administrator", **NEW}, Right.ADMINISTRATION, "x"),
        ("POST", "/staff", {"number": "x", "role": "supervisor", **NEW}, Right.SUPERVISION, "x"),
        ("POST", "/staff", {"number": "x", "role": "team_leader", **NEW}, Right.SUPERVISION, "x"),
        ("PUT", "/staff/001", {"role": "administrator"}, Right.ADMINISTRATION, "001"),
        ("PUT", "/staff/901", {"team": ""}, Right.SUPERVISION, "901"),
        ("PUT", "/staff/910/password", {"password": "battery horse correct"}, Right.PASSWORD, "910"),
        ("PUT", "/staff/991/password", {"password": "battery horse correct"}, Right.PASSWORD, "991"),
    ],
)
async def test_what_gives_rights_stands_on_the_pages(
    people: People, method: str, path: str, body: Json, right: Right, target: str
) -> None:
    """For administrators and supervisors, on every page, until one who has no part in it has seen it."""
    answer = await people.ask("administrator", method, f"/api/v1{path}", json=body)
    assert answer.status in (200, 201), answer.text
    assert ("990", right, target) in await given(people)
    assert (await unseen(people))[0].by == "990 administrator 王"
    for who in ("administrator", "agent", "leader"):
        assert "/seen" not in await people.get(who, "/pages/strip")
    assert target in await people.get("administrator", "/pages/strip")
    (grant,) = await unseen(people)
    await people.api("administrator", "POST", f"/grants/{grant.id}/seen", {}, status=409)
    for system in ("admin", "all"):
        await people.system.ask("POST", f"/grants/{grant.id}/seen", token=system, status=409)
    who = "supervisor" if target == "991" else "hearing_administrator"
    assert f"/grants/{grant.id}/seen" in await people.get(who, "/pages/strip")
    await people.api(who, "POST", f"/grants/{grant.id}/seen", {}, status=204)
    assert await unseen(people) == []
    await people.api(who, "POST", f"/grants/{grant.id}/seen", {}, status=404)
    assert target not in await people.get("administrator", "/pages/strip")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/staff", {"number": "x", "role": "agent", **NEW}),
        ("POST", "/staff", {"number": "x", "role": "team_leader", "team": "A", **NEW}),
        ("PUT", "/staff/001", {"name": "another"}),
        ("PUT", "/staff/001/password", {"password": "battery horse correct"}),
        ("PUT", "/staff/991", {"recordings": False}),
        ("PUT", "/staff/910", {"disabled": True}),
    ],
)
async def test_what_gives_nothing_stands_nowhere(people: People, method: str, path: str, body: Json) -> None:
    """An agent, a leader of one team, a right that is taken away."""
    answer = await people.ask("administrator", method, f"/api/v1{path}", json=body)
    assert answer.status in (200, 201), answer.text
    assert await unseen(people) == []


async def test_an_accomplice_of_one_s_own_making_sees_nothing_for_one(people: People) -> None:
    """An account that an administrator made, enabled or has the password of has a part in what they give."""
    await people.api("administrator", "POST", "/tokens", {"name": "mine", "scopes": ["read"]}, status=201)
    await people.api("administrator", "PUT", "/staff/910/password", {"password": PASSWORD, "must_change": False})
    await people.again("supervisor")
    for grant in await unseen(people):
        await people.api("supervisor", "POST", f"/grants/{grant.id}/seen", {}, status=409)
    for grant in await unseen(people):
        await people.api("hearing_administrator", "POST", f"/grants/{grant.id}/seen", {}, status=204)
    assert await unseen(people) == []


async def test_a_system_gives_no_right_in_silence(people: People) -> None:
    """Nor does a token with the scope admin: it is named as who gave it."""
    await people.system.ask(
        "POST", "/staff", token="admin", json={"number": "x", "role": "supervisor", **NEW}, status=201
    )
    assert await given(people) == [("admin", Right.SUPERVISION, "x")]


@pytest.mark.parametrize("change", [{"role": "agent"}, {"disabled": True}])
async def test_the_last_administrator_stays_one(people: People, change: Json) -> None:
    """Whoever asks, and however; only the command line of this machine can insist."""
    await people.api("administrator", "PUT", "/staff/991", change)
    answer = await people.system.ask("PUT", "/staff/990", token="admin", json=change, status=409)
    assert answer["error"] == "last-administrator"
    await people.system.ask("PUT", "/staff/990", token="all", json={**change, "force": True}, status=403)
    await people.api("administrator", "PUT", "/staff/991", {**change, "force": True}, status=403)
    assert "/admin" in (await people.ask("administrator", "GET", "/admin")).url


async def test_two_administrators_who_put_each_other_out_at_once(people: People) -> None:
    """One of them stays, whoever comes first."""
    accounts = people.system.services.accounts
    answers = await asyncio.gather(
        *(accounts.change(number, role=Role.AGENT) for number in ("990", "991")),
        *(accounts.change(number, disabled=True) for number in ("990", "991")),
        return_exceptions=True,
    )
    assert any(isinstance(answer, LastAdministrator) for answer in answers)
    assert [staff.number for staff in await accounts.store.everybody() if staff.administers] in (["990"], ["991"])
