"""The Chinese calendar of days off, as the seed of an editable table.

The State Council announces the days off and the make-up working days of a year in the November before;
chinesecalendar carries what has been announced. A year that it does not know yields nothing: never a guess.
"""

from __future__ import annotations

from chinese_calendar.constants import Holiday, holidays, workdays

from dialer.campaign.changes import CalendarChange
from dialer.language import Language, translator


def chinese_calendar(year: int, language: Language = "zh") -> tuple[list[CalendarChange], str]:
    """Holidays (also those on weekends) as days off, and make-up working weekends as working days, by date.

    For a year that is not announced there are none, and a warning that says what to do.
    """
    t = translator(language)
    # A year's first days may come with the year before; its National Day only with its own announcement.
    if not any(day.year == year and key == Holiday.national_day.value for day, key in holidays.items()):
        warning = t(
            "The days off of {year} are not in the calendar data (perhaps not announced yet). "
            "Update chinesecalendar when they are, or enter the days by hand.",
            year=year,
        )
        return [], warning
    days = [CalendarChange(day, False, _name(key, language)) for day, key in holidays.items() if day.year == year]
    days += [
        CalendarChange(day, True, t("make-up working day for {name}", name=_name(key, language)))
        for day, key in workdays.items()
        if day.year == year
    ]
    return sorted(days, key=lambda entry: entry.day), ""


def _name(key: str, language: Language) -> str:
    return str(Holiday(key).chinese) if language == "zh" else key
