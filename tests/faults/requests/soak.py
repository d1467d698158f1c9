"""The long run: dialers that are fuzzed one after the other, each in a folder of its own, until the time is over."""

from __future__ import annotations

import asyncio
import random
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from tests.faults.report import Outcome, Violation
from tests.faults.requests.fuzz import Fuzzer
from tests.faults.requests.sender import answered
from tests.web.people import open_people

EACH = 2000
"""Requests to one dialer: its day, its accounts and its books then begin anew."""


async def soak(minutes: float, seed: int, say: Callable[[str], None]) -> Outcome:
    """Fuzz for so long, from this seed on."""
    loop = asyncio.get_running_loop()
    until, first, sent = loop.time() + minutes * 60, seed, 0
    statuses: Counter[int] = Counter()
    violations: list[Violation] = []
    while seed == first or loop.time() < until:
        replay = f"python -m tests.faults requests --seed {seed} --minutes 0"
        with tempfile.TemporaryDirectory() as folder:
            async with open_people(Path(folder)) as people:
                fuzzer = Fuzzer(people, random.Random(seed))
                await fuzzer.run(EACH)
        sent += fuzzer.sender.sent
        statuses += fuzzer.sender.statuses
        violations += [Violation(where, what, replay) for where, what in fuzzer.sender.wrong.items()]
        say(f"seed {seed}: {sent:,} requests, {len(violations)} wrong answers")
        seed += 1
    replay = f"python -m tests.faults requests --seed {first} --minutes {minutes:g}"
    return Outcome("requests", first, replay, (), tuple(violations), (), (f"{sent:,} requests ({answered(statuses)})",))
