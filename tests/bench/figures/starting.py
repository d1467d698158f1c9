"""Figure 12: how long a command works until its answer: ``dialer status`` in Chinese beside a running service.

What counts is the processor time of the command's process, user and system, so that other work on the machine changes
little; the median of the rounds, after one that leaves the modules compiled. The person waits about as long.
Few agents, so that the start counts and not the drawing of a long table.

Bare counterpart: the same interpreter, and nothing.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from dataclasses import dataclass
from statistics import median

from tests.bench.figure import Figure, value_at_most
from tests.bench.ground import RINGS, Ground
from tests.bench.running import running


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured."""

    rounds: int = 15
    agents: int = 5


async def measure(ground: Ground, size: Size | None = None) -> list[Figure]:
    """Seconds of processor time."""
    size = size or Size()
    place = await ground.place(RINGS)
    await place.fill(visits=size.agents, agents=size.agents, ready=False)
    status = ("-m", "dialer", "--config", str(place.config), "--lang", "zh", "status")
    async with running(place):
        ground.say(f"command.cpu: {size.rounds} rounds")
        ours = await asyncio.to_thread(_worked_s, status, size.rounds)
    bare = await asyncio.to_thread(_worked_s, ("-c", "pass"), size.rounds)
    return [Figure("command.cpu", ours, "s", "python -c pass", bare, value_at_most(0.3))]


def _worked_s(arguments: tuple[str, ...], rounds: int) -> float:
    return median([_once(arguments) for _ in range(rounds + 1)][1:])


def _once(arguments: tuple[str, ...]) -> float:
    process = subprocess.Popen(
        [sys.executable, *arguments],
        stdout=subprocess.DEVNULL,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": ""},
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, process.args)
    return used.ru_utime + used.ru_stime
