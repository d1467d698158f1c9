"""What the campaign can be told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from dialer.campaign.model.hours import CallingHours
from dialer.campaign.model.setting import setting
from dialer.campaign.model.trunk import TrunkConfig
from dialer.campaign.rules.breaker import BreakerRule
from dialer.campaign.rules.phone import TEMPLATE, PhoneRule
from dialer.campaign.rules.rule import RedialRule
from dialer.campaign.rules.streak import StreakRule


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
    ``promise_ahead`` is how far ahead a customer may be promised another call.
    ``strategy`` is one of :data:`dialer.campaign.dialling.strategy.STRATEGIES`. ``phone_templates`` are the forms of
    agents' phones (:class:`~dialer.campaign.rules.phone.PhoneRule`).

    Section ``[dialling]`` sets the marked fields, ``[rule]`` those of ``rule``.
    """

    hours: CallingHours
    trunks: tuple[TrunkConfig, ...]
    rule: RedialRule = field(default_factory=RedialRule)
    ring_timeout: timedelta = field(default=timedelta(seconds=45), metadata=setting(ge=1, le=300))
    agent_timeout: timedelta = field(default=timedelta(seconds=20), metadata=setting(ge=1, le=300))
    wrap_up: timedelta | None = field(default=None, metadata=setting(ge=0))
    calls_per_second: float | None = field(default=5.0, metadata=setting(gt=0))
    settle: timedelta = field(default=timedelta(seconds=2), metadata=setting(gt=0))
    survey_every: timedelta = field(default=timedelta(seconds=60), metadata=setting(gt=0))
    carrier_ring_limit: timedelta = field(default=timedelta(seconds=120), metadata=setting(gt=0))
    unanswered_invite: timedelta = field(default=timedelta(seconds=32), metadata=setting(gt=0))
    late_after: timedelta = field(default=timedelta(minutes=10), metadata=setting(gt=0))
    promise_ahead: timedelta = field(default=timedelta(days=60), metadata=setting(ge=86_400, le=31_622_400))
    breaker: BreakerRule = field(default_factory=BreakerRule, metadata=setting())
    streak: StreakRule = field(default_factory=StreakRule, metadata=setting())
    strategy: str = "progressive"
    phone_templates: tuple[str, ...] = (TEMPLATE,)

    @property
    def phones(self) -> PhoneRule:
        """Which dial strings may be agents' phones."""
        return PhoneRule(self.phone_templates, self.trunks)
