"""Collects what a step changes, so that the rules read as what they do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from datetime import datetime
from operator import attrgetter
from typing import Any

from dialer.campaign.changes import Changes, Entry, Intent
from dialer.campaign.model.agent import Agent
from dialer.campaign.model.attempt import Attempt
from dialer.campaign.model.evidence import Evidence
from dialer.campaign.model.visit import Visit
from dialer.campaign.savepoint import Values


class Recorder:
    """Changes of one step, and the intents to carry out once they are committed.

    Rows are copied at the end, each once, however often touched.
    """

    def __init__(self) -> None:
        self.changes = Changes()
        self.intents: list[Intent] = []
        self._visits: dict[int, Visit] = {}
        self._attempts: dict[str, Attempt] = {}
        self._placed: dict[str, Attempt] = {}
        self._agents: dict[str, Agent] = {}
        self.values: Values = {}
        """Of every row that changed, when it is finished."""

    def visit(self, visit: Visit) -> None:
        """``visit`` changed."""
        self._visits[visit.id] = visit

    def placed(self, attempt: Attempt) -> None:
        """``attempt`` is new."""
        self._placed[attempt.id] = attempt

    def attempt(self, attempt: Attempt) -> None:
        """``attempt`` changed."""
        if attempt.id not in self._placed:
            self._attempts[attempt.id] = attempt

    def bound(self, attempt: Attempt) -> None:
        """``attempt`` has got its agent."""
        if attempt.id not in self._placed:
            self.changes.bound.append((attempt.id, attempt.agent))

    def agent(self, agent: Agent) -> None:
        """``agent`` changed."""
        self._agents[agent.number] = agent

    @property
    def size(self) -> int:
        """How much was recorded; whatever a rule does makes it larger, but for changing the same again."""
        changes = self.changes
        rows = len(self._visits) + len(self._attempts) + len(self._placed) + len(self._agents) + len(changes.added)
        small = len(changes.results) + len(changes.notices) + len(changes.alarms) + len(changes.flags)
        return rows + small + len(changes.calls) + len(changes.history)

    def note(
        self,
        at: datetime,
        what: str,
        *,
        visit: Visit | None = None,
        attempt: Attempt | None = None,
        agent: str | None = None,
        by: str = "",
        **details: object,
    ) -> None:
        """Add a line to the history."""
        self.changes.history.append(
            Entry(
                at,
                what,
                day=visit.day if visit else attempt.day if attempt else None,
                visit=visit.id if visit else attempt.visit if attempt else None,
                attempt=attempt.id if attempt else None,
                agent=agent,
                by=by,
                details=details,
            )
        )

    def finish(self) -> Changes:
        """The transaction, with a copy of every row that changed."""
        changes, keep = self.changes, self.values
        changes.added = [(Visit(*_kept(keep, visit, _VISIT)), customer) for visit, customer in changes.added]
        added = {visit.id for visit, _ in changes.added}  # where the last state of a new visit goes
        changes.visits = [Visit(*_kept(keep, v, _VISIT)) for v in self._visits.values() if v.id not in added]
        changes.placed = [_copied(keep, a) for a in self._placed.values()]
        changes.attempts = [_copied(keep, a) for a in self._attempts.values()]
        changes.agents = [Agent(*_kept(keep, a, _AGENT)) for a in self._agents.values()]
        return changes


def _values_of(kind: type) -> Callable[[Any], tuple[Any, ...]]:
    """What reads all fields of a dataclass; ``copy.copy`` takes three times as long, and a call makes five copies."""
    return attrgetter(*(field.name for field in fields(kind)))


_VISIT, _AGENT, _ATTEMPT, _EVIDENCE = map(_values_of, (Visit, Agent, Attempt, Evidence))


def _kept(keep: Values, record: Any, values_of: Callable[[Any], tuple[Any, ...]]) -> tuple[Any, ...]:  # noqa: ANN401 - a row
    values = values_of(record)
    keep[id(record)] = record, values
    return values


def _copied(keep: Values, attempt: Attempt) -> Attempt:
    twin = Attempt(*_kept(keep, attempt, _ATTEMPT))
    twin.evidence = Evidence(*_kept(keep, attempt.evidence, _EVIDENCE))
    return twin
