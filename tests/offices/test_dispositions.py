"""The contract of dispositions on the real PBX: every SIP answer, in every way, through the routes of each office."""

from __future__ import annotations

import asyncio
from collections import defaultdict

import pytest

from dialer.campaign.calls.events import gather
from dialer.campaign.changes import Place
from dialer.campaign.messages import CallEvent
from dialer.campaign.model.evidence import Evidence
from dialer.campaign.rules.disposition import classify
from dialer.demo.rig.rig import Rig
from tests.ami.real import real_bench
from tests.contracts.dispositions import Said, expected
from tests.demo.rig.calls import fresh_number
from tests.kit.offices import OFFICES, Office

pytestmark = pytest.mark.pbx

AT_A_TIME = 40
TECH_CAUSE = "TechCause"


@pytest.mark.parametrize("office", OFFICES, ids=lambda office: office.name)
async def test_each_sip_answer_becomes_what_the_contract_says(rig: Rig, office: Office) -> None:
    """All of them, some at a time; what differs is named with what was heard of it."""
    async with real_bench(rig, without="" if office.tech_cause else TECH_CAUSE) as bench:
        promised = expected(office)
        heard: dict[str, Evidence] = defaultdict(Evidence)
        taken = 0

        def take() -> None:
            nonlocal taken
            for message in bench.messages[taken:]:
                if isinstance(message, CallEvent):
                    gather(heard[message.attempt], message)
            taken = len(bench.messages)

        def over(attempt: str) -> bool:
            take()
            return heard[attempt].complete

        free = asyncio.Semaphore(AT_A_TIME)

        async def call(serial: int, said: Said) -> tuple[Said, str]:
            attempt = f"cd-{serial}-1-{id(bench):x}"
            channel = office.template.replace("{number}", said.prefix + fresh_number("00"))
            async with free:
                await bench.pbx.originate(Place(attempt, channel, bench.agent_phone, 20, 2, "62880000"))
                await bench.until(lambda: over(attempt), 60)
            return said, attempt

        calls = await asyncio.gather(*(call(serial, said) for serial, said in enumerate(promised, 1)))
        found = {said: classify(heard[attempt]) for said, attempt in calls}
        wrong = [
            f"{said.prefix} is {row.disposition} ({row.source}), not {promised[said]}"
            for said, row in found.items()
            if row.disposition is not promised[said]
        ]
        if wrong:
            pytest.fail("\n".join(sorted(wrong)), pytrace=False)
