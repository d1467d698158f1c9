"""The day's calls by the hour of the department's clock, and as bars. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo

from dialer.reports.sums import Sums
from dialer.web.kit.page.charts import Chart, Reach, chart


def by_hour(slots: Mapping[datetime, Sums], zone: tzinfo) -> dict[int, Sums]:
    """Sums of shorter times, put together by the hour in ``zone``."""
    found: dict[int, Sums] = {}
    for at, sums in sorted(slots.items()):
        found.setdefault(at.astimezone(zone).hour, Sums()).add(sums)
    return dict(sorted(found.items()))


def drawn(hours: Mapping[int, Sums]) -> Chart | None:
    """Every hour from the first call's to the last one's: calls, and how many of them were conversations."""
    if not hours:
        return None
    nothing = Sums()
    span = range(min(hours), max(hours) + 1)
    each = [(hour, hours.get(hour, nothing)) for hour in span]
    return chart([Reach(hour, sums.calls, sums.conversations) for hour, sums in each])
