"""``python -m tests.bench [--json FILE] [--markdown FILE] [--quick] [name ...]``: measure, print table and JSON lines.

Exit code 0 when every goal is met, 1 when one is missed (and nothing is lowered to meet it), 2 for a wrong name.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import platform
import sys
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import structlog
from rich.console import Console

from dialer import __version__
from dialer.demo.rig.acquire import acquire
from tests.bench.figure import Figure, as_markdown, show
from tests.bench.figures import (
    booked,
    day,
    growth,
    importing,
    intake,
    latency,
    listening,
    screens,
    search,
    size,
    stall,
    starting,
    throughput,
)
from tests.bench.ground import Ground, ground

CACHE = Path("var/cache")

Measure = Callable[[Ground], Awaitable[list[Figure]]]

ALL: dict[str, tuple[Measure, Measure]] = {
    "throughput": (throughput.measure, lambda on: throughput.measure(on, throughput.Size(100, 10, 1))),
    "latency": (latency.measure, lambda on: latency.measure(on, latency.Size(200, 20, 20))),
    "booked": (booked.measure, lambda on: booked.measure(on, booked.Size(20, 3, 40))),
    "intake": (intake.measure, lambda on: intake.measure(on, intake.Size(10, 2000, 1))),
    "size": (size.measure, lambda on: size.measure(on, size.Size(200, 10, 1))),
    "command": (starting.measure, lambda on: starting.measure(on, starting.Size(1, 5))),
    "growth": (growth.measure, lambda on: growth.measure(on, growth.Size((100, 400), 40, 8, 1))),
    "search": (search.measure, lambda on: search.measure(on, search.Size(2000, 6, 200))),
    "import": (importing.measure, lambda on: importing.measure(on, importing.Size(50))),
    "screens": (screens.measure, lambda on: screens.measure(on, screens.Size(3, 2, 2, 4, 0))),
    "listening": (listening.measure, lambda on: listening.measure(on, listening.Size(2))),
    "stall": (stall.measure, lambda on: stall.measure(on, stall.Size(50, 50, 2))),
    "day": (day.measure, lambda on: day.measure(on, day.Size(5, 40, 1))),
}
"""Each figure's measurement, and the same in miniature, whose values mean nothing."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; the exit code."""
    given = _parser().parse_args(arguments)
    unknown = [name for name in given.names if name not in ALL]
    if unknown:
        sys.stderr.write(f"there is no figure {', '.join(unknown)}; there are {', '.join(ALL)}\n")
        return 2
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    console = Console(stderr=True, highlight=False)
    machine = _machine()
    console.print(machine, soft_wrap=True)
    figures = asyncio.run(_measured(given.names or list(ALL), given.quick, console))
    show(figures, Console(width=150, highlight=False))
    lines = "".join(f"{figure.as_json()}\n" for figure in figures)
    sys.stdout.write(lines)
    if given.json:
        given.json.write_text(lines, encoding="utf-8")
    if given.markdown:
        given.markdown.write_text(f"{machine}\n\n{as_markdown(figures)}", encoding="utf-8")
    missed = [figure.name for figure in figures if figure.met is False]
    console.print(f"missed: {', '.join(missed)}" if missed else "every goal is met", soft_wrap=True)
    return 1 if missed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="The dialer's speed as figures.")
    parser.add_argument("names", nargs="*", metavar="name", help=f"which: {', '.join(ALL)} (default: all)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the JSON lines to a file too")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write machine and table for a document too")
    parser.add_argument("--quick", action="store_true", help="in miniature, to see that it runs; no figure counts")
    return parser


async def _measured(names: Sequence[str], quick: bool, console: Console) -> list[Figure]:
    def say(text: str) -> None:
        console.print(f"  {text}", markup=False, soft_wrap=True)

    build = await asyncio.to_thread(lambda: acquire(CACHE.absolute(), say))
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="dialer-bench-", ignore_cleanup_errors=True) as folder:
        async with ground(Path(folder), build, say) as on:
            for name in names:
                figures += await ALL[name][quick](on)
    return figures


def _machine() -> str:
    """What it runs on and how busy that is: figures of different machines cannot be compared."""
    load = ", ".join(f"{each:.2f}" for each in os.getloadavg())
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return (
        f"dialer {__version__}, {now}, Python {platform.python_version()}, {platform.machine()}, "
        f"{os.cpu_count()} processors, load {load}"
    )


if __name__ == "__main__":
    sys.exit(main())
