"""Staff: accounts, passwords, sessions."""

from __future__ import annotations

import secrets
from collections import Counter

from aiohttp import web

from dialer.campaign.model.customer import Customer
from dialer.errors import NotFound
from dialer.people.staff import Role, Staff
from dialer.web.kit.access.roles import ADMINISTRATOR
from dialer.web.kit.page.day import every_agent
from dialer.web.kit.page.paging import sliced, wanted_page
from dialer.web.kit.page.screen import Screen, page
from dialer.web.kit.search import Word, plain

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is mistaken for another


async def show_staff(screen: Screen) -> web.StreamResponse:
    """Every account, and a form for a new one."""
    accounts, query = screen.services.accounts, screen.query
    everybody = await accounts.store.everybody()
    team_of = {agent.number: agent.team for agent in every_agent(screen) if agent.team}  # their accounts need none
    found = [
        staff
        for staff in everybody
        if _fits(staff, team_of.get(staff.number, ""), query.get("q", ""), query.get("role", ""))
    ]
    part = wanted_page(query)
    return screen.render(
        "admin_staff.html",
        slice=sliced(found[part.offset : part.offset + part.limit], "/admin/staff", query),
        total=len(found),
        throttled=await accounts.throttled(),
        sessions=Counter(session.staff for session in await accounts.sessions()),
        roles=list(Role),
        teams=teams(screen),
        team_of=team_of,
        doubts={staff.number: doubts(screen, staff) for staff in everybody},
        suggestion=suggestion(),
        without=sorted({agent.number for agent in every_agent(screen)} - {staff.number for staff in everybody}),
    )


async def show_person(screen: Screen) -> web.StreamResponse:
    """One account: what can be changed, a new password, where the person is signed in."""
    accounts, number = screen.services.accounts, screen.path["number"]
    person = await accounts.store.staff(number)
    if person is None:
        raise NotFound(f"there is no account '{number}'")
    return screen.render(
        "admin_person.html",
        person=person,
        own=number == screen.staff.number,
        doubts=doubts(screen, person),
        sessions=await accounts.sessions(number),
        roles=list(Role),
        teams=teams(screen),
        suggestion=suggestion(),
    )


def suggestion() -> str:
    """A password to hand over: 12 of 31 signs are 59 bits, and the person replaces it at the first sign-in."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))


def doubts(screen: Screen, staff: Staff) -> list[str]:
    """What an account names that there is not: it may come yet, or be a slip of the pen."""
    found, agents = [], every_agent(screen)
    if staff.role is Role.AGENT and staff.number not in {agent.number for agent in agents}:
        found.append(screen.t("There is no agent with the staff number {number} yet.", number=staff.number))
    if staff.team and staff.team not in teams(screen):
        found.append(screen.t("No agent is in the team “{team}” yet.", team=staff.team))
    return found


def teams(screen: Screen) -> list[str]:
    """The teams that there are, to choose from."""
    return sorted({agent.team for agent in every_agent(screen) if agent.team})


def _fits(staff: Staff, team: str, text: str, role: str) -> bool:
    person = Customer(staff.number, staff.team or team, staff.name)
    return all(Word(word).fits(person, "") for word in plain(text).split()) and role in ("", staff.role)


PAGES = (
    page("/admin/staff", show_staff, ADMINISTRATOR),
    page("/admin/staff/{number}", show_person, ADMINISTRATOR),
)
