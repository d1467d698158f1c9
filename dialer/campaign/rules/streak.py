"""Outcomes that are nobody's fault alone: one is luck, so many in a row are a fault that nobody reports by itself.

A streak is counted for an agent, a trunk or a PBX. When it is long enough their calls are held and a person is told;
after a pause one call finds out whether it works again. If it does, calling goes on by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from dialer.campaign.model.attempt import Attempt
from dialer.campaign.model.evidence import Disposition, Evidence
from dialer.campaign.model.setting import setting
from dialer.campaign.rules.waits import doubled


class Kind(StrEnum):
    """What is the same so many times in a row."""

    UNHEARD = "unheard"  # the PBX took the call and never said a word of it
    DROPPED = "dropped"  # the customer answered and was gone before an agent's phone rang
    MISSED = "missed"  # the customer answered, the agent's phone was not picked up
    CUT_SHORT = "cut_short"  # agent and customer were connected, and apart again within a second


class Scope(StrEnum):
    """Whose calls are held."""

    AGENT = "agent"
    TRUNK = "trunk"
    PBX = "pbx"


@dataclass(frozen=True, slots=True)
class StreakRule:
    """How many calls in a row hold the agent, the trunk or the PBX, and for how long.

    ``pause`` is the first wait; each call that then shows the same doubles it, up to ``longest``.
    """

    unheard: int = field(default=3, metadata=setting(ge=2))
    dropped: int = field(default=3, metadata=setting(ge=2))
    missed: int = field(default=5, metadata=setting(ge=2))
    cut_short: int = field(default=3, metadata=setting(ge=2))
    pause: timedelta = field(default=timedelta(seconds=30), metadata=setting(gt=0))
    longest: timedelta = field(default=timedelta(minutes=10), metadata=setting(gt=0))


@dataclass(frozen=True, slots=True)
class Row:
    """One kind: whose it is, which calls show it, and which show that it is not so. Others say nothing of it.

    ``limit`` is how many in a row the rule allows. A call may refute while it is up; it shows only when it is over.
    """

    scope: Scope
    limit: Callable[[StreakRule], int]
    shows: Callable[[Attempt], bool]
    refutes: Callable[[Attempt], bool]


_A_MOMENT = timedelta(seconds=1)


def _spoken_of(e: Evidence) -> bool:
    """Whether the PBX said anything of the call."""
    return e.responded or e.hung_up or e.ringing or e.progress or e.answered or bool(e.dial_status)


def _unheard(a: Attempt) -> bool:
    e = a.evidence
    return a.disposition is Disposition.UNKNOWN and not (_spoken_of(e) or e.refused or e.unobserved)


def _talked_for_a_moment(a: Attempt) -> bool | None:
    """None while the conversation lasts, when nobody saw how long it was, or when somebody wanted it so short."""
    if a.connected_at is None or a.ended_at is None or a.evidence.unobserved or a.evidence.hung_up_here:
        return None
    return a.ended_at - a.connected_at < _A_MOMENT


def _dropped(a: Attempt) -> bool:
    e = a.evidence
    return a.disposition is Disposition.ABANDONED and not (e.agent_rang or e.agent_missed or e.unobserved)


TABLE: dict[Kind, Row] = {
    Kind.UNHEARD: Row(Scope.PBX, lambda r: r.unheard, _unheard, lambda a: _spoken_of(a.evidence)),
    Kind.DROPPED: Row(
        Scope.TRUNK, lambda r: r.dropped, _dropped, lambda a: a.evidence.agent_rang or a.evidence.connected
    ),
    Kind.MISSED: Row(
        Scope.PBX, lambda r: r.missed, lambda a: a.evidence.agent_missed, lambda a: a.evidence.connected
    ),
    Kind.CUT_SHORT: Row(
        Scope.AGENT,
        lambda r: r.cut_short,
        lambda a: _talked_for_a_moment(a) is True,
        lambda a: _talked_for_a_moment(a) is False,
    ),
}  # fmt: skip
"""Measured: an Asterisk without app_mixmonitor, app_userevent or app_stack hangs up on every customer who answers, and
says of it what it says of a customer who hangs up; and a trunk that answers by itself and hangs up looks the same, but
is one of several. A manager that is stuck takes Originates and is silent.

What trunks say of calls that nobody answers is the breaker's, see :mod:`dialer.campaign.rules.breaker`."""


def name_in(scope: Scope, attempt: Attempt) -> str:
    """Whose the attempt is, as that scope has it."""
    return {Scope.AGENT: attempt.agent, Scope.TRUNK: attempt.trunk, Scope.PBX: attempt.pbx}[scope]


@dataclass(slots=True)
class Streak:
    """Calls in a row that were alike. ``until`` is set while calls are held; then ``probe`` is the one that tries."""

    kind: Kind
    name: str
    calls: int = 0
    until: datetime | None = None
    probe: str | None = None
    pauses: int = 0

    @property
    def key(self) -> str:
        """Of its alarm, and of its durable flag."""
        return f"streak-{self.kind}:{self.name}"

    @property
    def scope(self) -> Scope:
        """Whose calls it holds."""
        return TABLE[self.kind].scope

    @property
    def mark(self) -> str:
        """The durable flag of one that holds calls: until when, and which pause it is."""
        assert self.until is not None
        return f"{self.until.isoformat()} {self.pauses}"

    def allows(self, now: datetime) -> bool:
        """Whether a call may be placed: when nothing is held, and one when the pause is over."""
        return self.until is None or (self.probe is None and now >= self.until)

    def hold(self, rule: StreakRule, now: datetime) -> None:
        """Hold the calls from ``now`` on, each time for twice as long."""
        self.until = now + doubled(rule.pause, self.pauses, rule.longest)
        self.probe = None
        self.pauses += 1


class Streaks:
    """All streaks under way; in most hours there is none. ``kept`` are the flags that an earlier run left."""

    def __init__(
        self,
        rule: StreakRule,
        kept: Mapping[str, str],
        now: datetime,
        streaks: dict[tuple[Kind, str], Streak] | None = None,
    ) -> None:
        self._rule = rule
        self._streaks = {} if streaks is None else streaks
        for kind in TABLE:
            mark = f"streak-{kind}:"
            for flag, value in kept.items():
                if flag.startswith(mark):
                    until, _, pauses = value.partition(" ")
                    streak = self._streak(kind, flag.removeprefix(mark))
                    # The clock may have been set since: nothing is held for longer than a pause lasts.
                    streak.until = min(datetime.fromisoformat(until), now + max(rule.longest, rule.pause))
                    streak.pauses = int(pauses)

    def __iter__(self) -> Iterator[Streak]:
        return iter(self._streaks.values())

    def held(self) -> list[Streak]:
        """Those that hold calls now."""
        return [streak for streak in self._streaks.values() if streak.until is not None]

    def holding(self, scope: Scope, name: str, now: datetime) -> Streak | None:
        """What lets no call of this agent, trunk or PBX be placed now."""
        return next(
            (s for s in self._streaks.values() if s.name == name and s.scope is scope and not s.allows(now)), None
        )

    def placed(self, attempt: Attempt) -> None:
        """A call was placed; it tries what is held."""
        for streak in self.held():
            if name_in(streak.scope, attempt) == streak.name:
                streak.probe = attempt.id

    def progress(self, attempt: Attempt) -> Iterator[Streak]:
        """A call is further than before; the streaks that held calls and are over by it."""
        for (kind, name), streak in list(self._streaks.items()):
            row = TABLE[kind]
            if name_in(row.scope, attempt) == name and row.refutes(attempt):
                del self._streaks[kind, name]
                if streak.until is not None:
                    yield streak

    def ended(self, attempt: Attempt, now: datetime) -> Iterator[Streak]:
        """A call is over; the streaks that hold calls from now on (again)."""
        for kind, row in TABLE.items():
            name = name_in(row.scope, attempt)
            if row.shows(attempt):
                streak = self._streak(kind, name)
                streak.calls += 1
                if attempt.id == streak.probe or (streak.until is None and streak.calls >= row.limit(self._rule)):
                    streak.hold(self._rule, now)
                    yield streak
            elif (known := self._streaks.get((kind, name))) is not None and attempt.id == known.probe:
                known.probe, known.until = None, now  # it said nothing of the matter: the next call tries

    def lift(self) -> list[Streak]:
        """A person says that it works: forget all; those that held calls."""
        held = self.held()
        self._streaks.clear()
        return held

    def shift(self, by: timedelta) -> None:
        """The clock that the pauses were set by has been set itself."""
        for streak in self.held():
            assert streak.until is not None
            streak.until += by

    def next_times(self, now: datetime) -> Iterable[datetime]:
        """When pauses are over."""
        return (s.until for s in self._streaks.values() if s.until is not None and s.until > now)

    def _streak(self, kind: Kind, name: str) -> Streak:
        return self._streaks.setdefault((kind, name), Streak(kind, name))
