"""What each role lets in."""

from __future__ import annotations

import pytest

from dialer.people.staff import Role, Staff
from dialer.web.kit.access import roles
from dialer.web.kit.access.roles import Policy
from tests.campaign.days import at


def person(role: Role, *, hears: bool = False) -> Staff:
    return Staff("1", "", role, password="", created_at=at(8), password_changed_at=at(8), recordings=hears)


WHO = {
    "agent": person(Role.AGENT, hears=True),
    "leader": person(Role.TEAM_LEADER, hears=True),
    "supervisor": person(Role.SUPERVISOR),
    "administrator": person(Role.ADMINISTRATOR),
    "administrator who hears": person(Role.ADMINISTRATOR, hears=True),
}
HEARS = "administrator who hears"
FLOOR = {"agent", "leader", "supervisor"}


@pytest.mark.parametrize(
    ("policy", "admitted"),
    [
        (Policy(roles.EVERYBODY), set(WHO)),
        (Policy(roles.FLOOR), FLOOR),
        (Policy(roles.LEADERS), FLOOR - {"agent"}),
        (Policy(roles.AGENT), {"agent"}),
        (Policy(roles.ADMINISTRATOR), {"administrator", HEARS}),
        (Policy(roles.AGENT, listeners=True), {"agent", "supervisor", HEARS}),
    ],
)
def test_who_is_let_in(policy: Policy, admitted: set[str]) -> None:
    """By role; recordings are for supervisors, and for administrators to whom it was given."""
    assert {name for name, staff in WHO.items() if policy.admits(staff)} == admitted


def test_nobody_hears_or_opens_unless_it_is_said() -> None:
    """What a row of the table leaves out."""
    assert Policy(roles.AGENT)[2:] == (False, False)
