"""Numbers that no column of the database holds are refused at the edge: no route, no page and no header gives a 500."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from dialer.people.staff import Role
from dialer.web.kit.api.routes import PREFIX, Route
from dialer.web.kit.http.bodies import Upload
from dialer.web.parts import PAGES, ROUTES
from tests.web.kit.test_accessibility import WHO
from tests.web.people import People
from tests.web.system import System

DIGITS = (str(2**63), f"-{2**63 + 1}", "9" * 5000)
"""Just beyond 64 bits, and beyond what Python makes numbers of."""
PADDED = f"{1:05000}"
TAKES_SECONDS = re.compile("stream|events")


def said(digits: str) -> str:
    """The name of a test with it."""
    return f"{digits[:6]} of {len(digits)}"


def numbers_of(model: type[BaseModel]) -> Iterator[str]:
    """The fields that hold a number."""
    for name, field in model.model_fields.items():
        kinds = {field.annotation, *get_args(field.annotation)}
        if kinds & {int, float}:
            yield name


def requests_of(route: Route, digits: str) -> Iterator[tuple[str, str | None]]:
    """Every address and body with one number of the route too large; other parts of the path are any."""
    path = re.sub(r"{(\w+)}", "1", PREFIX + route.path)
    for name in numbers_of(route.params):
        if name in route.in_path:
            yield re.sub(r"{(\w+)}", lambda found: digits if found[1] == name else "1", PREFIX + route.path), None  # noqa: B023 - used at once
        else:
            yield f"{path}?{name}={digits}", None
    if route.body is not Upload:
        for name in numbers_of(route.body):
            yield path, f'{{"{name}": {digits}}}'


@pytest.mark.parametrize("digits", DIGITS, ids=said)
async def test_no_route_takes_a_number_that_cannot_be_kept(system: System, digits: str) -> None:
    """Each number of each route, in path, query and body."""
    answers = {}
    for route in ROUTES:
        for address, body in requests_of(route, digits):
            headers = {"Authorization": f"Bearer {system.tokens['all']}", "Content-Type": "application/json"}
            async with system.http.request(route.method, address, headers=headers, data=body) as response:
                answers[f"{route.method} {address[:80]} {(body or '')[:40]}"] = response.status
    assert len(answers) >= 20
    assert {asked: status for asked, status in answers.items() if not 400 <= status < 500} == {}


@pytest.mark.parametrize("digits", [DIGITS[0], DIGITS[-1], PADDED], ids=said)
async def test_no_page_fails_for_a_number(people: People, digits: str) -> None:
    """In each part of an address, and in whatever is asked for after it."""
    await people.system.import_rows("C1,惠民店,13904700001,001,城区营销部")
    asked = "&".join(f"{name}={digits}" for name in ("page", "year", "min", "max", "withdraw", "day", "agent"))
    failed: dict[str, int] = {}
    for each in (page for page in PAGES if page.method == "GET" and not TAKES_SECONDS.search(page.path)):
        who = next((WHO[role] for role in WHO if each.policy is not None and role in each.policy.roles), "agent")
        plain, named = re.sub(r"{(\w+)}", "1", each.path), re.sub(r"{(\w+)}", digits, each.path)
        for address in {f"{plain}?{asked}" if len(digits) < 100 else f"{plain}?page={digits}", named}:
            answer = await people.ask(who, "GET", address)
            failed |= {address[:80]: answer.status} if answer.status >= 500 else {}
    for address in (f"/admin/calendar?year={digits}", f"/recordings?min={digits}", f"/recordings?max=1:{digits}"):
        answer = await people.ask("hearing_administrator", "GET", address)
        failed |= {address[:80]: answer.status} if answer.status >= 500 else {}
    form = {"code": "C1", "tries": digits, "at": digits, "promised": digits, "result": "later"}
    for path, fields in (("/floor/by-hand", form), ("/floor/deal", {"which": "all", "to": digits, "from": digits})):
        answer = await people.ask("leader", "POST", path, data=fields)
        failed |= {path: answer.status} if answer.status >= 500 else {}
    upload = {"filename": "list.csv", "do": "import", "withdraw": digits, "day": people.system.today.isoformat()}
    query = "&".join(f"{name}={value}" for name, value in upload.items())
    answer = await people.ask("leader", "POST", f"/pages/floor/import?{query}", data="客户代码,主访销电话\n".encode())
    failed |= {"import": answer.status} if answer.status >= 500 else {}
    assert failed == {}


@pytest.mark.parametrize("header", ["Range", "Last-Event-ID"])
@pytest.mark.parametrize("digits", DIGITS, ids=said)
async def test_no_header_is_a_number_that_is_too_large(system: System, header: str, digits: str) -> None:
    """Those that name positions."""
    attempt = await system.conversation()
    await system.record(attempt)
    said: dict[str, Any] = {header: f"bytes={digits}-{digits}" if header == "Range" else digits}
    headers = {"Authorization": f"Bearer {system.tokens['all']}", **said}
    path = "events" if header == "Last-Event-ID" else f"recordings/{attempt}/audio"
    async with system.http.get(f"/api/v1/{path}", headers=headers) as response:
        assert response.status < 500


def test_every_role_that_is_asked_for_is_there() -> None:
    """The pages above are looked at by somebody who may."""
    assert set(WHO) == set(Role)
