"""Records of people who sign in: their account, their sessions, and what they did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from dialer.campaign.records import Page


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


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in. ``digest`` is the SHA-256 of the token, which only the person's browser has."""

    digest: str
    staff: str
    created_at: datetime
    last_seen: datetime
    expires_at: datetime
    address: str
    user_agent: str
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Somebody did something. ``role`` is the person's, "token" of a system, "cli" of the command line."""

    at: datetime
    who: str
    role: str
    what: str
    target: str
    address: str
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """What to look for; everything that is given must hold. ``who`` and ``target`` match anywhere in the text."""

    who: str = ""
    what: str = ""
    target: str = ""
    since: datetime | None = None
    until: datetime | None = None
    page: Page = field(default_factory=Page)
