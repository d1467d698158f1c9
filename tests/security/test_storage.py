"""Tokens, passwords and sessions are kept as hashes only, and compared so that time tells nothing.

How sessions and throttling work is tested in tests/people/test_accounts.py, tokens in tests/store/test_tokens.py.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import argon2

from dialer.people.passwords import Passwords
from tests.security.test_canary import forms
from tests.web.people import PASSWORD, People

DIALER = Path(__file__).parents[2] / "dialer"
NEW = "another good password"
SECRET_NAMES = re.compile(r"token|digest|password|secret|csrf|signature", re.IGNORECASE)


async def test_the_database_has_no_secret_in_it(people: People, folder: Path) -> None:
    """After signing in, changing a password and making a token: none of them in any byte of the database or its log."""
    system = people.system
    made = await system.ask("POST", "/tokens", json={"name": "order-system", "scopes": ["orders"]}, status=201)
    await system.ask("GET", "/orders", token=made["token"])
    changed = await people.ask("agent", "POST", "/password", data={"old": PASSWORD, "new": NEW, "again": NEW})
    assert changed.status == 200
    secrets = [PASSWORD, NEW, made["token"], made["token"].partition("_")[2], *system.tokens.values()]
    cookies = [cookie.value for browser in people.browsers.values() for cookie in browser.cookie_jar]
    secrets += [value for value in cookies if len(value) > 20] + list(people.csrf.values())
    assert len(secrets) > 15
    stored = b"".join(path.read_bytes() for path in folder.glob("dialer.sqlite3*"))
    assert b"$argon2id$" in stored
    for secret in secrets:
        assert [form for form, needle in forms(secret) if needle in stored] == []
    staff = await system.services.accounts.store.staff("001")
    assert staff is not None
    assert staff.password.startswith("$argon2id$")
    assert NEW not in repr(staff)


async def test_the_hash_is_expensive() -> None:
    """As OWASP asks of argon2id: at least 19 MiB and two passes, or 46 MiB and one; a salt for each."""
    passwords = Passwords()
    first, second = await passwords.hash(PASSWORD), await passwords.hash(PASSWORD)
    assert first != second
    found = argon2.extract_parameters(first)
    assert found.type is argon2.Type.ID
    assert found.memory_cost * found.time_cost >= 2 * 19 * 1024
    assert found.salt_len >= 16


def test_secrets_are_compared_in_constant_time() -> None:
    """No == or != with a secret in web and people: lookups go by hash, comparisons through hmac.compare_digest."""
    wrong = []
    for path in sorted([*DIALER.glob("web/**/*.py"), *DIALER.glob("people/*.py")]):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Compare) or not isinstance(node.ops[0], ast.Eq | ast.NotEq):
                continue
            for side in (node.left, *node.comparators):
                name = side.attr if isinstance(side, ast.Attribute) else side.id if isinstance(side, ast.Name) else ""
                if SECRET_NAMES.search(name):
                    wrong.append(f"{path.relative_to(DIALER)}:{node.lineno}: {ast.unparse(node)}")
    # None tells of a secret by its time: one asks for another password, one keeps a person's own session when the
    # others end, two look whether an account's hash in the books is still what it was, two know the command line by
    # the name of its token.
    allowed = {
        "new == old",
        "session.digest != but",
        "found.password != staff.password",
        "before.password != after.password",
        "self.name.partition(' for ')[0] == LOCAL_TOKEN",
        "name != LOCAL_TOKEN",
    }
    assert [line for line in wrong if line.partition(": ")[2] not in allowed] == []
