"""Trunks: how a customer's number becomes a dial string, and how many calls a trunk takes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dialer.campaign.breaker import Breaker, BreakerRule
from dialer.campaign.link import MAIN_PBX


@dataclass(frozen=True, slots=True)
class TrunkConfig:
    """One way out of a PBX.

    ``template`` has ``{number}`` in it, for example ``PJSIP/{number}@trunk`` or
    ``Local/{number}@from-internal/n``. ``prefix`` is put before the number; a number in
    ``local_area`` (an area code such as 0470) is dialled without it. ``channels`` is the most
    calls at once. ``reports_ringing`` is False for analogue trunks, which never say that it rings.
    """

    name: str
    template: str
    prefix: str = ""
    local_area: str = ""
    caller_id: str = ""
    channels: int = 30
    reports_ringing: bool = True
    pbx: str = MAIN_PBX

    def dial_string(self, number: str) -> str:
        """The channel to originate for the normalised ``number``."""
        if self.local_area and number.startswith(self.local_area):
            number = number.removeprefix(self.local_area)
        return self.template.replace("{number}", self.prefix + number)


@dataclass(slots=True)
class Trunk:
    """A trunk at work."""

    config: TrunkConfig
    breaker: Breaker
    in_use: int = 0

    @classmethod
    def fresh(cls, config: TrunkConfig, rule: BreakerRule) -> Trunk:
        """A trunk that nobody uses yet."""
        return cls(config, Breaker(rule))

    def takes(self, now: datetime) -> bool:
        """Whether one more call may go out over this trunk at ``now``."""
        return self.in_use < self.config.channels and self.breaker.allows(now)
