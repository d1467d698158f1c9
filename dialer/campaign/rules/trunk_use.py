"""A trunk at work: the channels in use, and its breaker."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dialer.campaign.model.trunk import TrunkConfig
from dialer.campaign.rules.breaker import Breaker


@dataclass(slots=True)
class Trunk:
    """A trunk at work."""

    config: TrunkConfig
    breaker: Breaker
    in_use: int = 0

    def takes(self, now: datetime) -> bool:
        """Whether one more call may go out over this trunk at ``now``."""
        return self.in_use < self.config.channels and self.breaker.allows(now)
