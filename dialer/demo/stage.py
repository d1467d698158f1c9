"""What the demonstration stands on: two private PBXs, and the dialer as a process of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from dialer.demo.client import Client
from dialer.demo.config import Sections, all_week, beside, write_settings
from dialer.demo.launcher import Launched
from dialer.demo.rig.build import AsteriskBuild
from dialer.demo.rig.carrier import RigSpeed
from dialer.demo.rig.rig import ANNOUNCEMENT, Rig

ZONE = "Asia/Shanghai"
GAP_S = 6
PHONES = 16
CALLING = timedelta(seconds=100)
"""At least so long there is calling; it closes at the full minute after that."""

SPEED = RigSpeed(
    ring_s=0.8, talk_s=6, talk_spread_s=5, ring_limit_s=20, patience_s=30, phone_ring_s=0.3, phone_talk_s=14
)
UNHURRIED = replace(SPEED, patience_s=180, phone_talk_s=180)
"""Where people may sit down at an agent's phone: it is they who hang up."""
_SETTINGS: Sections = {
    "pbx": {"announcement": ANNOUNCEMENT, "reconnect_first_s": 0.5},
    "rule": {"gap_s": GAP_S},
    "dialling": {
        "ring_timeout_s": 4, "agent_timeout_s": 4, "calls_per_second": 10, "carrier_ring_limit_s": 20,
        "breaker_failures": 8, "breaker_pause_s": 5, "streak_pause_s": 5,
    },
    "lists": {"area_code": "0470", "default_team": "一组"},
    "recordings": {"poll_s": 0.5, "missing_after_s": 8, "still_s": 5},
    "platform": {"retry_first_s": 1},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stage:
    """A running rehearsal. ``over`` is when calling closes (UTC).

    With ``open_end`` calling goes on until midnight, and ``over`` is when the report comes at the latest; whoever is
    at an agent's phone ends calls and wrap-up themselves.
    """

    rig: Rig
    dialer: Launched
    client: Client
    over: datetime
    open_end: bool = False

    @property
    def closes(self) -> datetime:
        """When calling hours end (UTC)."""
        return _midnight_after(self.over - timedelta(seconds=1)) if self.open_end else self.over


@asynccontextmanager
async def stage(folder: Path, build: AsteriskBuild, language: str, *, open_end: bool = False) -> AsyncIterator[Stage]:
    """Start office, carrier and dialer in ``folder``; end them all. Raises ``DialerError`` with the log's end."""
    async with Rig(folder / "rig", build, phones=PHONES, speed=UNHURRIED if open_end else SPEED) as rig:
        over = _end(datetime.now(UTC))
        of_today: Sections = {
            "hours": {"zone": ZONE, **_hours(_midnight_after(over) if open_end else over)},
            "dialling": {"wrap_up_s": None if open_end else 2},
            "web": {"language": language},
        }
        dialer = Launched(write_settings(folder / "dialer.toml", beside(rig), _SETTINGS, of_today))
        async with dialer.running(), Client(dialer.data) as client:
            yield Stage(rig, dialer, client, over, open_end)


def _end(now: datetime) -> datetime:
    """When calling is over (UTC): at a full minute, on the day on which it begins.

    A window cannot span midnight: a demonstration that begins just before it has the whole day and is
    closed by the clock's own end of the day.
    """
    return min((now + CALLING + timedelta(seconds=59)).replace(second=0, microsecond=0), _midnight_after(now))


def _midnight_after(now: datetime) -> datetime:
    tomorrow = now.astimezone(ZoneInfo(ZONE)).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time.min, ZoneInfo(ZONE)).astimezone(UTC)


def _hours(closes: datetime) -> dict[str, list[str]]:
    """The settings that close every day at that time of day."""
    at = closes.astimezone(ZoneInfo(ZONE))
    return all_week("00:00-24:00" if at.time() == time.min else f"00:00-{at:%H:%M}")
