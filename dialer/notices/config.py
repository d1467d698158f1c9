"""The info platform: where it is, and how patient we are with it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from pydantic import Field, SecretStr

from dialer.notices.policy import RelayPolicy
from dialer.section import Section

_GROWTH = (1, 4, 15, 60, 240, 720)


class PlatformSettings(Section):
    """The info platform; without a URL the built-in board is the platform.

    ``secret``: ``whsec_...`` of at least 24 bytes. ``require_ack``: the answer's JSON must have ``{"ok": true}``, for
    platforms that answer 200 to everything.
    """

    url: str = Field("", pattern=r"^(https?://\S+)?$")
    secret: SecretStr = SecretStr("")
    secret_file: Path | None = None
    timeout_s: float = Field(10.0, gt=0)
    require_ack: bool = False
    give_up_after_days: float = Field(3.0, gt=0)
    retry_first_s: float = Field(5.0, gt=0)
    alarm_addresses: tuple[SecretStr, ...] = ()

    def policy(self) -> RelayPolicy:
        """Growing waits, from the first one set."""
        waits = tuple(self.retry_first_s * factor for factor in _GROWTH)
        return RelayPolicy(waits_s=waits, give_up_after=timedelta(days=self.give_up_after_days))


class WebhookConfig(PlatformSettings):
    """The settings, and what nobody needs to set.

    ``slow_retry_s``: the least wait after an answer that needs a person. ``max_answer_bytes`` are read of an answer.
    """

    slow_retry_s: float = 600.0
    max_answer_bytes: int = 64 * 1024
