"""Words of the administrator's pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dialer.campaign.staff import Role
from dialer.web.kit.access.tokens import Scope
from dialer.web.kit.page.screen import Screen
from dialer.web.kit.page.texts import mark

TABS: Sequence[tuple[str, str]] = (
    ("/admin", mark("Health")),
    ("/admin/staff", mark("Staff")),
    ("/admin/agents", mark("Agents' phones")),
    ("/admin/test-calls", mark("Test call")),
    ("/admin/tokens", mark("Tokens")),
    ("/admin/calendar", mark("Calendar")),
    ("/admin/backups", mark("Backups")),
    ("/admin/settings", mark("Settings")),
    ("/audit", mark("Audit log")),
)

SCOPES: Mapping[Scope, str] = {
    Scope.READ: mark("look at visits, agents, progress and notices"),
    Scope.OPERATE: mark("import lists, change visits, agents and the calendar, run the campaign"),
    Scope.ORDERS: mark("report orders, take customers off the list, correct phone numbers"),
    Scope.RECORDINGS: mark("search and hear recordings; each time is on record"),
    Scope.ADMIN: mark("accounts, tokens and the audit log"),
}

SOURCES: Mapping[str, str] = {
    "default": mark("default"),
    "file": mark("settings file"),
    "environment": mark("environment"),
}

SECTIONS: Mapping[str, str] = {
    "": mark("In general"),
    "pbx": mark("Link to the PBX"),
    "trunks": mark("Trunk"),
    "rule": mark("The rule of calling again"),
    "dialling": mark("Dialling"),
    "hours": mark("Calling hours"),
    "lists": mark("Lists"),
    "recordings": mark("Recordings"),
    "web": mark("Pages"),
    "platform": mark("Info platform"),
    "backup": mark("Backup"),
    "log": mark("Log"),
}

ACTIONS: Mapping[str, str] = {
    "sign_in": mark("signed in"),
    "sign_in_refused": mark("was refused at sign-in"),
    "sign_in_throttled": mark("tried too often to sign in"),
    "sign_out": mark("signed out"),
    "change_password": mark("changed their own password"),
    "set_language": mark("changed their own language"),
    "add_staff": mark("added an account"),
    "change_staff": mark("changed an account"),
    "set_password": mark("gave a new password"),
    "end_sessions": mark("ended somebody's sessions"),
    "create_token": mark("made a token"),
    "revoke_token": mark("revoked a token"),
    "make_backup": mark("backed the database up"),
    "restore": mark("restored the database from a backup"),
    "set_calendar_day": mark("changed the calendar"),
    "save_agent": mark("changed an agent"),
    "import_agents": mark("imported agents"),
    "set_presence": mark("changed an agent's presence"),
    "import_visits": mark("imported a visit list"),
    "withdraw_visit": mark("withdrew a visit"),
    "reassign_visit": mark("dealt a visit to somebody else"),
    "promise_visit": mark("promised a time"),
    "take_import": mark("imported a visit list"),
    "deal": mark("dealt an agent's visits out"),
    "enter_by_hand": mark("entered what was done by hand"),
    "withdraw_customer": mark("withdrew a customer"),
    "correct_phone": mark("corrected a phone number"),
    "set_disposition": mark("entered a result"),
    "hang_up": mark("hung up a call"),
    "take_order": mark("reported an order"),
    "resolve_order": mark("linked an order to its call"),
    "pause_campaign": mark("paused calling"),
    "resume_campaign": mark("resumed calling"),
    "announce_late_start": mark("told of a late start"),
    "set_remarks": mark("wrote remarks"),
    "place_test_call": mark("rang a phone for a test"),
    "stop_test_call": mark("stopped a test call"),
    "get_audio": mark("opened a recording"),
    "show_recording": mark("looked at a recording"),
    "hold_recording": mark("changed a recording's hold"),
    "hold": mark("changed a recording's hold"),
    "add_mark": mark("put a mark into a recording"),
    "remove_mark": mark("took a mark out of a recording"),
    "resend_notice": mark("sent a notice again"),
    "acknowledge_notice": mark("acknowledged a notice"),
    "acknowledge_on_board": mark("acknowledged a notice on the board"),
}
"""What the log calls an operation -> in words; one that is not here is shown as the log calls it."""

DETAILS: Mapping[str, str] = {
    "agent": mark("Agent"),
    "amount": mark("Amount"),
    "at": mark("Time"),
    "attempt": mark("The call"),
    "bytes": mark("bytes"),
    "code": mark("Customer code"),
    "customer": mark("Customer code"),
    "day": mark("Day"),
    "disabled": mark("disabled"),
    "do": mark("What"),
    "extension": mark("Phone"),
    "filename": mark("File"),
    "from": mark("From"),
    "hold": mark("Protected"),
    "language": mark("language"),
    "list": mark("Name of the list"),
    "must_change": mark("must choose a new password"),
    "name": mark("Name"),
    "next": mark("page"),
    "number": mark("number"),
    "order": mark("Order number"),
    "phone": mark("Phone"),
    "position_s": mark("at second"),
    "presence": mark("Presence"),
    "preview": mark("Preview"),
    "promised": mark("Promised time"),
    "quantity": mark("Quantity"),
    "reason": mark("Reason"),
    "recordings": mark("may hear recordings"),
    "result": mark("Result"),
    "role": mark("Role"),
    "scopes": mark("May"),
    "skip": mark("bad rows are left out"),
    "skip_bad": mark("bad rows are left out"),
    "source": mark("Source"),
    "team": mark("Team"),
    "text": mark("text"),
    "to": mark("Deal to"),
    "tries": mark("Calls made"),
    "visits": mark("Customers"),
    "which": mark("Which customers"),
    "who": mark("Who"),
    "working": mark("working day"),
}
"""Fields of what was asked for -> in words; one that is not here is shown by its name."""

OF_ACTION: Mapping[tuple[str, str], str] = {
    ("add_staff", "number"): mark("Staff number"),
    ("create_token", "name"): mark("Name of the system"),
    ("enter_by_hand", "who"): mark("Who dialled"),
    ("set_calendar_day", "name"): mark("Name of the day"),
    ("take_order", "number"): mark("Order number"),
}
"""(action, field) -> what the field is there, where that is something else."""


def shown_tabs(screen: Screen) -> Sequence[tuple[str, str]]:
    """The tabs of the administrator; a supervisor sees the audit log alone."""
    return TABS if screen.staff.role is Role.ADMINISTRATOR else ()
