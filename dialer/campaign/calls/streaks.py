"""What streaks do to the day: calls are held and a person is told; both end by themselves, or by a person."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from dialer.campaign.model.attempt import Attempt
from dialer.campaign.rules.streak import Streak
from dialer.campaign.state import State


def end_streaks(state: State, attempt: Attempt, now: datetime) -> None:
    """A call is further than before; what it shows to be well again is let go at once, not when the call is over."""
    _let_go(state, state.streaks.progress(attempt), now, attempt=attempt)


def mind_streaks(state: State, attempt: Attempt, now: datetime) -> None:
    """A call is over: hold calls whose streak it made long enough."""
    end_streaks(state, attempt, now)
    for streak in state.streaks.ended(attempt, now):
        text = f"{streak.calls} calls in a row ({streak.scope} {streak.name}): {streak.kind.replace('_', ' ')}"
        state.set_flag(streak.key, streak.mark)
        state.raise_alarm(streak.key, text, now)
        state.out.note(
            now, "calls.held", attempt=attempt, kind=streak.kind, scope=streak.scope, name=streak.name,
            calls=streak.calls, until=streak.mark.partition(" ")[0],
        )  # fmt: skip


def lift_holds(state: State, by: str, now: datetime) -> None:
    """A person says that it works again."""
    _let_go(state, state.streaks.lift(), now, by=by)


def _let_go(
    state: State, streaks: Iterable[Streak], now: datetime, *, attempt: Attempt | None = None, by: str = ""
) -> None:
    for streak in streaks:
        state.set_flag(streak.key, "")
        state.clear_alarm(streak.key, now)
        state.out.note(
            now, "calls.released", attempt=attempt, by=by, kind=streak.kind, scope=streak.scope, name=streak.name
        )
