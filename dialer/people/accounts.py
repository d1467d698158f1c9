"""People: signing in and out, their sessions, their accounts.

The token of a session is 256 random bits that only the person's browser has; kept is its SHA-256. Sessions are
remembered here so that a request costs no look-up: this process is the only one that changes them.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Literal

from dialer.clock import Clock
from dialer.errors import BadInput, Conflict, NotFound, Refused
from dialer.people.audit_log import AuditEntry, AuditLog
from dialer.people.grants import Giver
from dialer.people.passwords import LONGEST, Passwords, check_strength
from dialer.people.sessions import Ending, Session, SessionStore
from dialer.people.staff import Role, Staff, StaffStore
from dialer.people.tokens import digest_of, new_token

_SEEN_EVERY = timedelta(minutes=1)
_LONGEST_TEXT = 300
_KINDS: Mapping[str, Literal["account", "address", "browser"]] = {
    "account": "account",
    "address": "address",
    "browser": "browser",
}
"""Of the keys under which tries are counted, those that name somebody."""
MOST_EARLIER = 5
"""People whose sign-ins a browser remembers: a desk is shared."""


class SignInRefused(Refused):
    """The staff number or the password is wrong, or the account is disabled."""

    code = "sign-in-refused"


class OwnAccount(Conflict):
    """Nobody changes their own role, team or rights: another administrator does."""

    code = "own-account"


class TooManyTries(Refused):
    """Too many wrong passwords; wait before the next try."""

    code = "too-many-tries"

    def __init__(self, wait_s: float) -> None:
        super().__init__(f"too many wrong passwords; try again in {max(1, round(wait_s / 60))} minutes")
        self.wait_s = wait_s


@dataclass(frozen=True, slots=True)
class AccountRules:
    """How long sessions last, and how many wrong passwords there may be within ``window``.

    A browser in which the person has signed in before has ``tries_by_account`` of its own; all others share theirs, by
    account and by address.
    """

    idle: timedelta = timedelta(hours=2)
    longest: timedelta = timedelta(hours=14)
    window: timedelta = timedelta(minutes=10)
    tries_by_account: int = 5
    tries_by_address: int = 60  # a whole department may come through one address


@dataclass(frozen=True, slots=True)
class Throttled:
    """An account, an address, or a person's own browser that must wait ``until`` then before another password is tried.

    ``name`` is the staff number, or the address.
    """

    kind: Literal["account", "address", "browser"]
    name: str
    tries: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Signed:
    """Somebody who is signed in. ``token`` is what their browser sent."""

    staff: Staff
    session: Session
    token: str = field(repr=False)

    @property
    def csrf(self) -> str:
        """What a page sends back with every change; it follows from the token and leads nowhere."""
        return digest_of(f"csrf:{self.token}")

    def proves(self, csrf: str) -> bool:
        """Whether a request comes from one of our pages."""
        return hmac.compare_digest(self.csrf.encode(), csrf.encode(errors="replace"))


class Accounts:
    """Who is who, and who is there."""

    def __init__(
        self,
        staff: StaffStore,
        sessions: SessionStore,
        audit: AuditLog,
        clock: Clock,
        passwords: Passwords | None = None,
        rules: AccountRules | None = None,
    ) -> None:
        self.store = staff
        self.audit = audit
        self.rules = rules or AccountRules()
        self._sessions = sessions
        self._clock = clock
        self._passwords = passwords or Passwords()
        self._known: dict[str, tuple[Session, Staff]] = {}
        self._changes = 0
        self._hearers: list[Callable[[], None]] = []
        self._salt = secrets.token_bytes(16)

    # -- signing in and out

    async def sign_in(
        self, number: str, password: str, address: str, user_agent: str, earlier: Collection[str] = ()
    ) -> Signed:
        """A new session. Raises SignInRefused and TooManyTries; both are on record.

        ``earlier``: digests of sessions that the browser says it had. When one of them was this person's, nobody else's
        tries are in the way.
        """
        now = self._clock.now()
        number = number.strip()[:32]
        staff = await self.store.staff(number)
        by_address = f"address:{address}"
        # The audit log gets no number that is nobody's: it may be a password in the wrong field.
        who, role, target = (name_of(staff), staff.role, number) if staff else ("", "", "")
        most = {self._key(number, staff): self.rules.tries_by_account, by_address: self.rules.tries_by_address}
        if known := await self._known_here(staff, earlier):
            most = {f"browser:{number}:{known[:16]}": self.rules.tries_by_account}
        try:
            await self._begin_try(most, now)
        except TooManyTries:
            await self.note(who, role, "sign_in_throttled", target, address)
            raise
        good = await self._passwords.fits(staff.password if staff else None, password[:LONGEST])
        if staff is None or not good or staff.disabled:
            await self.note(who, role, "sign_in_refused", target, address)
            raise SignInRefused
        await self._sessions.forget_tries([key for key in most if key != by_address])
        if by_address in most:
            await self._sessions.forget_tries((by_address,), now)
        if self._passwords.outdated(staff.password):
            hashed = await self._passwords.hash(password)
            staff = await self.store.change(number, lambda old: replace(old, password=hashed))
        token, digest = new_token()
        session = Session(
            digest=digest, staff=number, created_at=now, last_seen=now,
            expires_at=now + self.rules.longest, address=address, user_agent=user_agent[:_LONGEST_TEXT],
        )  # fmt: skip
        await self._sessions.open(session)
        _, found = await self._look_up(digest) or (None, None)
        if found is None or found.password != staff.password:  # the account was changed meanwhile
            await self.revoke([digest])
            await self.note(who, role, "sign_in_refused", target, address)
            raise SignInRefused
        await self.note(who, role, "sign_in", number, address)
        return Signed(found, session, token)

    async def signed(self, token: str) -> Signed | None:
        """Who this token belongs to, when their session is still good. Notes that they were there."""
        now = self._clock.now()
        digest = digest_of(token)
        session, staff = self._known.get(digest) or await self._look_up(digest) or (None, None)
        if session is None or staff is None or not self._good(session, staff, now):
            self._known.pop(digest, None)
            return None
        if now - session.last_seen >= _SEEN_EVERY:
            session = replace(session, last_seen=now)
            self._known[digest] = (session, staff)
            await self._sessions.seen(digest, now)
        return Signed(staff, session, token)

    def holder(self, digest: str) -> Staff | None:
        """Whose session this is, with the rights that they have now; None when one that was good has ended since."""
        known = self._known.get(digest)
        return known[1] if known is not None and self._good(*known, self._clock.now()) else None

    async def ending(self, token: str) -> Ending | None:
        """Why the session of this token is over; None for one that is good, and for one that never was."""
        session = await self._sessions.session(digest_of(token))
        staff = await self.store.staff(session.staff) if session else None
        if session is None or staff is None:
            return None
        return session.ending(self._clock.now(), self.rules.idle, disabled=staff.disabled)

    def on_change(self, hearer: Callable[[], None]) -> None:
        """Call ``hearer`` whenever an account was changed or a session ended."""
        self._hearers.append(hearer)

    async def sign_out(self, signed: Signed) -> None:
        """End a session."""
        await self.revoke([signed.session.digest])

    async def change_password(self, signed: Signed, old: str, new: str) -> None:
        """By the person; their other sessions end. Raises SignInRefused, TooManyTries, WeakPassword."""
        number, now = signed.staff.number, self._clock.now()
        key = f"browser:{number}:{signed.session.digest[:16]}"
        await self._begin_try({key: self.rules.tries_by_account}, now)
        if not await self._passwords.fits(signed.staff.password, old[:LONGEST]):
            raise SignInRefused
        await self._sessions.forget_tries((key,))
        if new == old:
            raise BadInput("the new password is the old one; choose another")
        await self.set_password(number, new, must_change=False, but=signed.session.digest)

    async def set_language(self, number: str, language: Literal["zh", "en"]) -> None:
        """The language of a person's pages."""
        await self._edit(number, lambda old: replace(old, language=language))

    # -- accounts

    async def add(
        self, number: str, name: str, role: Role, password: str, *, team: str | None = None, recordings: bool = False,
        must_change: bool = True, by: Giver | None = None,
    ) -> Staff:  # fmt: skip
        """A new account. ``by``: who gives the rights that it has. Raises Conflict, WeakPassword."""
        check_strength(password, number, name)
        now = self._clock.now()
        new = Staff(
            number=number, name=name, role=role, password=await self._passwords.hash(password), created_at=now,
            password_changed_at=now, team=team, recordings=recordings, must_change=must_change,
        )  # fmt: skip
        await self.store.add(new, by)
        return new

    async def change(
        self, number: str, *, name: str | None = None, role: Role | None = None, team: str | None = None,
        recordings: bool | None = None, disabled: bool | None = None, by: Giver | None = None, force: bool = False,
    ) -> Staff:  # fmt: skip
        """Change what is given; ``team`` "" means none. A person who is disabled is signed out.

        Raises NotFound, OwnAccount, and LastAdministrator unless ``force``.
        """
        given = {"name": name, "role": role, "team": team, "recordings": recordings, "disabled": disabled}
        edits: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
        if team == "":
            edits["team"] = None

        def edit(old: Staff) -> Staff:
            new = replace(old, **edits)
            if by is not None and by.staff == number and new.rights != old.rights:
                raise OwnAccount
            return new

        changed = await self._edit(number, edit, by, force=force)
        if changed.disabled:
            await self.revoke_all(number)
        return changed

    async def set_password(
        self, number: str, password: str, *, must_change: bool = True, but: str = "", by: Giver | None = None
    ) -> Staff:
        """A new password; every session of the person ends, save ``but``. Raises NotFound, WeakPassword."""
        found = await self.store.staff(number)
        check_strength(password, number, found.name if found else "")
        hashed, now = await self._passwords.hash(password), self._clock.now()
        changed = await self._edit(
            number, lambda old: replace(old, password=hashed, password_changed_at=now, must_change=must_change), by
        )
        await self.revoke_all(number, but)
        return changed

    # -- sessions

    async def sessions(self, number: str | None = None) -> list[Session]:
        """Sessions that are still good, newest first."""
        now = self._clock.now()
        found = await self._sessions.sessions(number, now - self.rules.idle)
        good = [session for session in found if session.revoked_at is None and session.expires_at > now]
        return [self._known[each.digest][0] if each.digest in self._known else each for each in good]

    async def revoke(self, digests: list[str]) -> None:
        """End sessions, at once."""
        await self._sessions.revoke(digests, self._clock.now())
        for digest in digests:
            self._known.pop(digest, None)
        self._changed()

    async def revoke_all(self, number: str, but: str = "") -> int:
        """End every session of a person; how many there were. Raises NotFound."""
        if await self.store.staff(number) is None:
            raise NotFound(f"there is no account '{number}'")
        found = [session.digest for session in await self.sessions(number) if session.digest != but]
        await self.revoke(found)
        return len(found)

    # -- who must wait

    async def throttled(self) -> list[Throttled]:
        """Who must wait now, the longest first."""
        now, found = self._clock.now(), []
        for key, tries in (await self._sessions.tries(now - self.rules.window)).items():
            kind, _, name = key.partition(":")
            most = self.rules.tries_by_address if kind == "address" else self.rules.tries_by_account
            if len(tries) >= most and (known := _KINDS.get(kind)):
                name = name if known == "address" else name.partition(":")[0]
                found.append(Throttled(known, name, len(tries), tries[-most] + self.rules.window))
        return sorted(found, key=lambda each: each.until, reverse=True)

    async def clear_tries(self, name: str | None = None) -> int:
        """Forget the wrong passwords of an account with its browsers, of an address, or all; how many there were."""
        tries = await self._sessions.tries(self._clock.now() - self.rules.window)
        named = (f"account:{name}", f"address:{name}")
        keys = [key for key in tries if name is None or key in named or key.startswith(f"browser:{name}:")]
        await self._sessions.forget_tries(keys)
        return sum(len(tries[key]) for key in keys)

    # -- the audit log

    async def note(
        self, who: str, role: str, what: str, target: str, address: str, details: Mapping[str, Any] | None = None
    ) -> None:
        """Write down what somebody did, now."""
        await self.audit.append(AuditEntry(self._clock.now(), who, role, what, target, address, details or {}))

    # -- inside

    async def _edit(
        self, number: str, edit: Callable[[Staff], Staff], by: Giver | None = None, *, force: bool = False
    ) -> Staff:
        changed = await self.store.change(number, edit, by, force=force)
        for digest, (session, staff) in list(self._known.items()):
            if staff.number == number:
                self._known[digest] = (session, changed)
        self._changed()
        return changed

    def _changed(self) -> None:
        self._changes += 1
        for hearer in self._hearers:
            hearer()

    async def _look_up(self, digest: str) -> tuple[Session, Staff] | None:
        while True:
            changes = self._changes
            session = await self._sessions.session(digest)
            staff = await self.store.staff(session.staff) if session else None
            if changes == self._changes:  # else the session may have ended, or the account changed, while it was read
                break
        if session is None or staff is None or not self._good(session, staff, self._clock.now()):
            return None
        return self._known.setdefault(digest, (session, staff))

    def _good(self, session: Session, staff: Staff, now: datetime) -> bool:
        return session.ending(now, self.rules.idle, disabled=staff.disabled) is None

    async def _known_here(self, staff: Staff | None, earlier: Collection[str]) -> str:
        """The one of these sessions that was the person's; "" when none was."""
        for digest in islice(earlier, MOST_EARLIER):
            session = await self._sessions.session(digest)
            if session is not None and staff is not None and session.staff == staff.number:
                return digest
        return ""

    async def _begin_try(self, most: Mapping[str, int], now: datetime) -> None:
        """Count a try at a password. Raises TooManyTries instead when one must wait before it."""
        earlier = await self._sessions.begin_try(most, now, now - self.rules.window)
        full = [tries[-most[key]] for key, tries in earlier.items() if len(tries) >= most[key]]
        if full:
            raise TooManyTries(max(1.0, (max(full) + self.rules.window - now).total_seconds()))

    def _key(self, number: str, staff: Staff | None) -> str:
        """Under which tries are counted. A number that is nobody's may be a password in the wrong field."""
        if staff is not None:
            return f"account:{number}"
        return f"nobody:{hashlib.blake2b(number.encode(errors='replace'), key=self._salt, digest_size=16).hexdigest()}"


def name_of(staff: Staff) -> str:
    """A person as the records name them."""
    return f"{staff.number} {staff.name}".strip()
