"""Settings for a day in seconds instead of hours, on a private PBX."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from dialer.demo.config import Sections, all_week, beside, write_settings
from dialer.demo.rig.rig import ZONE, Rig

# A commit that takes longer than half of settle_s leaves its call unsent, rightly: so it is not as quick as the rest.
_QUICK: Sections = {
    "rule": {"gap_s": 5.0},
    "dialling": {
        "ring_timeout_s": 2, "agent_timeout_s": 2, "wrap_up_s": 0.5, "calls_per_second": 20, "breaker_failures": 8,
        "breaker_refusals": 50, "breaker_unanswered": 50, "breaker_pause_s": 1, "streak_pause_s": 1,
        "settle_s": 8, "survey_every_s": 5, "carrier_ring_limit_s": 8, "unanswered_invite_s": 9,
    },
    "recordings": {"poll_s": 0.3, "missing_after_s": 4, "still_s": 3},
    "platform": {"retry_first_s": 0.5},
    "pbx": {"ping_interval_s": 1, "ping_timeout_s": 1, "reconnect_max_s": 1},
    "trunks": {"channels": 30},
}  # fmt: skip


def quick_settings(path: Path, rig: Rig, *, template: str = "direct", **changes: Mapping[str, object]) -> Path:
    """Whole-day hours, seconds instead of minutes; ``changes`` by section, of which None takes a setting out."""
    return write_settings(path, beside(rig, template), _QUICK, {"hours": around_the_clock()}, changes)


def around_the_clock() -> dict[str, object]:
    """The section ``hours`` of a department that calls at whatever hour and on whatever day a test runs."""
    return {**all_week("00:00-24:00"), "chinese_calendar": False, "zone": zone_at(12)}


def zone_at(hour: int) -> str:
    """A zone in which it is that hour now, so that its date does not change while a test runs; an hour more in the zone
    of the rig's office, whose clock must not be the department's.

    In these names the sign is turned around.
    """
    now = datetime.now(UTC)
    east = (hour - now.hour + 12) % 24 - 12
    return f"Etc/GMT{-(east + (timedelta(hours=east) == now.astimezone(ZoneInfo(ZONE)).utcoffset())):+d}"
