"""Signing in and out, the password, the language, and where a person begins."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus

from aiohttp import web

from dialer.campaign.messages import SetPresence
from dialer.campaign.model.agent import Presence
from dialer.errors import BadInput
from dialer.language import N_
from dialer.people.accounts import SignInRefused, TooManyTries
from dialer.people.sessions import Ending
from dialer.web.kit.access.roles import EVERYBODY
from dialer.web.kit.access.sessions import drop_cookie, earlier_of, set_cookie, set_earlier, token_of
from dialer.web.kit.http.audit_entry import audit_entry
from dialer.web.kit.page.dispatch import LANGUAGE_COOKIE
from dialer.web.kit.page.refusals import refusal
from dialer.web.kit.page.screen import HOMES, SCHEME_COOKIE, SCHEMES, Screen, page, see

ENDINGS: Mapping[Ending, str] = {
    "disabled": N_("Your account has been disabled. Ask your administrator."),
    "ended": N_("This session was ended: by an administrator, or because your password was changed. Sign in again."),
    "too-long": N_("You were signed out: a session ends after {longest} hours. Sign in again."),
    "idle": N_("You were signed out after {idle} hours without activity. Sign in again."),
}
_HOUR = timedelta(hours=1)
_A_YEAR = 365 * 24 * 3600


async def home(screen: Screen) -> web.StreamResponse:
    """On to the person's own page."""
    return see(HOMES[screen.staff.role])


async def show_sign_in(screen: Screen) -> web.StreamResponse:
    """The form; somebody who is signed in goes on to their page."""
    if screen.signed is not None:
        return see(_local(screen.query.get("next", "")) or HOMES[screen.staff.role])
    ending = await screen.services.accounts.ending(token_of(screen.request))
    response = screen.render(
        "sign_in.html",
        said="",
        why=_ended(screen, ending) if ending else "",
        number="",
        next=_local(screen.query.get("next", "")),
    )
    if screen.query.get("lang") in ("zh", "en"):
        _remember(screen, response, screen.query["lang"])
    return response


def _ended(screen: Screen, why: Ending) -> str:
    rules = screen.services.accounts.rules
    return screen.t(
        ENDINGS[why],
        idle=round(rules.idle / _HOUR),
        longest=round(rules.longest / _HOUR),
    )


async def sign_in(screen: Screen) -> web.StreamResponse:
    """Try a staff number and a password."""
    number, request = screen.form.get("number", "").strip(), screen.request
    going = _local(screen.form.get("next", ""))
    try:
        signed = await screen.services.accounts.sign_in(
            number,
            screen.form.get("password", ""),
            request.remote or "",
            request.headers.get("User-Agent", ""),
            earlier_of(request),
        )
    except TooManyTries as error:
        minutes = max(1, round(error.wait_s / 60))
        said = screen.t("Too many wrong passwords. Try again in {minutes} min.", minutes=minutes)
        response = screen.render(
            "sign_in.html", status=HTTPStatus.TOO_MANY_REQUESTS, said=said, why="", number=number, next=going
        )
        response.headers["Retry-After"] = str(max(1, round(error.wait_s)))
        return response
    except SignInRefused as error:
        said = refusal(error.code, screen.t)
        return screen.render(
            "sign_in.html", status=HTTPStatus.UNPROCESSABLE_ENTITY, said=said, why="", number=number, next=going
        )
    if screen.signed is not None:  # the browser's former session ends
        await screen.services.accounts.sign_out(screen.signed)
    response = see("/password" if signed.staff.must_change else going or HOMES[signed.staff.role])
    set_cookie(request, response, signed.token)
    set_earlier(request, response, [signed.session.digest, *earlier_of(request)])
    return response


async def sign_out(screen: Screen) -> web.StreamResponse:
    """End this session; an agent's work ends with it, after a call that goes on."""
    if screen.signed is not None:
        state, number = screen.context.state_if_loaded, screen.staff.number
        try:
            if state is not None and number in state.agents:
                await screen.ask(SetPresence(by=screen.by, agent=number, presence=Presence.SIGNED_OUT))
        finally:
            await screen.services.accounts.sign_out(screen.signed)
    response = see("/sign-in")
    drop_cookie(screen.request, response)
    return response


async def show_password(screen: Screen) -> web.StreamResponse:
    """The form for a password of one's own."""
    return screen.render("password.html", said="", done=False)


async def change_password(screen: Screen) -> web.StreamResponse:
    """Change one's own password; one's other sessions end."""
    t = screen.t
    old, new, again = (screen.form.get(name, "") for name in ("old", "new", "again"))
    assert screen.signed is not None
    was_forced = screen.staff.must_change
    if new != again:
        return _refused(screen, t("The new passwords do not match."))
    try:
        await screen.services.accounts.change_password(screen.signed, old, new)
    except SignInRefused:
        said = t("The current password is wrong.")
    except (BadInput, TooManyTries) as error:
        same = error.code == BadInput.code
        said = t("Choose a different password from the current one.") if same else refusal(error.code, t)
    else:
        return see(HOMES[screen.staff.role]) if was_forced else screen.render("password.html", said="", done=True)
    return _refused(screen, said)


def _refused(screen: Screen, said: str) -> web.StreamResponse:
    return screen.render("password.html", status=HTTPStatus.UNPROCESSABLE_ENTITY, said=said, done=False)


async def set_language(screen: Screen) -> web.StreamResponse:
    """Switch the language, for good; everybody has their own."""
    language = screen.form.get("language", "")
    if language not in ("zh", "en"):
        raise BadInput("language: zh or en")
    await screen.services.accounts.set_language(screen.staff.number, "en" if language == "en" else "zh")
    audit_entry(screen.request).target = screen.staff.number
    response = see(_local(screen.form.get("next", "")) or HOMES[screen.staff.role])
    _remember(screen, response, language)
    return response


async def set_scheme(screen: Screen) -> web.StreamResponse:
    """Choose light or dark for this browser; "" as the system has it."""
    scheme = screen.form.get("scheme", "")
    if scheme not in ("", *SCHEMES):
        raise BadInput("scheme: light, dark or nothing")
    response = see(_local(screen.form.get("next", "")) or HOMES[screen.staff.role])
    response.set_cookie(
        SCHEME_COOKIE, scheme, max_age=_A_YEAR, httponly=True, samesite="Lax", secure=screen.request.secure
    )
    return response


def _remember(screen: Screen, response: web.StreamResponse, language: str) -> None:
    """Also for the sign-in page of this browser."""
    response.set_cookie(
        LANGUAGE_COOKIE, language, max_age=_A_YEAR, httponly=True, samesite="Lax", secure=screen.request.secure
    )


def _local(path: str) -> str:
    """A path of ours to go on to, or ""; never another site."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() else ""


PAGES = (
    page("/", home, EVERYBODY),
    page("/sign-in", show_sign_in, None),
    page("/sign-in", sign_in, None, method="POST"),
    page("/sign-out", sign_out, EVERYBODY, method="POST", stale=True),
    page("/password", show_password, EVERYBODY, stale=True),
    page("/password", change_password, EVERYBODY, method="POST", stale=True),
    page("/language", set_language, EVERYBODY, method="POST", stale=True),
    page("/scheme", set_scheme, EVERYBODY, method="POST", stale=True),
)
