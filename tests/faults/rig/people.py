"""The department during the soak: lists come in, agents talk, enter results and come back, orders are saved.

Everything goes over the service's HTTP API, from outside, as long as it answers; when it does not, people try again.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from dialer.demo.client import ApiError, Client

ENDINGS = (
    "00", "01", "02", "03", "04", "05", "60", "61", "63", "64", "66", "67", "69", "80", "81", "83", "84", "85",
    "88",
)  # fmt: skip
"""The carrier's number plan, without the endings that never come to an end."""
LIST_SIZE = 40
_SHORT_OF_WORK = 25
_LOOK_S = 0.7
_DEAD_LINE_S = 12.0
"""A conversation that lasts longer than any should is a dead line, and the agent hangs up."""


async def ill(client: Client) -> tuple[str, ...]:
    """The parts that are not well by ``/health/ready``, with how; that nobody answers is told too."""
    try:
        found = await client.request("GET", "/health/ready", also=503)
    except ApiError:
        return ("health: the service does not answer",)
    if "parts" not in found:  # a 503 of a service that starts or stops
        return ("health: the service is not there yet",)
    return tuple(f"health: {each['part']} {each['level']}" for each in found["parts"] if each["level"] != "ok")


@dataclass(slots=True)
class People:
    """Who works in the department. ``agents`` are staff number -> phone."""

    client: Client
    agents: dict[str, str]
    luck: random.Random
    importing: bool = True
    imported: dict[str, float] = field(default_factory=dict)
    """Number -> ``time.time()`` just before its list came in."""
    lists: int = 0
    results: int = 0
    orders: set[str] = field(default_factory=set)
    told: dict[str, None] = field(default_factory=dict)
    """What the operator's screen showed since it was last emptied."""
    hands_off: set[str] = field(default_factory=set)
    """Agents whose phone is being broken: nobody helps them yet."""
    _seen: dict[str, float] = field(default_factory=dict)
    _entered: set[str] = field(default_factory=set)
    _pending: bytes | None = None

    async def prepare(self) -> None:
        """Everybody gets a phone and sits down."""
        for number, extension in self.agents.items():
            await self.client.send("PUT", f"agents/{number}", {"extension": extension, "name": number, "team": "一组"})
            await self.client.presence(number, "ready")

    async def work(self) -> None:
        """Go on until cancelled, whatever the service does."""
        while True:
            with contextlib.suppress(ApiError):  # the next look is soon
                await self._round()
            await asyncio.sleep(_LOOK_S)

    async def watch(self) -> None:
        """Look at the service's health until cancelled, and note what it says; nobody else's waiting holds this up."""
        while True:
            for words in await ill(self.client):
                self.told[words] = None
            await asyncio.sleep(_LOOK_S)

    async def _round(self) -> None:
        progress = await self.client.get("progress")
        if self.importing and progress["visits"].get("waiting", 0) < _SHORT_OF_WORK:
            await self._import()
        now, up = time.monotonic(), {call["attempt"] for call in progress["calls"]}
        self._seen = {name: since for name, since in self._seen.items() if name in up}
        for call in progress["calls"]:
            name = call["attempt"]
            since = self._seen.setdefault(name, now)
            if call["state"] == "connected" and name not in self._entered:
                await self._enter(name, call["customer"])
            if now - since > _DEAD_LINE_S:
                await self.client.send("POST", f"attempts/{name}/hang-up")
        for agent in progress["agents"]:
            back = agent["presence"] in ("paused", "signed_out") and agent["number"] not in self.hands_off
            if back and agent["number"] in self.agents:
                await self.client.presence(agent["number"], "ready")

    async def _import(self) -> None:
        """A new list; one whose import was cut off is sent again, as people do."""
        if self._pending is None:
            self._pending = self._new_list()
        await self.client.upload("visits", self._pending, list=f"list-{self.lists}", filename="visits.csv")
        self._pending = None

    def _new_list(self) -> bytes:
        self.lists += 1
        lines = ["客户代码,店铺名称,电话,营销部,客户经理,电访员"]
        numbers: list[str] = []
        names = list(self.agents)
        for n in range(LIST_SIZE):
            shared = n % 13 == 12
            number = numbers[-1] if shared else f"139{self.lists:04}{n:02}{self.luck.choice(ENDINGS)}"
            numbers.append(number)
            self.imported.setdefault(number, time.time())
            customer = f"K{self.lists:04}{n:02}"
            lines.append(f"{customer},第{n}店,{number},第{n % 3}营销部,王{n % 5},{names[n % len(names)]}")
        return "\n".join(lines).encode()

    async def _enter(self, attempt: str, customer: str) -> None:
        self._entered.add(attempt)
        luck = random.Random(attempt)
        match luck.randrange(10):
            case 0 | 1 | 2:
                order = f"DD-{customer}-{len(self.orders)}"
                saved = {"number": order, "customer": customer, "at": datetime.now(UTC).isoformat()}
                await self.client.send("POST", "orders", saved)
                self.orders.add(order)
                body: dict[str, str] = {"result": "ordered", "order": order}
            case 3 | 4:
                body = {"result": "ordered", "order": f"DA-{customer}-{len(self.orders)}"}
            case 5:
                body = {"result": "feedback", "text": "希望增加紧俏烟的投放量"}
            case 6 if luck.random() < 0.5:
                later = datetime.now(UTC) + timedelta(seconds=luck.uniform(8, 20))
                body = {"result": "later", "at": later.isoformat()}
            case 7:
                return  # forgotten, until somebody asks
            case _:
                body = {"result": "not_needed"}
        await self.client.send("PUT", f"attempts/{attempt}/disposition", body)
        self.results += 1
        if "order" in body:
            self.orders.add(body["order"])

    async def resend_notices(self) -> None:
        """When the platform has been put right, a person has what was put off sent again at once."""
        with contextlib.suppress(ApiError):
            for notice in await self.client.get("notices", state="pending", limit=500):
                await self.client.send("POST", f"notices/{quote(notice['id'], safe='')}/resend")
