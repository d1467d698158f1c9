"""Which rows and events are whose: the table of :mod:`dialer.web.kit.access.rows`, role by role."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from dialer.people.staff import Role, Staff
from dialer.web.kit.access.rows import Owner, Rows

THEN = datetime(2026, 11, 23, tzinfo=UTC)
TEAMS = {"001": "north", "002": "north", "003": "south", "004": ""}
STATE: Any = SimpleNamespace(
    agents={number: SimpleNamespace(number=number, team=team or None) for number, team in TEAMS.items()}
)


def rows(role: Role, number: str = "001", team: str | None = None) -> Rows:
    return Rows(Staff(number, "", role, password="", created_at=THEN, password_changed_at=THEN, team=team))


AGENT = rows(Role.AGENT)
LEADER = rows(Role.TEAM_LEADER, "010", "north")
LEADER_OF_ALL = rows(Role.TEAM_LEADER, "010")
SUPERVISOR = rows(Role.SUPERVISOR, "020")
ADMINISTRATOR = rows(Role.ADMINISTRATOR, "030")
SYSTEM = Rows()


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        (AGENT, {"001"}),
        (LEADER, {"001", "002"}),
        (LEADER_OF_ALL, set(TEAMS)),
        (SUPERVISOR, set(TEAMS)),
        (ADMINISTRATOR, set()),
        (SYSTEM, set(TEAMS)),
    ],
    ids=["agent", "leader", "leader of all", "supervisor", "administrator", "system"],
)
def test_what_belongs_to_an_agent(who: Rows, seen: set[str]) -> None:
    """Also their visits and the events about them; what belongs to nobody is for those who see everything."""
    assert {number for number in TEAMS if who.agent(number, STATE)} == seen
    assert {number for number in TEAMS if who.visit(Owner(number), STATE)} == seen
    assert {number for number in TEAMS if who.event("attempt", Owner(number), STATE)} == seen
    everything = seen == set(TEAMS)
    assert who.everything == everything
    assert who.agent(None, STATE) == who.visit(Owner(None), STATE) == who.event("order", None, STATE) == everything
    scope = who.scope(STATE)
    assert (scope is None) == everything
    assert scope is None or scope.agents == seen
    listed = {agent.number for agent in who.agents(STATE)}
    assert listed == (set(TEAMS) if who is ADMINISTRATOR else seen)


@pytest.mark.parametrize(
    ("who", "seen"),
    [(AGENT, set()), (LEADER, {"north"}), (LEADER_OF_ALL, {"north", "south"}), (SUPERVISOR, {"north", "south"}),
     (ADMINISTRATOR, set()), (SYSTEM, {"north", "south"})],
    ids=["agent", "leader", "leader of all", "supervisor", "administrator", "system"],
)  # fmt: skip
def test_a_visit_that_a_team_shares(who: Rows, seen: set[str]) -> None:
    """It is the leader's of that team alone, whichever agent has it now."""
    for agent in (None, "003"):
        assert {team for team in ("north", "south") if who.visit(Owner(agent, team), STATE)} == seen
    scope = who.scope(STATE)
    assert scope is None or scope.team == ("north" if who is LEADER else None)


def test_a_leader_without_a_state_to_look_in_sees_no_agent() -> None:
    """While the service starts nobody knows who is in which team."""
    assert not LEADER.agent("001", None)
    assert SUPERVISOR.agent("001", None)


@pytest.mark.parametrize(
    ("event", "seen_by"),
    [
        ("campaign", {AGENT, LEADER, SUPERVISOR, ADMINISTRATOR, SYSTEM}),
        ("reset", {AGENT, LEADER, SUPERVISOR, ADMINISTRATOR, SYSTEM}),
        ("alarm", {LEADER, SUPERVISOR, ADMINISTRATOR, SYSTEM}),
        ("test_call", {ADMINISTRATOR, SYSTEM}),
        ("notice", {SUPERVISOR, SYSTEM}),
    ],
)
def test_events_that_name_nobody(event: str, seen_by: set[Rows]) -> None:
    """Alarms are for those who can do something about them, test calls for whoever makes them."""
    everybody = (AGENT, LEADER, SUPERVISOR, ADMINISTRATOR, SYSTEM)
    assert {who for who in everybody if who.event(event, None, STATE)} == seen_by
