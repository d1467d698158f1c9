"""Rights that one person gave, and that another has yet to see.

Whoever administers sees no customers and hears no recordings, but could give that to an account or a token of their
own. So what gives it is written down with it, in one transaction, and stands on the pages of administrators and
supervisors until somebody has seen it who has no part in it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dialer.errors import Conflict
from dialer.people.staff import Role, Staff


class Right(StrEnum):
    """What was given."""

    ADMINISTRATION = "administration"  # an account may administer
    SUPERVISION = "supervision"  # an account sees every customer, and as a supervisor hears every recording
    RECORDINGS = "recordings"  # an administrator hears recordings
    PASSWORD = "password"  # a new password for an account that has one of these: whoever knows it has them  # noqa: S105 - a kind of right
    TOKEN = "token"  # whoever holds the token  # noqa: S105 - a kind of right


class NotForYou(Conflict):
    """Somebody else must see this: you gave the right, it was given to you, or yours have not been seen yet."""

    code = "not-for-you"


@dataclass(frozen=True, slots=True)
class Giver:
    """Who gives rights, or sees them, and when: as the records name them, with the staff number of a person.

    ``local``: the command line of this machine, whose user has the database in hand anyway.
    """

    name: str
    at: datetime
    staff: str | None = None
    local: bool = False


@dataclass(frozen=True, slots=True)
class Grant:
    """A right that was given. ``target`` is a staff number or the name of a token, ``detail`` the token's scopes."""

    id: int
    at: datetime
    by: str
    by_staff: str | None
    right: Right
    target: str
    detail: str = ""
    seen_by: str | None = None
    seen_at: datetime | None = None

    def names(self, number: str) -> bool:
        """Whether this person gave it or was given it."""
        return number == self.by_staff or (number == self.target and self.right is not Right.TOKEN)


def rights_given(before: Staff | None, after: Staff) -> list[Right]:
    """What a change of an account gives to whoever has it."""
    had, has = _rights(before), _rights(after)
    if before is not None and had == has and has and before.password != after.password:
        return [Right.PASSWORD]
    return [right for right in has if right not in had]


def _rights(staff: Staff | None) -> list[Right]:
    if staff is None or staff.disabled:
        return []
    is_administrator = staff.role is Role.ADMINISTRATOR
    everything = staff.role is Role.SUPERVISOR or (staff.role is Role.TEAM_LEADER and not staff.team)
    has = {
        Right.ADMINISTRATION: is_administrator,
        Right.SUPERVISION: everything,
        Right.RECORDINGS: is_administrator and staff.recordings,
    }
    return [right for right, it in has.items() if it]


def may_see(number: str, unseen: Iterable[Grant]) -> bool:
    """Whether this person can say of a grant that they have seen it: those who have a part in any cannot."""
    return not any(grant.names(number) for grant in unseen)
