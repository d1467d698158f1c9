"""Times, lengths and numbers as people read them, on the department's clock and in their language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal

from babel.dates import format_date
from babel.numbers import format_decimal, format_percent

from dialer.clock import on_clock
from dialer.language import Language

_LOCALES = {"zh": "zh_CN", "en": "en_GB"}
_GROUPED = 1000  # from here on digits are set in groups


def capital(text: str) -> str:
    """As a label begins."""
    return text[:1].upper() + text[1:]


@dataclass(frozen=True, slots=True)
class Format:
    """Each takes None too, which is shown as "". In templates it is ``f``: ``{{ f.time(call.placed_at) }}``."""

    language: Language
    zone: tzinfo

    @property
    def locale(self) -> str:
        """As Babel names it."""
        return _LOCALES[self.language]

    def day(self, day: date | None) -> str:
        """11月23日 星期一 / Mon, 23 Nov."""
        pattern = "M月d日 EEEE" if self.language == "zh" else "EEE, d MMM"
        return "" if day is None else format_date(day, pattern, self.locale)

    def date(self, at: datetime | date | None) -> str:
        """2026-11-23."""
        if isinstance(at, datetime):
            at = on_clock(at, self.zone)
        return "" if at is None else f"{at:%Y-%m-%d}"

    def clock(self, at: datetime | None) -> str:
        """08:05."""
        return "" if at is None else f"{on_clock(at, self.zone):%H:%M}"

    def end(self, at: datetime | None) -> str:
        """17:30; the end of a day as 24:00, so that it is not taken for its beginning."""
        return self.clock(at).replace("00:00", "24:00")

    def time(self, at: datetime | None) -> str:
        """08:05:30."""
        return "" if at is None else f"{on_clock(at, self.zone):%H:%M:%S}"

    def moment(self, at: datetime | None) -> str:
        """2026-11-23 08:05:30."""
        return "" if at is None else f"{on_clock(at, self.zone):%Y-%m-%d %H:%M:%S}"

    def duration(self, length: timedelta | float | None) -> str:
        """3:05, or 1:03:05; from a number of seconds or a timedelta."""
        if length is None:
            return ""
        seconds = max(0, round(length.total_seconds() if isinstance(length, timedelta) else length))
        minutes, rest = divmod(seconds, 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"

    def money(self, value: Decimal | None) -> str:
        """1,234.50."""
        return "" if value is None else format_decimal(value, "#,##0.00", locale=self.locale)

    def number(self, value: float | int | Decimal | None) -> str:
        """12,345."""
        if isinstance(value, int) and 0 <= value < _GROUPED:
            return str(value)  # as in every language here; the agents' pages count with each event
        return "" if value is None else format_decimal(value, locale=self.locale)

    def percent(self, value: float | None) -> str:
        """62 %, from 0.62."""
        return "" if value is None else format_percent(value, locale=self.locale)
