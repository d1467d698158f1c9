"""The pages' words: English in the code, Chinese in ``dialer/locale/zh/LC_MESSAGES/*.po``, a file for each group.

The files are read at the start; nothing has to be compiled. A test sees to it that each sentence has its
Chinese, that none is stale, and that no two files contradict each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files

from babel.messages.pofile import read_po

from dialer.campaign.wording import Language

Translate = Callable[..., str]
"""``t("%(count)s customers", count=3)``: the sentence in somebody's language."""


@cache
def chinese() -> Mapping[str, str]:
    """English sentence -> Chinese, of every file."""
    found: dict[str, str] = {}
    for path in catalogues():
        with files("dialer").joinpath("locale", "zh", "LC_MESSAGES", path).open("rb") as file:
            found |= {str(m.id): str(m.string) for m in read_po(file) if m.id and m.string and not m.fuzzy}
    return found


def catalogues() -> list[str]:
    """The names of the files."""
    folder = files("dialer").joinpath("locale", "zh", "LC_MESSAGES")
    return sorted(each.name for each in folder.iterdir() if each.name.endswith(".po"))


def look_up(language: Language, english: str) -> str:
    """The sentence as it stands, with its places not filled in."""
    return chinese().get(english, english) if language == "zh" else english


def translator(language: Language) -> Translate:
    """Words for Python code; places are written ``%(name)s``."""

    def t(english: str, /, **values: object) -> str:
        sentence = look_up(language, english)
        return sentence % values if values else sentence

    return t


def mark(english: str) -> str:
    """Say that a sentence is to be translated later: for tables of words."""
    return english


REFUSALS: Mapping[str, str] = {
    "not-allowed": mark("Your role does not allow this."),
    "foreign-request": mark("This did not come from one of the dialer's own pages. Reload the page and try again."),
    "must-change-password": mark("Choose a password of your own first."),
    "not-found": mark("There is no such thing, or it is not among yours."),
    "no-such-address": mark("There is no page at this address."),
    "method-not-allowed": mark("This address cannot be used like that."),
    "conflict": mark("This does not fit the present state: it has changed in the meantime. Look again."),
    "being-called": mark("The dialer is calling this customer just now; enter it when that call is over."),
    "done-by-hand": mark("This customer was done by hand; correct what was entered instead."),
    "reached-already": mark("A call of the dialer has reached this customer; change the result of that call instead."),
    "not-on-list": mark("This customer is not on today's list, or is not one of yours. Look at the customer code."),
    "who-missing": mark("Say who dialled: a staff number or a name."),
    "text-too-long": mark("The order number, the remarks or who dialled is too long. Write it shorter."),
    "tries-unfit": mark("Write the number of calls in digits: at least 1 and at most 20."),
    "no-time": mark("A time cannot be read. Write it as 1030 or 10:30, on the department's clock."),
    "time-to-come": mark("The time of the call is still to come. Enter what was done when it has been done."),
    "other-day": mark("The time of the call is not on the day of this list."),
    "order-missing": mark("With the result 'ordered' the order number is needed."),
    "text-missing": mark("A complaint or an opinion needs its words in the remarks."),
    "promise-missing": mark("With the result 'wants to be called later' the promised time is needed."),
    "phone-in-use": mark(
        "Somebody is on this phone, or a customer may come onto it at any moment: its agent must pause or sign out "
        "first."
    ),
    "phone-outside": mark("This number goes out over a trunk; a test call rings the office's own phones only."),
    "phone-tested": mark("This phone is being tested already, or too many are at once. Wait until that is over."),
    "bad-input": mark("Something that was entered does not fit. Check it and try again."),
    "list-refused": mark("The list has rows that cannot be taken."),
    "malformed": mark("The request could not be read. Reload the page and try again."),
    "weak-password": mark(
        "A password needs at least 8 characters, of at least three kinds, and must not be a name or a number that "
        "anybody would try first."
    ),
    "sign-in-refused": mark("The staff number or the password is wrong, or the account is disabled."),
    "too-many-tries": mark("Too many wrong passwords. Wait some minutes before the next try."),
    "too-large": mark("This is too large to be taken."),
    "too-slow": mark("The request did not arrive in time. Check the network and try again."),
    "wrong-media": mark("This kind of file is not taken here."),
    "busy": mark("Too much is waiting to be written just now; nothing was changed. Try again in a moment."),
    "store-unavailable": mark("The database cannot be written just now; nothing was changed. Try again in a moment."),
    "not-yet": mark("The dialer has not answered in time; it may still do it. Look before you repeat it."),
    "recording": mark("The recording cannot be read."),
    "not-signed-in": mark("You are not signed in any more. Sign in again."),
    "not-authenticated": mark("You are not signed in any more. Sign in again."),
    "link-down": mark("There is no link to the PBX just now."),
    "link-lost": mark("The link to the PBX broke; look before you repeat it."),
    "refused": mark("This cannot be done."),
    "internal": mark("The dialer has a defect here; its log has the details."),
}
"""What a person is told for an error's code."""


def refusal(code: str, t: Translate) -> str:
    """An error in the words of the person."""
    return t(REFUSALS.get(code, REFUSALS["refused"]))
