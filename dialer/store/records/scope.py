"""Listings narrowed to the visits of a team: in the statement, so that a page of them is a full page."""

from __future__ import annotations

from datetime import date

from sqlalchemy import JSON, Column, ColumnElement, and_, false, or_

from dialer.campaign.model.query import VisitScope


def dealt_to(
    scope: VisitScope, team: ColumnElement[str | None], agent: ColumnElement[str | None]
) -> ColumnElement[bool]:
    """Whether a row with this team and agent is such a visit."""
    to_agents = and_(team.is_(None), agent.in_(sorted(scope.agents))) if scope.agents else false()
    return to_agents if scope.team is None else or_(team == scope.team, to_agents)


def within(day: ColumnElement[date], first: date, last: date) -> ColumnElement[bool]:
    """Whether a row is of these days; of one day it is found by an index that goes on after it."""
    return day == first if first == last else day.between(first, last)


def told_of(body: Column[JSON], scope: VisitScope) -> ColumnElement[bool]:
    """Whether a notice's ``body`` (see :mod:`dialer.store.bodies`) is about such a visit."""
    data = body["data"]
    return dealt_to(scope, data["team"].as_string(), data["agent"].as_string())
