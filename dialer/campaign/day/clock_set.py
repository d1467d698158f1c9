"""When somebody sets the machine's clock: what has been measured from a time goes on as if nothing had happened.

A gap is five minutes of everybody's life, not of a clock. So an hour ahead may not let a phone ring twice within it,
and an hour back may not hold calls up for one. What was named on the wall clock (calling hours, promised times) stays.
"""

from __future__ import annotations

from datetime import datetime

from dialer.campaign.clock_watch import CLOCK_MARK, CLOCK_SETS, recent
from dialer.campaign.messages import ClockSet
from dialer.campaign.model.link import Link
from dialer.campaign.rules.timers import Wake
from dialer.campaign.state import RESTORED, Rest, State

_MOST_STEPS = 20
"""Settings that are remembered: a clock that is set over and over must not make the records grow."""


def on_clock_set(state: State, message: ClockSet, now: datetime) -> None:
    """Move every time that something was measured from or to; wake everything that looks at the wall clock."""
    by = message.by
    if message.mark:
        state.set_flag(CLOCK_MARK, message.mark)
    if not by:
        return
    for number in state.last_end:
        state.last_end[number] += by
    state.next_slot += by
    for pbx, link in state.links.items():
        state.links[pbx] = Link(link.up, link.since + by)
    for who, rest in state.resting.items():
        state.resting[who] = Rest(rest.until + by, rest.wait)
    state.timers.shift(by)
    for trunk in state.trunks.values():
        for breaker in trunk.breakers.values():
            breaker.shift(by)
    state.streaks.shift(by)
    for streak in state.streaks.held():
        state.set_flag(streak.key, streak.mark)
    for agent in state.agents.values():
        agent.since = agent.since + by if agent.since else None
        agent.wrap_until = agent.wrap_until + by if agent.wrap_until else None
        state.out.agent(agent)
    for attempt in state.attempts.values():  # in the records a call stays placed when the clock said so
        attempt.placed_at += by
        attempt.ringing_at = attempt.ringing_at + by if attempt.ringing_at else None
        attempt.answered_at = attempt.answered_at + by if attempt.answered_at else None
        attempt.connected_at = attempt.connected_at + by if attempt.connected_at else None
        attempt.transferred_at = attempt.transferred_at + by if attempt.transferred_at else None
        state.out.attempt(attempt)
    for day in state.days.values():
        for visit in day.queue:
            if visit.due is not None and visit.due != visit.promised:
                visit.due = max(visit.due + by, visit.promised or visit.due + by)
                state.out.visit(visit)
            state.requeue(visit, now)
        state.timers.at(now, Wake.HOURS, day.day.isoformat())
    if RESTORED in state.flags:  # from then on the gap is waited for, too
        state.set_flag(RESTORED, (datetime.fromisoformat(state.flags[RESTORED]) + by).isoformat())
    steps = [*recent(state.flags, min(now, now - by), state.config.rule.gap), (now, by)][-_MOST_STEPS:]
    state.set_flag(CLOCK_SETS, " ".join(f"{at.isoformat()}/{step.total_seconds()}" for at, step in steps))
    state.out.note(now, "clock.set", by_s=by.total_seconds(), calls=len(state.attempts))
    key = f"clock:{by.total_seconds():+.0f}"
    state.raise_alarm(key, f"the clock of this machine was set by {by.total_seconds():+.0f} s; gaps are kept", now)
    state.clear_alarm(key, now)
