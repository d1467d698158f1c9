"""``python -m tests.mutants [TARGET ...]``: change the rules a little, again and again, and see whether a test notices.

Exit code 0 when every survivor stands in ``docs/mutants.md`` with its reason, 1 otherwise. Half an hour on two cores.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby

from rich.console import Console

from tests.mutants.listed import DOCUMENT, listed, row_of
from tests.mutants.session import tried
from tests.mutants.targets import TARGETS


def main(arguments: Sequence[str] | None = None) -> int:
    """Try the targets that were asked for; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    names = [target.name for target in TARGETS]
    parser.add_argument("target", nargs="*", help=f"which (default: all): {', '.join(names)}")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="targets at a time (default: 2)")
    given = parser.parse_args(arguments)
    if unknown := set(given.target) - set(names):
        parser.error(f"there is no target {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    known = listed(DOCUMENT.read_text(encoding="utf-8"))
    progress, report = (
        Console(stderr=to_stderr, highlight=False, markup=False, soft_wrap=True) for to_stderr in (True, False)
    )
    with ThreadPoolExecutor(given.jobs) as pool:
        chosen = [target for target in TARGETS if not given.target or target.name in given.target]
        found = list(pool.map(lambda target: tried(target, progress.print), chosen))
    survivors = sorted({each for target in found for each in target.survivors})
    new = [each for each in survivors if each not in known]
    for module, rows in groupby(new, lambda each: each.module):
        report.print(f"\n## `{module}`\n", *map(row_of, rows), sep="\n")
    report.print(
        f"\n{sum(target.made for target in found)} changes: {len(survivors)} survived, "
        f"{len(new)} of them without a reason in docs/{DOCUMENT.name}"
    )
    return 1 if new else 0


if __name__ == "__main__":
    sys.exit(main())
