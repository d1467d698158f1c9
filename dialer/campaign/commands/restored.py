"""Records that come from a backup: nobody is called again, or reported, before a person has looked.

Calls that were placed after the backup are on the PBX, in the recordings and in people's heads, and not in these
records.
So the campaign stands still and no day is closed until somebody who leads it has looked and resumes it.
"""

from __future__ import annotations

from datetime import datetime

from dialer.campaign.day.work import call_it_started
from dialer.campaign.messages import RecordsRestored
from dialer.campaign.rules.timers import Wake
from dialer.campaign.state import NEXT_VISIT, PAUSED, RESTORED, State
from dialer.errors import Conflict

IDS_APART = 1_000_000
"""More visits than can have been imported since the backup: about two weeks of a province.

Notices are known to the platform by their visit's id: one that is given twice would make it miss the second customer.
"""


def records_restored(state: State, command: RecordsRestored, now: datetime) -> None:
    """Pause the campaign, tell why, and leave out the visit ids that may be known elsewhere."""
    state.next_visit += IDS_APART
    state.set_flag(NEXT_VISIT, str(state.next_visit))
    state.set_flag(RESTORED, now.isoformat())
    state.set_flag(PAUSED, command.reason)
    state.clear_alarm(RESTORED, now)
    state.raise_alarm(RESTORED, command.reason, now)
    state.out.note(now, "books.restored", by=command.by, as_of=command.as_of.isoformat())


def accept_records(state: State, by: str, now: datetime) -> None:
    """A person has looked: days that are over may close. Raises :class:`Conflict` before the gap has passed.

    A call of the replaced records can have ended just before the restore, and no number rings twice within the gap.
    """
    if RESTORED not in state.flags:
        return
    restored = datetime.fromisoformat(state.flags[RESTORED])
    earliest = restored + state.config.rule.gap
    if now < earliest:
        shown = earliest.astimezone(state.config.hours.zone)
        raise Conflict(
            "the books were restored from a backup, and do not know who was called just before: "
            f"resume at {shown:%H:%M:%S} or later"
        )
    state.set_flag(RESTORED, "")
    state.clear_alarm(RESTORED, now)
    state.out.note(now, "books.accepted", by=by)
    for day in state.days.values():
        if day.hours.opens is not None and day.hours.opens <= restored:
            call_it_started(state, day.day, now)  # it may have, before: the records cannot tell, so people do
        state.timers.at(now, Wake.HOURS, day.day.isoformat())
