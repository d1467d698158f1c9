"""Listings narrowed to the visits of a team: in the statement, so that a page of them is a full page."""

from __future__ import annotations

from sqlalchemy import JSON, Column, ColumnElement, and_, false, or_

from dialer.campaign.records import Whose


def dealt_to(whose: Whose, team: ColumnElement[str | None], agent: ColumnElement[str | None]) -> ColumnElement[bool]:
    """Whether a row with this team and agent is such a visit."""
    to_agents = and_(team.is_(None), agent.in_(sorted(whose.agents))) if whose.agents else false()
    return to_agents if whose.team is None else or_(team == whose.team, to_agents)


def told_of(body: Column[JSON], whose: Whose) -> ColumnElement[bool]:
    """Whether a notice's ``body`` (see :mod:`dialer.store.bodies`) is about such a visit."""
    data = body["data"]
    return dealt_to(whose, data["team"].as_string(), data["agent"].as_string())
