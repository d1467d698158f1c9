"""``python -m tests.faults [SOAK] [--days N] [--minutes N] [--seed N] [--json FILE]``: break it, and look.

Exit code 0 when nothing was violated and every goal is met, 1 otherwise; each violation comes with its replay.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import structlog
from rich.console import Console

from tests.faults.report import Outcome, show
from tests.faults.requests import soak as requests
from tests.faults.rig import soak as rig
from tests.faults.virtual import soak as virtual
from tests.faults.virtual import strangers

SOAKS = ("virtual", "strangers", "requests", "rig")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the soaks that were asked for; the exit code."""
    given = _parser().parse_args(arguments)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    progress = Console(stderr=True, highlight=False)

    def say(text: str) -> None:
        progress.print(f"  {text}", markup=False, soft_wrap=True)

    soaks: dict[str, Callable[[], Awaitable[Outcome]]] = {
        "virtual": lambda: virtual.soak(given.days, given.seed, say),
        "strangers": lambda: strangers.soak(min(given.days, strangers.WORKING_DAYS), given.seed, say),
        "requests": lambda: requests.soak(given.minutes, given.seed, say),
        "rig": lambda: rig.soak(given.minutes, given.seed, say),
    }
    outcomes = asyncio.run(_all([soaks[name] for name in ([given.soak] if given.soak else SOAKS)]))
    show(outcomes, Console(width=160, highlight=False))
    if given.json:
        given.json.write_text("".join(f"{line}\n" for each in outcomes for line in each.as_json()), encoding="utf-8")
    return 0 if all(outcome.whole for outcome in outcomes) else 1


async def _all(soaks: Sequence[Callable[[], Awaitable[Outcome]]]) -> list[Outcome]:
    return [await soak() for soak in soaks]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description="Faults, and what they broke.")
    parser.add_argument("soak", nargs="?", choices=SOAKS, help="which soak (default: all)")
    days = f"virtual days (default: 1000); of those among strangers at most {strangers.WORKING_DAYS}"
    parser.add_argument("--days", type=int, default=1000, metavar="N", help=days)
    parser.add_argument(
        "--minutes", type=float, default=60.0, metavar="N", help="minutes of requests, and on the rig (default: 60)"
    )
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="the first day's seed (default: 1)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every fault, goal and violation as JSON lines")
    return parser


if __name__ == "__main__":
    sys.exit(main())
