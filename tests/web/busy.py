"""A dialer in the middle of a day: something of everything that can be named by id."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from dialer.notices.board import BoardNotice
from tests.web.system import Json, System


async def busy_day(system: System) -> Mapping[str, Json]:
    """A call with a recording, an order, a mark; a notice on the board, staff, a test call: what can be named by id."""
    attempt = await system.conversation()
    await system.record(attempt)
    await system.ask("POST", "/orders", json={"number": "N1", "attempt": attempt})
    mark = await system.ask("POST", f"/recordings/{attempt}/marks", json={"position_s": 1, "text": "x"}, status=201)
    await system.board.post(BoardNotice("n1", "unreached", datetime.now(UTC), "城区", "", {"type": "unreached"}))
    person = {"number": "995", "name": "王", "role": "administrator", "password": "correct horse battery"}
    await system.ask("POST", "/staff", json=person, status=201)
    await system.ask("POST", "/tokens", json={"name": "till", "scopes": ["read"]}, status=201)
    await system.agent("002", ready=False)
    test = await system.ask("POST", "/test-calls", json={"extension": "002"}, status=201)
    visit = system.attempts[attempt].visit
    return {
        "attempt": attempt, "visit": visit, "code": "C0001", "customer": "C0001", "number": "001", "agent": "001",
        "mark": mark["id"], "notice": "n1", "name": "till", "test": test["id"], "day": system.today.isoformat(),
        "phone": "13904700009", "extension": "002", "password": "battery horse correct", "result": "refused",
        "since": f"{system.today}T00:00:00Z", "until": f"{system.today}T12:00:00Z",
    }  # fmt: skip
