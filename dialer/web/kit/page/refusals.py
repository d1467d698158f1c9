"""What a person is told for an error's code."""

from __future__ import annotations

from collections.abc import Mapping

from dialer.errors import DialerError
from dialer.language import N_, Language, Translate, reword, translator

REFUSALS: Mapping[str, str] = {
    "not-allowed": N_("Your role does not allow this."),
    "foreign-request": N_("The request did not come from a page of the dialer. Reload the page and try again."),
    "rights-changed": N_("Your rights were changed in the meantime; nothing was done. Reload the page and try again."),
    "must-change-password": N_("Choose your own password first."),
    "not-found": N_("Not found, or not within your scope."),
    "no-such-address": N_("There is no page at this address."),
    "method-not-allowed": N_("This address does not support that operation."),
    "conflict": N_("The situation has changed in the meantime. Check it and try again."),
    "being-called": N_("The dialer is calling this customer; enter the manual call when that call has ended."),
    "done-by-hand": N_("A manual call was entered for this customer; correct that entry instead."),
    "reached-already": N_("The dialer has already reached this customer; change the result of that call instead."),
    "withdrawn": N_("This customer was withdrawn from the list and is not called today."),
    "number-spent": N_("This number has had all the calls that the rule allows in a day."),
    "not-on-list": N_("This customer is not on today's list, or not one of yours. Check the customer code."),
    "who-missing": N_("Enter who dialled: a staff number or a name."),
    "text-too-long": N_("The order number, the remarks or the name of who dialled is too long."),
    "tries-unfit": N_("Enter the number of calls in digits, from 1 to 20."),
    "no-time": N_("The time cannot be read. Write it as 1030, 10:30 or 3 pm, local time of the department."),
    "time-to-come": N_("The time of the call is in the future. Enter the call after it has been made."),
    "other-day": N_("The time of the call is not on the day of this list."),
    "order-missing": N_("The result 'ordered' needs an order number."),
    "quantity-unfit": N_("The quantity must be a number, such as 16."),
    "amount-unfit": N_("The amount must be a number, such as 1234.50."),
    "order-of-another": N_(
        "Another customer has this order number. Check it. Saved once more it stays, and the supervisor decides."
    ),
    "order-stands": N_("An order was entered for this conversation. Say whether it stands."),
    "text-missing": N_("For a complaint or an opinion, write what the customer said in the remarks."),
    "promise-far": N_("The promised time is too far ahead. Check the date."),
    "promise-over": N_("This time has already passed."),
    "promise-closed": N_("This is outside today's calling hours."),
    "promise-missing": N_("The result 'wants to be called later' needs a promised time."),
    "phone-in-use": N_(
        "This phone is in use, or may be connected to a customer at any moment: its agent must pause or sign out first."
    ),
    "phone-away": N_("Your phone is not registered or not reachable. Check its power and network, then press N again."),
    "phone-unknown": N_("The PBX does not know your phone. Tell your team leader: the extension must be corrected."),
    "phone-do-not-disturb": N_("Your phone is set to do not disturb. Switch that off, then press N again."),
    "phone-busy": N_("Your phone is on another call. Hang up first, then press N again."),
    "phone-ringing": N_("Your phone is ringing with another call. Take it or decline it first, then press N again."),
    "phone-on-hold": N_("Your phone is holding another call. End that call first, then press N again."),
    "phone-not-allowed": N_(
        "This extension has a form that the settings do not allow. Enter the extension alone, such as 8001; an "
        "administrator can allow other forms in the settings."
    ),
    "own-account": N_("This is your own account: only another administrator can change its role or rights."),
    "last-administrator": N_("This is the last administrator. Make somebody else an administrator first."),
    "not-for-you": N_(
        "Somebody else must see this: you gave the right, it was given to you, or yours have not been seen yet."
    ),
    "phone-taken": N_("This is the extension of another agent. Two agents need two phones."),
    "phone-shared": N_(
        "Another agent works on your phone. They must pause or sign out, or you need a phone of your own."
    ),
    "phone-outside": N_("This number would be called over a trunk; test calls are only for the office's own phones."),
    "phone-tested": N_("This phone is already being tested, or too many phones are being tested at once. Please wait."),
    "bad-input": N_("Something you entered is not valid. Check it and try again."),
    "list-refused": N_("The list has rows that cannot be imported."),
    "malformed": N_("The request could not be read. Reload the page and try again."),
    "weak-password": N_(
        "A password needs at least 8 characters, at least three of them different, and must not be a name, a staff "
        "number or easy to guess."
    ),
    "sign-in-refused": N_("The staff number or password is wrong, or the account is disabled."),
    "too-many-tries": N_("Too many wrong passwords. Try again in a few minutes."),
    "too-much-at-once": N_(
        "You have too many of these open or running at once. Wait until some are done, then try again."
    ),
    "too-large": N_("This is too large."),
    "too-slow": N_("The request did not arrive in time. Check the network and try again."),
    "wrong-media": N_("This type of file is not supported."),
    "busy": N_("The system is busy. Nothing was changed. Try again in a moment."),
    "store-unavailable": N_("The database cannot be written to. Nothing was changed. Try again in a moment."),
    "not-yet": N_("The system did not respond in time and may still do it. Check before you repeat it."),
    "recording": N_("The recording cannot be read."),
    "not-signed-in": N_("Your session has ended. Sign in again."),
    "not-authenticated": N_("Your session has ended. Sign in again."),
    "link-down": N_("There is no link to the PBX at the moment."),
    "link-lost": N_("The link to the PBX was lost. Check before you repeat it."),
    "refused": N_("This cannot be done."),
    "internal": N_("An internal error occurred; see the log for details."),
}


def refusal(code: str, t: Translate) -> str:
    """An error in the words of the person."""
    return t(REFUSALS.get(code, REFUSALS["refused"]))


def reworded(message: str, language: Language) -> str:
    """What an error says in the person's language; "" where only English has it."""
    said = reword(message, language)
    return "" if language != "en" and said == message else said


def explained(error: DialerError, language: Language) -> str:
    """An error in the words of the person, with what exactly is wrong."""
    t = translator(language)
    said, why = refusal(error.code, t), reworded(str(error), language)
    return t("{said} ({why})", said=said, why=why) if why else said
