"""Signing in: passwords, throttling, sessions that end; on a real database with a clock of the test's own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

import pytest
from argon2 import PasswordHasher, extract_parameters

from dialer.errors import BadInput, Conflict, NotFound
from dialer.people.accounts import AccountRules, Accounts, SignInRefused, TooManyTries
from dialer.people.audit_log import AuditQuery
from dialer.people.passwords import Passwords, WeakPassword, check_strength
from dialer.people.staff import Role
from dialer.store.database import Database
from dialer.store.people.auditlog import SqlAuditLog
from dialer.store.people.sessions import SqlSessionStore
from dialer.store.people.staff import SqlStaffStore
from tests.web.people import PASSWORD
from tests.web.system import QUICK

HERE, THERE = "10.0.0.1", "10.0.0.2"


@dataclass
class ManualClock:
    """A clock moved by hand."""

    at: datetime = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def pass_(self, **length: float) -> None:
        self.at += timedelta(**length)


@dataclass
class Installation:
    """Accounts over a database that can be opened again."""

    folder: Path
    clock: ManualClock
    database: Database
    accounts: Accounts

    async def restart(self) -> None:
        """As after a restart of the service: nothing is remembered but what is stored."""
        await self.database.close()
        self.database = await Database.open(self.folder / "dialer.sqlite3")
        self.accounts = over(self.database, self.clock)

    async def wrong(self, number: str = "001", address: str = HERE) -> None:
        """A wrong password."""
        with pytest.raises(SignInRefused):
            await self.accounts.sign_in(number, "wrong", address, "")


def over(database: Database, clock: ManualClock) -> Accounts:
    """Accounts in a database."""
    return Accounts(SqlStaffStore(database), SqlSessionStore(database), SqlAuditLog(database), clock, QUICK)


@pytest.fixture
async def installation(folder: Path) -> AsyncIterator[Installation]:
    """One agent, who has a password of their own."""
    database, clock = await Database.open(folder / "dialer.sqlite3"), ManualClock()
    made = Installation(folder, clock, database, over(database, clock))
    await made.accounts.add("001", "王芳", Role.AGENT, PASSWORD, must_change=False)
    yield made
    await made.database.close()


async def test_a_session_is_known_by_its_token(installation: Installation) -> None:
    """The token opens it also after a restart; kept is only its hash, and no other token opens anything."""
    signed = await installation.accounts.sign_in(" 001 ", PASSWORD, HERE, "Firefox")
    await installation.restart()
    again = await installation.accounts.signed(signed.token)
    assert again is not None
    assert (again.staff.number, again.session.address, again.session.user_agent) == ("001", HERE, "Firefox")
    assert await installation.accounts.signed(signed.token + "x") is None
    assert await installation.accounts.signed("\udcff") is None
    stored = (installation.folder / "dialer.sqlite3").read_bytes() + (
        installation.folder / "dialer.sqlite3-wal"
    ).read_bytes()
    assert signed.token.encode() not in stored
    assert PASSWORD.encode() not in stored
    assert signed.session.digest.encode() in stored
    assert signed.token not in repr(signed)


async def test_a_session_ends_when_nobody_is_there(installation: Installation) -> None:
    """After the idle time it is worthless; being there puts that off, but not beyond the longest time."""
    rules = AccountRules()
    signed = await installation.accounts.sign_in("001", PASSWORD, HERE, "")
    for _ in range(int(rules.longest / timedelta(hours=1)) - 1):
        installation.clock.pass_(hours=1)
        assert await installation.accounts.signed(signed.token)
    assert installation.accounts.holder(signed.session.digest)
    installation.clock.pass_(hours=1)
    assert not installation.accounts.holder(signed.session.digest)
    assert await installation.accounts.signed(signed.token) is None
    other = await installation.accounts.sign_in("001", PASSWORD, HERE, "")
    installation.clock.pass_(seconds=rules.idle.total_seconds())
    await installation.restart()
    assert await installation.accounts.signed(other.token) is None


async def test_sessions_can_be_revoked(installation: Installation) -> None:
    """By signing out, by somebody else, and when an account is disabled; at once, and also after a restart."""
    one, two = [await installation.accounts.sign_in("001", PASSWORD, HERE, name) for name in ("one", "two")]
    assert {session.user_agent for session in await installation.accounts.sessions("001")} == {"one", "two"}
    await installation.accounts.sign_out(one)
    assert await installation.accounts.signed(one.token) is None
    assert await installation.accounts.signed(two.token)
    assert await installation.accounts.revoke_all("001") == 1
    assert await installation.accounts.signed(two.token) is None
    three = await installation.accounts.sign_in("001", PASSWORD, HERE, "")
    await installation.accounts.change("001", disabled=True)
    assert not installation.accounts.holder(three.session.digest)
    await installation.restart()
    for signed in (one, two, three):
        assert await installation.accounts.signed(signed.token) is None
    with pytest.raises(NotFound):
        await installation.accounts.revoke_all("404")


async def test_a_disabled_account_looks_like_a_wrong_password(installation: Installation) -> None:
    """Nobody learns from the answer which accounts there are; a number that is nobody's is refused alike."""
    await installation.accounts.change("001", disabled=True)
    said = []
    for number, password in (("001", PASSWORD), ("001", "wrong"), ("777", PASSWORD), ("", "")):
        with pytest.raises(SignInRefused) as refused:
            await installation.accounts.sign_in(number, password, HERE, "")
        said.append(str(refused.value))
    assert len(set(said)) == 1
    await installation.accounts.change("001", disabled=False)
    await installation.accounts.sign_in("001", PASSWORD, HERE, "")


async def test_nobody_takes_as_long_as_somebody() -> None:
    """A number that is nobody's costs the same hashing as a wrong password: once, with the same parameters."""
    hasher = PasswordHasher(time_cost=2, memory_cost=16384, parallelism=1)
    passwords = Passwords(hasher)
    hashed = await passwords.hash(PASSWORD)
    await passwords.fits(None, "first")  # makes the hash of nobody
    with patch.object(PasswordHasher, "verify", autospec=True, side_effect=PasswordHasher.verify) as verify:
        assert not await passwords.fits(hashed, "wrong")
        assert not await passwords.fits(None, "wrong")
    (_, somebody, _), (_, nobody, _) = (call.args for call in verify.call_args_list)
    assert extract_parameters(somebody) == extract_parameters(nobody)


async def test_an_account_is_throttled(installation: Installation) -> None:
    """After five wrong passwords even the right one must wait, from everywhere, also after a restart; then it works."""
    for _ in range(5):
        await installation.wrong()
        installation.clock.pass_(seconds=10)
    with pytest.raises(TooManyTries) as refused:
        await installation.accounts.sign_in("001", PASSWORD, THERE, "")
    assert refused.value.wait_s == pytest.approx(600 - 50)
    await installation.restart()
    installation.clock.pass_(seconds=300)
    with pytest.raises(TooManyTries):
        await installation.accounts.sign_in("001", PASSWORD, HERE, "")
    installation.clock.pass_(seconds=251)
    await installation.accounts.sign_in("001", PASSWORD, HERE, "")
    await installation.wrong()  # the count has begun anew


async def test_an_address_is_throttled(installation: Installation) -> None:
    """Somebody who tries many accounts from one address is stopped; another address goes on."""
    installation.accounts.rules = replace(installation.accounts.rules, tries_by_address=4)
    for number in ("1", "2", "3", "4"):
        await installation.wrong(number)
    with pytest.raises(TooManyTries):
        await installation.accounts.sign_in("001", PASSWORD, HERE, "")
    await installation.accounts.sign_in("001", PASSWORD, THERE, "")


async def test_a_browser_of_ones_own_is_let_in_all_the_same(installation: Installation) -> None:
    """Whatever others tried at the account or from the address: who signed in here before has tries of their own."""
    accounts = installation.accounts
    earlier = (await accounts.sign_in("001", PASSWORD, HERE, "")).session.digest
    for _ in range(5):
        await installation.wrong()
    accounts.rules = replace(accounts.rules, tries_by_address=9)
    for number in ("1", "2", "3", "4"):
        await installation.wrong(number)
    for given in ((), ("0" * 64,), ("not a digest",)):
        with pytest.raises(TooManyTries):
            await accounts.sign_in("001", PASSWORD, HERE, "", given)
    signed = await accounts.sign_in("001", PASSWORD, HERE, "", ("0" * 64, earlier))
    await accounts.sign_out(signed)
    for _ in range(5):
        with pytest.raises(SignInRefused):
            await accounts.sign_in("001", "wrong", HERE, "", (earlier,))
    with pytest.raises(TooManyTries):  # its own allowance has an end
        await accounts.sign_in("001", PASSWORD, HERE, "", (earlier,))
    with pytest.raises(TooManyTries):  # and whose it is not, it is no help to
        await accounts.sign_in("1", PASSWORD, HERE, "", (earlier,))
    with pytest.raises(TooManyTries):
        await accounts.sign_in("001", PASSWORD, HERE, "", ("0" * 64,) * 100 + (earlier,))


async def test_who_waits_is_listed_and_let_in_again(installation: Installation) -> None:
    """Accounts, addresses and browsers that wait, never a number that is nobody's; each is cleared by its name."""
    accounts = installation.accounts
    accounts.rules = replace(accounts.rules, tries_by_address=15)
    signed = await accounts.sign_in("001", PASSWORD, THERE, "")
    for _ in range(5):
        await installation.wrong()
        await installation.wrong("hunter2-my-password")
        await installation.wrong("2")
        with pytest.raises(SignInRefused):
            await accounts.change_password(signed, "wrong", "another good one")
    found = await accounts.throttled()
    assert {(each.kind, each.name, each.tries) for each in found} == {
        ("account", "001", 5),
        ("browser", "001", 5),
        ("address", HERE, 15),
    }
    assert all(each.until > installation.clock.now() for each in found)
    assert await accounts.clear_tries("001") == 10
    assert [each.name for each in await accounts.throttled()] == [HERE]
    with pytest.raises(TooManyTries):
        await accounts.sign_in("001", PASSWORD, HERE, "")
    assert await accounts.clear_tries(HERE) == 15
    await accounts.sign_in("001", PASSWORD, HERE, "")
    assert await accounts.clear_tries() == 10  # nobody's, which nobody can name
    assert await accounts.throttled() == []


async def test_many_tries_at_once_are_no_way_around(installation: Installation) -> None:
    """Of twenty guesses sent at once five are looked at."""
    guesses = [installation.accounts.sign_in("001", f"guess {n}", HERE, "") for n in range(20)]
    ended = await asyncio.gather(*guesses, return_exceptions=True)
    kinds = [type(each) for each in ended]
    assert (kinds.count(SignInRefused), kinds.count(TooManyTries)) == (5, 15)


async def test_good_passwords_do_not_count_against_an_address(installation: Installation) -> None:
    """A department behind one address can sign in as often as it likes."""
    installation.accounts.rules = replace(installation.accounts.rules, tries_by_address=3)
    for _ in range(10):
        await installation.accounts.sign_in("001", PASSWORD, HERE, "")


async def test_changing_the_password(installation: Installation) -> None:
    """It needs the old one, ends the other sessions, and keeps this one."""
    here, there = [await installation.accounts.sign_in("001", PASSWORD, HERE, "") for _ in range(2)]
    with pytest.raises(SignInRefused):
        await installation.accounts.change_password(here, "wrong", "another good one")
    with pytest.raises(BadInput):
        await installation.accounts.change_password(here, PASSWORD, PASSWORD)
    with pytest.raises(WeakPassword):
        await installation.accounts.change_password(here, PASSWORD, "short")
    await installation.accounts.change_password(here, PASSWORD, "another good one")
    assert await installation.accounts.signed(here.token)
    assert await installation.accounts.signed(there.token) is None
    await installation.wrong()
    await installation.accounts.sign_in("001", "another good one", HERE, "")


async def test_guessing_the_old_password_is_throttled(installation: Installation) -> None:
    """An unattended screen is no place to find out the password."""
    signed = await installation.accounts.sign_in("001", PASSWORD, HERE, "")
    for _ in range(5):
        with pytest.raises(SignInRefused):
            await installation.accounts.change_password(signed, "wrong", "another good one")
    with pytest.raises(TooManyTries):
        await installation.accounts.change_password(signed, PASSWORD, "another good one")


async def test_a_password_given_by_somebody_else(installation: Installation) -> None:
    """The person is signed out everywhere and must choose one of their own."""
    signed = await installation.accounts.sign_in("001", PASSWORD, HERE, "")
    await installation.accounts.set_password("001", "given by the administrator")
    assert await installation.accounts.signed(signed.token) is None
    again = await installation.accounts.sign_in("001", "given by the administrator", HERE, "")
    assert again.staff.must_change
    await installation.accounts.change_password(again, "given by the administrator", PASSWORD)
    now = await installation.accounts.signed(again.token)
    assert now is not None
    assert not now.staff.must_change
    with pytest.raises(NotFound):
        await installation.accounts.set_password("404", PASSWORD)


async def test_a_role_changes_at_once(installation: Installation) -> None:
    """Whoever is signed in has the new role, team and name with their next request."""
    signed = await installation.accounts.sign_in("001", PASSWORD, HERE, "")
    await installation.accounts.change("001", role=Role.TEAM_LEADER, team="A", name="王班长")
    now = await installation.accounts.signed(signed.token)
    assert now is not None
    assert (now.staff.role, now.staff.team, now.staff.name) == (Role.TEAM_LEADER, "A", "王班长")
    assert (await installation.accounts.change("001", team="")).team is None
    with pytest.raises(Conflict):
        await installation.accounts.add("001", "", Role.AGENT, PASSWORD)
    with pytest.raises(NotFound):
        await installation.accounts.change("404", name="x")


async def test_signing_in_is_on_record(installation: Installation) -> None:
    """Good, bad and throttled tries, with the address; a number that is nobody's is not written down.

    It may be a password that was typed into the wrong field.
    """
    await installation.accounts.sign_in("001", PASSWORD, HERE, "")
    for _ in range(5):
        await installation.wrong()
    with pytest.raises(TooManyTries):
        await installation.accounts.sign_in("001", PASSWORD, THERE, "")
    await installation.wrong("hunter2-my-password")
    found = await installation.accounts.audit.search(AuditQuery())
    assert [(e.what, e.target, e.address) for e in found[:2]] == [
        ("sign_in_refused", "", HERE),
        ("sign_in_throttled", "001", THERE),
    ]
    assert [(e.who, e.role, e.what) for e in found[-1:]] == [("001 王芳", "agent", "sign_in")]
    assert "hunter2" not in str(found)


async def test_a_hash_of_weaker_times_is_renewed(installation: Installation) -> None:
    """Signing in brings an old hash up to today's parameters."""
    stronger = Passwords(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    database = installation.database
    later = Accounts(
        SqlStaffStore(database), SqlSessionStore(database), SqlAuditLog(database), installation.clock, stronger
    )
    before = await later.store.staff("001")
    await later.sign_in("001", PASSWORD, HERE, "")
    after = await later.store.staff("001")
    assert before is not None
    assert after is not None
    assert (before.password != after.password, "t=2" in after.password) == (True, True)
    await later.sign_in("001", PASSWORD, HERE, "")


@pytest.mark.parametrize("bad", ["", "short", "12345678", "aaaaaaaaaa", "王芳王芳", "PASSWORD", "x" * 201, "00000001"])
def test_weak_passwords(bad: str) -> None:
    """Short ones, names, and what anybody tries first are refused."""
    with pytest.raises(WeakPassword):
        check_strength(bad, "00000001", "王芳王芳")


async def test_a_hash_that_is_none_fits_nothing() -> None:
    """A broken row lets nobody in."""
    assert not await QUICK.fits("no hash", PASSWORD)
