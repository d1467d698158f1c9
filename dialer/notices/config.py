"""The info platform: where it is, and how patient we are with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr

from dialer.notices.policy import RelayPolicy
from dialer.section import Section

_GROWTH = (1, 4, 15, 60, 240, 720)


@dataclass(frozen=True, slots=True)
class WebhookConfig:
    """Where and how to post.

    ``secrets``: one or more ``whsec_...`` of at least 24 bytes; with several the notice is signed by each, so that a
    secret can be replaced without a gap. ``require_ack``: fields that the answer's JSON must have, for example
    ``{"ok": True}``, for platforms that answer 200 to everything. ``headers`` are sent along. ``slow_retry_s``: the
    least wait after an answer that needs a person. ``max_answer_bytes`` are read of an answer.
    """

    url: str
    secrets: tuple[str, ...] = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    require_ack: Mapping[str, Any] | None = None
    timeout_s: float = 10.0
    slow_retry_s: float = 600.0
    max_answer_bytes: int = 64 * 1024


class PlatformSettings(Section):
    """The info platform; without a URL the built-in board is the platform."""

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

    def webhook(self, secret: str) -> WebhookConfig:
        """How to post to it, signed by ``secret``."""
        ack = {"ok": True} if self.require_ack else None
        return WebhookConfig(self.url, (secret,), require_ack=ack, timeout_s=self.timeout_s)
