"""Wrong passwords: who must wait, who need not, and who lets them in again."""

from __future__ import annotations

import pytest

from dialer.web.kit.access.sessions import COOKIE, EARLIER_COOKIE
from tests.web.people import PASSWORD, People, browser, sign_in
from tests.web.system import System


async def test_an_office_behind_one_address(people: People) -> None:
    """Sixty wrong passwords from the address: who signed in here gets in, others when they are let in."""
    system = people.system
    async with browser(system) as known, browser(system) as fresh:
        for number in ("001", "900"):  # a desk that two people share
            await sign_in(known, number)
            known.cookie_jar.clear(lambda cookie: cookie.key == COOKIE)
        for n in range(60):
            data = {"number": f"{n}", "password": "wrong password"}
            async with fresh.post("/sign-in", data=data) as response:
                assert response.status == 422
        async with fresh.post("/sign-in", data={"number": "001", "password": PASSWORD}) as response:
            assert (response.status, int(response.headers["Retry-After"]) <= 600) == (429, True)
        for number in ("001", "900", "001"):
            await sign_in(known, number)
            known.cookie_jar.clear(lambda cookie: cookie.key == COOKIE)
        async with known.post("/sign-in", data={"number": "002", "password": PASSWORD}) as response:
            assert response.status == 429
        page = await people.get("administrator", "/admin/staff")
        assert "127.0.0.1" in page
        assert 'data-api="DELETE /sign-in-tries?name=127.0.0.1"' in page
        await people.api("administrator", "DELETE", "/sign-in-tries?name=127.0.0.1")
        assert "127.0.0.1" not in await people.get("administrator", "/admin/staff")
        await sign_in(fresh, "001")


@pytest.mark.parametrize(
    "cookie", ["", ".", "a" * 4000, "." * 4000, "0" * 64, ("0" * 64 + ".") * 60, "é" * 64, "%00" * 64]
)
async def test_a_cookie_of_sign_ins_that_nobody_gave(system: System, cookie: str) -> None:
    """It helps nobody, breaks nothing, and costs a few look-ups."""
    async with browser(system) as session:
        headers = {"Cookie": f"{EARLIER_COOKIE}={cookie}"}
        data = {"number": "001", "password": "wrong password"}
        async with session.post("/sign-in", data=data, headers=headers) as response:
            assert response.status == 422
