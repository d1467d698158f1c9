"""The audit log: who did what, when and from where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any, NamedTuple
from unicodedata import normalize

from aiohttp import web

from dialer.campaign.views import wording
from dialer.language import N_
from dialer.people.audit_log import AuditEntry, AuditQuery
from dialer.web.kit.access.roles import ADMINISTRATOR, SUPERVISOR
from dialer.web.kit.localtime import any_day
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

ACTIONS: Mapping[str, str] = {
    "sign_in": N_("Signed in"),
    "sign_in_refused": N_("Sign-in denied"),
    "sign_in_throttled": N_("Too many sign-in attempts"),
    "sign_out": N_("Signed out"),
    "change_password": N_("Changed own password"),
    "set_language": N_("Switched language"),
    "set_scheme": N_("Switched colours"),
    "add_staff": N_("Created an account"),
    "change_staff": N_("Changed an account"),
    "set_password": N_("Reset a password"),
    "end_sessions": N_("Ended sessions"),
    "clear_tries": N_("Forgot wrong passwords"),
    "see_grant": N_("Saw a right that was given"),
    "create_token": N_("Created a token"),
    "revoke_token": N_("Revoked a token"),
    "make_backup": N_("Backed up the database"),
    "restore": N_("Restored the database from a backup"),
    "set_calendar_day": N_("Changed the calendar"),
    "save_agent": N_("Changed an agent"),
    "import_agents": N_("Imported agents"),
    "set_presence": N_("Changed an agent's presence"),
    "import_visits": N_("Imported a visit list"),
    "withdraw_visit": N_("Withdrew a visit"),
    "put_visit_back": N_("Put a visit back on the list"),
    "reassign_visit": N_("Reassigned a visit"),
    "promise_visit": N_("Promised a time"),
    "take_import": N_("Imported a visit list"),
    "deal": N_("Reassigned an agent's visits"),
    "enter_by_hand": N_("Entered a manual call"),
    "withdraw_customer": N_("Withdrew a customer"),
    "correct_phone": N_("Corrected a phone number"),
    "set_disposition": N_("Entered a result"),
    "clear_disposition": N_("Took a result back"),
    "hang_up": N_("Hung up a call"),
    "take_order": N_("Reported an order"),
    "resolve_order": N_("Linked an order to its call"),
    "pause_campaign": N_("Paused calling"),
    "resume_campaign": N_("Resumed calling"),
    "take_over": N_("Took the PBX over"),
    "tick_off": N_("Ticked off what needs attention"),
    "untick": N_("Took a tick back"),
    "announce_late_start": N_("Announced a late start"),
    "set_remarks": N_("Wrote remarks"),
    "place_test_call": N_("Called a phone as a test"),
    "stop_test_call": N_("Stopped a test call"),
    "get_audio": N_("Opened a recording"),
    "show_recording": N_("Viewed a recording"),
    "hold_recording": N_("Changed the protection of a recording"),
    "hold": N_("Changed the protection of a recording"),
    "add_mark": N_("Added a mark to a recording"),
    "remove_mark": N_("Removed a mark from a recording"),
    "resend_notice": N_("Resent a notice"),
    "acknowledge_notice": N_("Acknowledged a notice"),
    "acknowledge_on_board": N_("Acknowledged a notice on the board"),
}
"""What the log calls an operation -> in words; one that is not here is shown as the log calls it."""

DETAILS: Mapping[str, str] = {
    "agent": N_("Agent"),
    "amount": N_("Amount"),
    "at": N_("Time"),
    "attempt": N_("The call"),
    "back": N_("Page"),
    "bytes": N_("Size in bytes"),
    "code": N_("Customer code"),
    "customer": N_("Customer code"),
    "day": N_("Day"),
    "disabled": N_("Disabled"),
    "do": N_("Action"),
    "extension": N_("Phone"),
    "filename": N_("File"),
    "force": N_("Although nobody is left to administer"),
    "from": N_("From"),
    "hold": N_("Protected"),
    "language": N_("Language"),
    "list": N_("List name"),
    "must_change": N_("Must change password"),
    "name": N_("Name of the person"),
    "next": N_("Page"),
    "number": N_("ID"),
    "insist": N_("Order number of another customer, confirmed"),
    "order": N_("Order number"),
    "order_stays": N_("The earlier order stands"),
    "phone": N_("Phone"),
    "position_s": N_("Position (s)"),
    "presence": N_("Presence"),
    "preview": N_("Preview"),
    "promised": N_("Promised time"),
    "quantity": N_("Quantity"),
    "reason": N_("Reason"),
    "recordings": N_("May listen to recordings"),
    "result": N_("Result"),
    "role": N_("Role"),
    "scheme": N_("Colours"),
    "scopes": N_("Permissions"),
    "sheet": N_("Sheet"),
    "skip": N_("Invalid rows skipped"),
    "skip_bad": N_("Invalid rows skipped"),
    "source": N_("Source"),
    "team": N_("Team"),
    "text": N_("Text"),
    "to": N_("Reassign to"),
    "tries": N_("Calls made"),
    "visits": N_("Customers"),
    "which": N_("Which customers"),
    "who": N_("User"),
    "withdraw": N_("Confirmed removals"),
    "working": N_("Working day"),
}
"""Fields of what was asked for -> in words; one that is not here is shown by its name."""

OF_ACTION: Mapping[tuple[str, str], str] = {
    ("add_staff", "number"): N_("Staff number"),
    ("create_token", "name"): N_("System name"),
    ("enter_by_hand", "who"): N_("Dialled by"),
    ("set_calendar_day", "name"): N_("Name of the holiday"),
    ("take_order", "number"): N_("Order number"),
}
"""(action, field) -> what the field is there, where that is something else."""


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
    who, what, target = (normalize("NFKC", query.get(n, "")).strip()[:_LONGEST] for n in ("who", "what", "target"))
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
    words = _WORDS[name].get(value)
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
    """The beginning of the day that was asked for; ``days`` later for an end that is included.

    Raises BadInput.
    """
    text = screen.query.get(name, "")
    return datetime.combine(any_day(text) + timedelta(days=days), time.min, screen.zone) if text else None


PAGES = (page("/audit", show_audit, SUPERVISOR | ADMINISTRATOR, nav="Audit log", key="7", turn="heavy"),)
