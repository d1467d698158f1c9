"""Numbers for Prometheus, in a registry of our own: gauges read at each scrape, counters fed by what is committed."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from time import perf_counter
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

from dialer.campaign.changes import Changes
from dialer.campaign.model.agent import Presence
from dialer.campaign.model.recording import RecordingState
from dialer.campaign.model.visit import VisitState
from dialer.campaign.ports import Base, DaySnapshot, DayStore
from dialer.campaign.views.overview import Overview
from dialer.notices.outbox import NoticeState

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """All metrics of one dialer."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        gauge = partial(Gauge, registry=self.registry)
        self._visits = gauge("dialer_visits", "Today's visits by state", ["state"])
        self._agents = gauge("dialer_agents", "Agents by presence", ["presence"])
        self._calls = gauge("dialer_calls", "Calls up now")
        self._link = gauge("dialer_link_up", "1 while there is a link to the PBX")
        self._dialling = gauge("dialer_dialling", "1 while calls may be placed")
        self._alarms = gauge("dialer_alarms", "Open alarms")
        self._trunks = gauge("dialer_trunk_calls", "Calls up now by trunk", ["trunk"])
        self._notices = gauge("dialer_notices", "Notices in the outbox by state", ["state"])
        self._recordings = gauge("dialer_recordings", "Recordings in the books by state", ["state"])
        self._attempts = Counter(
            "dialer_attempts", "Attempts that ended, by disposition", ["disposition"], registry=self.registry
        )
        self._placed = Counter("dialer_attempts_placed", "Attempts placed", registry=self.registry)
        self._commits = Histogram(
            "dialer_commit_seconds", "Time of one transaction of the engine", buckets=_BUCKETS, registry=self.registry
        )

    def committed(self, changes: Changes, _now: datetime) -> None:
        """Count what was committed."""
        self._placed.inc(len(changes.placed))
        for attempt in changes.attempts:
            if attempt.ended_at is not None and attempt.disposition is not None:
                self._attempts.labels(attempt.disposition).inc()

    def timed(self, store: DayStore) -> DayStore:
        """``store`` with its commits timed."""
        return _TimedStore(store, self._commits)

    def text(
        self, day: Overview | None, notices: Mapping[NoticeState, int], recordings: Mapping[RecordingState, int]
    ) -> bytes:
        """Everything in Prometheus' text format. ``day`` is None until the engine has loaded it."""
        visits: Mapping[str, int] = day.visits if day else {}
        presences = Tally(agent.presence for agent in day.agents) if day else Tally[str]()
        _set(self._visits, VisitState, visits)
        _set(self._agents, Presence, presences)
        _set(self._notices, NoticeState, notices)
        _set(self._recordings, RecordingState, recordings)
        self._calls.set(len(day.calls) if day else 0)
        self._link.set(bool(day and day.link_up))
        self._dialling.set(bool(day and day.dialling))
        self._alarms.set(len(day.alarms) if day else 0)
        for trunk in day.trunks if day else ():
            self._trunks.labels(trunk.name).set(trunk.in_use)
        return generate_latest(self.registry)


def _set(gauge: Gauge, names: Iterable[str], counts: Mapping[Any, int]) -> None:
    for name in names:
        gauge.labels(name).set(counts.get(name, 0))


class _TimedStore:
    """A :class:`~dialer.campaign.ports.DayStore` whose commits are timed, those that fail too."""

    def __init__(self, store: DayStore, seconds: Histogram) -> None:
        self._store = store
        self._seconds = seconds

    async def base(self) -> Base:
        return await self._store.base()

    async def load(self, day: date, ends_since: datetime) -> DaySnapshot:
        return await self._store.load(day, ends_since)

    async def commit(self, changes: Changes) -> None:
        started = perf_counter()
        try:
            await self._store.commit(changes)
        finally:
            self._seconds.observe(perf_counter() - started)

    async def shops(self, visit_ids: Sequence[int]) -> dict[int, str]:
        return await self._store.shops(visit_ids)

    async def customer_data(self, visit_ids: Sequence[int]) -> dict[int, str]:
        return await self._store.customer_data(visit_ids)
