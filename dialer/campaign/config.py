"""What the campaign can be told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from dialer.campaign.breaker import BreakerRule
from dialer.campaign.hours import CallingHours
from dialer.campaign.rule import RedialRule
from dialer.campaign.trunk import TrunkConfig


@dataclass(frozen=True, slots=True)
class CampaignConfig:
    """Numbers and places of one campaign.

    ``ring_timeout`` is how long a customer's phone rings before we give up; ``agent_timeout`` how
    long an agent's phone may take to pick up. ``wrap_up`` ends wrap-up by itself (None: the agent
    does). ``calls_per_second`` spaces Originates (None: no limit). ``settle`` is how long to wait for the
    second event of a call's end, and for an Originate on a lost link to reach the PBX after all.
    ``survey_every`` is how often the PBX is asked which calls it has, in case an event was lost.
    ``carrier_ring_limit`` is how long the carrier may let a phone ring that we cannot tell it to stop.
    ``unanswered_invite`` is how long a PBX repeats a call that the carrier has not reacted to, even after we gave it up
    (SIP's timer B). ``late_after`` is when the departments are told that calling has not started.
    ``strategy`` is one of :data:`dialer.campaign.strategy.STRATEGIES`.
    """

    hours: CallingHours
    trunks: tuple[TrunkConfig, ...]
    rule: RedialRule = field(default_factory=RedialRule)
    breaker: BreakerRule = field(default_factory=BreakerRule)
    ring_timeout: timedelta = timedelta(seconds=45)
    agent_timeout: timedelta = timedelta(seconds=20)
    wrap_up: timedelta | None = None
    calls_per_second: float | None = 5.0
    settle: timedelta = timedelta(seconds=2)
    survey_every: timedelta = timedelta(seconds=60)
    carrier_ring_limit: timedelta = timedelta(seconds=120)
    unanswered_invite: timedelta = timedelta(seconds=32)
    late_after: timedelta = timedelta(minutes=10)
    strategy: str = "progressive"
