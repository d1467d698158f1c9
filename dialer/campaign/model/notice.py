"""What the info platform is told of."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

GRACE = timedelta(minutes=1)
"""How long what a person entered waits before it leaves for others; so long a slip is nobody else's business."""


class NoticeKind(StrEnum):
    """What the info platform is told."""

    UNREACHED = "unreached"
    INVALID_NUMBER = "invalid_number"
    OUT_OF_TIME = "out_of_time"
    LATE_START = "late_start"
    FEEDBACK = "feedback"
    TAKEN_BACK = "taken_back"  # one of the above was a slip, and had left already
    ALARM = "alarm"
    ALARM_OVER = "alarm_over"
