"""The info platform: where it is, and how patient we are with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import Field, SecretStr

from dialer.errors import DeliveryFailed
from dialer.section import Section

_GROWTH = (1, 4, 15, 60, 240, 720)
_LONGEST_RETRY_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class RelayPolicy:
    """The relay's numbers.

    ``waits_s``: seconds after the first, second, ... failed try; the last one goes on. ``give_up_after``: how
    much waiting a notice gets before it is a dead letter; tries are counted and not the calendar, so that a
    dialer that was switched off for a week, and a person who resends, start a full schedule.
    ``concurrency``: deliveries at a time. ``timeout_s``: of one delivery, whatever the sender does.
    ``stop_timeout_s``: what deliveries under way get when the relay is stopped. ``alarm_after``: how long
    nothing may get through before people are told. ``store_retry_s`` and ``poll_s``: how often to look again when
    the store cannot be used, and when nobody calls.
    """

    waits_s: tuple[float, ...] = (5, 30, 120, 600, 1800, 3600)
    give_up_after: timedelta = timedelta(days=3)
    concurrency: int = 4
    timeout_s: float = 30.0
    stop_timeout_s: float = 5.0
    alarm_after: timedelta = timedelta(minutes=10)
    store_retry_s: float = 5.0
    poll_s: float = 30.0

    def next_try(self, tries: int, failed_at: datetime, failure: DeliveryFailed) -> datetime | None:
        """When to try again after ``tries`` failed tries, the last at ``failed_at``; None gives up.

        A receiver that asks for more time (Retry-After) gets it, up to a day; one that asks for less does not
        shorten the schedule.
        """
        if failure.permanent:
            return None
        wait = timedelta(seconds=self.waits_s[min(tries, len(self.waits_s)) - 1])
        if self._waited(tries) + wait > self.give_up_after:
            return None
        asked = failure.retry_after_s
        if asked is not None and asked > 0:  # not so of what is no number
            wait = max(wait, timedelta(seconds=min(asked, _LONGEST_RETRY_AFTER.total_seconds())))
        return failed_at + wait

    def _waited(self, tries: int) -> timedelta:
        """What the schedule has waited before the try number ``tries``."""
        before = tries - 1
        over = max(0, before - len(self.waits_s))
        return timedelta(seconds=sum(self.waits_s[:before]) + over * self.waits_s[-1])


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
