"""Numbers for Prometheus, in a registry of our own: gauges read at each scrape, counters fed by what is committed."""

from __future__ import annotations

import asyncio
from collections import Counter as Tally
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from time import monotonic, perf_counter
from typing import Any

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

from dialer.campaign.changes import Changes
from dialer.campaign.model.agent import Presence
from dialer.campaign.model.recording import RecordingState
from dialer.campaign.model.visit import VisitState
from dialer.campaign.ports import Base, DaySnapshot, DayStore
from dialer.campaign.views.overview import Overview
from dialer.notices.outbox import NoticeState

log = structlog.get_logger(__name__)

HELD_UP_S = 0.5
"""So long everything may be held up once in a while, on a machine that is busy with something else; not longer."""
_LOOK_S = 0.02
_MINUTES = 10
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Lag:
    """How long the event loop, on which every call depends, was held up at a time, in seconds."""

    def __init__(self, observe: Callable[[float], None]) -> None:
        self._observe = observe
        self._worst: deque[tuple[int, float]] = deque(maxlen=_MINUTES)

    @property
    def longest(self) -> float:
        """The longest time of the last ten minutes."""
        now = int(monotonic() / 60)
        return max((lag for minute, lag in self._worst if now - minute < _MINUTES), default=0.0)

    def note(self, lag: float) -> None:
        """It was late by so much."""
        self._observe(lag)
        minute = int(monotonic() / 60)
        if not self._worst or self._worst[-1][0] != minute:
            self._worst.append((minute, lag))
        elif lag > self._worst[-1][1]:
            self._worst[-1] = (minute, lag)
        if lag >= HELD_UP_S:
            log.warning("the service was held up", action="web.held_up", ms=round(lag * 1000))

    async def watch(self) -> None:
        """Look again and again whether it is in time, for ever."""
        while True:
            due = monotonic() + _LOOK_S
            await asyncio.sleep(_LOOK_S)
            self.note(max(monotonic() - due, 0.0))


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

        self.lag = Lag(
            Histogram(
                "dialer_loop_lag_seconds", "How long everything was held up at a time", buckets=_BUCKETS,
                registry=self.registry,
            ).observe
        )  # fmt: skip
        self._longest = gauge("dialer_loop_lag_longest_seconds", "The longest of these in the last ten minutes")

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
        self._longest.set(self.lag.longest)
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
