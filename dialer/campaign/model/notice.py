"""What the info platform is told of."""

from __future__ import annotations

from enum import StrEnum


class NoticeKind(StrEnum):
    """What the info platform is told."""

    UNREACHED = "unreached"
    INVALID_NUMBER = "invalid_number"
    OUT_OF_TIME = "out_of_time"
    LATE_START = "late_start"
    FEEDBACK = "feedback"
    ALARM = "alarm"
    ALARM_OVER = "alarm_over"
