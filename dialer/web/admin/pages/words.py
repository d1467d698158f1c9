"""Words of the administrator's pages."""

from __future__ import annotations

from collections.abc import Mapping

from dialer.language import N_
from dialer.web.kit.access.tokens import Scope

SCOPES: Mapping[Scope, str] = {
    Scope.READ: N_("read visits, agents, progress and notices"),
    Scope.OPERATE: N_("import lists, change visits, agents and the calendar, run the campaign"),
    Scope.ORDERS: N_("report orders, take customers off the list, correct phone numbers"),
    Scope.RECORDINGS: N_("search recordings and listen to them; every access is logged"),
    Scope.ADMIN: N_("accounts, tokens and the audit log"),
}

SOURCES: Mapping[str, str] = {
    "default": N_("Default"),
    "file": N_("Settings file"),
    "environment": N_("Environment variable"),
}

SECTIONS: Mapping[str, str] = {
    "": N_("General"),
    "pbx": N_("PBX link"),
    "trunks": N_("Trunk"),
    "rule": N_("Redial rule"),
    "dialling": N_("Dialling"),
    "hours": N_("Calling hours"),
    "lists": N_("Lists"),
    "recordings": N_("Recordings"),
    "web": N_("Pages"),
    "platform": N_("Info platform"),
    "backup": N_("Backup"),
    "log": N_("Log"),
}

ACTIONS: Mapping[str, str] = {
    "sign_in": N_("Signed in"),
    "sign_in_refused": N_("Sign-in denied"),
    "sign_in_throttled": N_("Too many sign-in attempts"),
    "sign_out": N_("Signed out"),
    "change_password": N_("Changed own password"),
    "set_language": N_("Switched language"),
    "add_staff": N_("Created an account"),
    "change_staff": N_("Changed an account"),
    "set_password": N_("Reset a password"),
    "end_sessions": N_("Ended sessions"),
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
    "reassign_visit": N_("Reassigned a visit"),
    "promise_visit": N_("Promised a time"),
    "take_import": N_("Imported a visit list"),
    "deal": N_("Reassigned an agent's visits"),
    "enter_by_hand": N_("Entered a manual call"),
    "withdraw_customer": N_("Withdrew a customer"),
    "correct_phone": N_("Corrected a phone number"),
    "set_disposition": N_("Entered a result"),
    "hang_up": N_("Hung up a call"),
    "take_order": N_("Reported an order"),
    "resolve_order": N_("Linked an order to its call"),
    "pause_campaign": N_("Paused calling"),
    "resume_campaign": N_("Resumed calling"),
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
    "bytes": N_("Size in bytes"),
    "code": N_("Customer code"),
    "customer": N_("Customer code"),
    "day": N_("Day"),
    "disabled": N_("Disabled"),
    "do": N_("Action"),
    "extension": N_("Phone"),
    "filename": N_("File"),
    "from": N_("From"),
    "hold": N_("Protected"),
    "language": N_("Language"),
    "list": N_("List name"),
    "must_change": N_("Must change password"),
    "name": N_("Name of the person"),
    "next": N_("Page"),
    "number": N_("ID"),
    "order": N_("Order number"),
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
    "scopes": N_("Permissions"),
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
