"""The audit log: who did what, when and from where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from aiohttp import web

from dialer.campaign.views import wording
from dialer.language import N_
from dialer.people.audit_log import AuditEntry, AuditQuery
from dialer.web.admin.pages.words import ACTIONS, DETAILS, OF_ACTION
from dialer.web.kit.access.roles import ADMINISTRATOR, SUPERVISOR
from dialer.web.kit.page.format import capital
from dialer.web.kit.page.paging import sliced, wanted_page
from dialer.web.kit.page.screen import Screen, page
from dialer.web.kit.page.templates import ROLES

_LONGEST = 200
_TIMES = ("at", "promised")
_BETWEEN = "·"
"""Stands between two details; a value that has it is quoted."""
_TICKED = ("to-", "visit-")
_ANSWERS = {"yes": N_("Yes"), "no": N_("No")}
_WORDS: Mapping[str, Mapping[Any, str]] = {
    "result": wording.RESULTS,
    "presence": wording.PRESENCES,
    "reason": wording.PAUSE_REASONS,
    "role": {**ROLES, "token": N_("System"), "cli": N_("Command line")},
    "source": {"agent": N_("Agent"), "order-system": N_("Order system")},
    "which": {"all": N_("All of them"), "ticked": N_("Selected ones")},
    "do": {"import": N_("Import"), "preview": N_("Preview")},
    "hold": _ANSWERS,
    "skip": _ANSWERS,
}


class Line(NamedTuple):
    """A row of the log in words. ``known``: the action has a name; ``details``: (field, value)."""

    at: datetime
    who: str
    role: str
    what: str
    known: bool
    target: str
    details: Sequence[tuple[str, str]]
    address: str
    refused: bool


async def show_audit(screen: Screen) -> web.StreamResponse:
    """What fits the search, newest first."""
    query = screen.query
    who, what, target = (query.get(name, "").strip()[:_LONGEST] for name in ("who", "what", "target"))
    since, until = _midnight(screen, "since"), _midnight(screen, "until", days=1)
    found = await screen.services.accounts.audit.search(AuditQuery(who, what, target, since, until, wanted_page(query)))
    return screen.render(
        "audit.html",
        slice=sliced([_line(screen, entry) for entry in found], "/audit", query),
        choices=sorted(ACTIONS.items(), key=lambda action: screen.t(action[1])),
    )


def _line(screen: Screen, entry: AuditEntry) -> Line:
    known = entry.what in ACTIONS
    return Line(
        entry.at,
        (screen.named(entry.who) if entry.role == "token" else entry.who) or "–",
        _word(screen, "role", entry.role),
        screen.t(ACTIONS[entry.what]) if known else entry.what,
        known,
        entry.target,
        [
            (_label(screen, entry.what, name), _value(screen, name, value))
            for name, value in _gathered(entry.details).items()
            if name != "refused"
        ],
        entry.address,
        "refused" in entry.details,
    )


def _gathered(details: Mapping[str, Any]) -> dict[str, Any]:
    """The ticked boxes of a form as one field: ``to-103`` and ``to-104`` as two agents, ``visit-…`` as a count."""
    found = {name: value for name, value in details.items() if not name.startswith(_TICKED)}
    agents, visits = ([name for name in details if name.startswith(kind)] for kind in _TICKED)
    if agents:
        found["to"] = [name.partition("-")[2] for name in agents]
    if visits:
        found["visits"] = len(visits)
    return found


def _label(screen: Screen, what: str, name: str) -> str:
    """What a field of an action is, as a line begins."""
    words = OF_ACTION.get((what, name)) or DETAILS.get(name)
    return capital(screen.t(words)) if words else name


def _word(screen: Screen, name: str, value: str) -> str:
    words = {str(code): words for code, words in _WORDS[name].items()}.get(value)
    return screen.t(words) if words else value


def _value(screen: Screen, name: str, value: object) -> str:
    if isinstance(value, bool):
        return screen.t("Yes") if value else screen.t("No")
    if isinstance(value, list | tuple):
        return screen.t(", ").join(str(each) for each in value)
    text = str(value)
    if name in _WORDS:
        return _word(screen, name, text)
    if name in _TIMES:
        try:
            return screen.format.moment(datetime.fromisoformat(text))
        except (ValueError, TypeError):  # as somebody typed it: 10:30
            return text
    return f"“{text}”" if _BETWEEN in text else text


def _midnight(screen: Screen, name: str, days: int = 0) -> datetime | None:
    """The beginning of the day that was asked for; ``days`` later for an end that is included."""
    try:
        day = date.fromisoformat(screen.query.get(name, "")) + timedelta(days=days)
    except (ValueError, OverflowError):
        return None
    return datetime.combine(day, time.min, screen.zone)


PAGES = (page("/audit", show_audit, SUPERVISOR | ADMINISTRATOR, nav="Audit log", key="7"),)
