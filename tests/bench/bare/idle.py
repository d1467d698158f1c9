"""The counterpart of figure 13 as a process: an event loop that does nothing, and notes how late it is."""

from __future__ import annotations

import asyncio
import time

from tests.bench.bare.process import tell

_LOOK_S = 0.005


async def main() -> None:
    """Say each time for which the loop was late by more than any before it, in seconds, until told to stop."""
    longest = 0.0
    while True:
        before = time.perf_counter()
        await asyncio.sleep(_LOOK_S)
        late = time.perf_counter() - before - _LOOK_S
        if late > longest:
            longest = late
            tell(longest)


if __name__ == "__main__":
    asyncio.run(main())
