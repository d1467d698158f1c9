"""``dialer run`` with a probe in it: ``python -m tests.bench.served <file>`` with $DIALER_CONFIG.

One line of the file for each thing that was seen, tab-separated: ``event`` with attempt, sign, the PBX's time and the
time at which the transaction was committed and its listeners were told; ``stall`` with when and how long the event
loop, which reads the manager interface too, was not to be had (from 10 ms on). Times are epoch seconds.
"""

from __future__ import annotations

import asyncio
import sys
import time
from datetime import datetime
from pathlib import Path

import uvloop

from dialer import logs
from dialer.app import Service, serve
from dialer.campaign.changes import Changes
from dialer.settings import load

_LOOK_S = 0.005
_STALL_S = 0.010


async def main(out: Path) -> None:
    """Serve until told to stop."""
    settings = load()
    logs.configure(settings.log, secrets=settings.secrets())
    with out.open("w", encoding="utf-8", buffering=1 << 16) as file:
        tasks = []

        def started(service: Service) -> None:
            def committed(changes: Changes, _: datetime) -> None:
                at = time.time()
                file.writelines(
                    f"event\t{call.attempt}\t{call.progress}\t{call.at.timestamp():.6f}\t{at:.6f}\n"
                    for call in changes.calls
                )

            async def watch() -> None:
                while True:
                    before = time.perf_counter()
                    await asyncio.sleep(_LOOK_S)
                    late = time.perf_counter() - before - _LOOK_S
                    if late > _STALL_S:
                        file.write(f"stall\t{time.time():.6f}\t{late:.6f}\n")

            service.parts.engine.on_committed(committed)
            tasks.append(asyncio.create_task(watch(), name="stall-watch"))

        await serve(settings, started=started)
        for task in tasks:
            task.cancel()


if __name__ == "__main__":
    uvloop.run(main(Path(sys.argv[1])))
