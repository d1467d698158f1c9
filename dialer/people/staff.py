"""Records of people who sign in: their account, their sessions, and what they did."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Literal, Protocol

from dialer.errors import Conflict

if TYPE_CHECKING:
    from dialer.people.grants import Giver, Grant


class Role(StrEnum):
    """What a person is to the dialer. Each has exactly one."""

    AGENT = "agent"  # 电访员: the customers dealt to them
    TEAM_LEADER = "team_leader"  # 座席班长: their team; without a team, everybody
    SUPERVISOR = "supervisor"  # everything of the campaign, and all recordings
    ADMINISTRATOR = "administrator"  # health, staff, tokens, calendar; no customers


@dataclass(frozen=True, slots=True)
class Staff:
    """An account. One of an agent belongs to the agent of the same staff number.

    ``password`` is an argon2 hash; ``language`` is "" until the person chose one; ``recordings``: an administrator
    who may hear recordings; ``must_change``: the password was given by somebody else.
    """

    number: str
    name: str
    role: Role
    password: str = field(repr=False)
    created_at: datetime
    password_changed_at: datetime
    team: str | None = None
    language: Literal["", "zh", "en"] = ""
    recordings: bool = False
    disabled: bool = False
    must_change: bool = False

    @property
    def administers(self) -> bool:
        """Whether this person can sign in and administer."""
        return self.role is Role.ADMINISTRATOR and not self.disabled

    @property
    def rights(self) -> tuple[object, ...]:
        """What decides what this person may see and do: a change of it ends what is under way for them."""
        return self.role, self.team, self.recordings, self.disabled, self.must_change


class LastAdministrator(Conflict):
    """This is the last administrator who can sign in: make another one first."""

    code = "last-administrator"


class StaffStore(Protocol):
    """Accounts of people."""

    async def staff(self, number: str) -> Staff | None: ...

    async def everybody(self) -> list[Staff]:
        """By staff number, disabled ones too."""

    async def add(self, staff: Staff, by: Giver | None = None) -> None:
        """With the rights that it gives, if somebody gives them. Raises ``Conflict`` when the number is taken."""

    async def change(
        self, number: str, edit: Callable[[Staff], Staff], by: Giver | None = None, *, force: bool = False
    ) -> Staff:
        """Replace an account by what ``edit`` makes of it, with the rights that it gives, in one transaction.

        Raises ``NotFound``, and ``LastAdministrator`` when nobody would be left to administer, unless ``force``.
        """

    async def unseen(self) -> list[Grant]:
        """Rights that were given and that nobody else has seen, oldest first."""

    async def see(self, grant: int, who: Giver) -> None:
        """Somebody has seen it. Raises ``NotFound``, and ``NotForYou`` when they have a part in it, or in another."""
