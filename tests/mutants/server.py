"""``python -m tests.mutants.server SOCKET TEST ...``: run the tests anew for whoever connects to ``SOCKET``.

Each run is a process of its own, forked from this one, which has imported everything but our own code: to import that
again for each change would cost more than the tests. Whoever connects is told the exit code, and by leaving ends the
run. With no tests this is the other side: it asks for one run and ends with its exit code.
"""

from __future__ import annotations

import gc
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Mapping, Sequence

_OPTIONS = ("-x", "-q", "-p", "no:cacheprovider", "-m", "not pbx and not soak", "--timeout=30")
"""What a change keeps from coming is not waited for with the patience that a busy machine asks of the whole."""


def main(address: str, *tests: str) -> int:
    """Serve, or ask for one run; the exit code."""
    with socket.socket(socket.AF_UNIX) as peer:
        if tests:
            return _serve(peer, address, tests)
        peer.connect(address)
        return ord(peer.recv(1) or b"\1")


def _serve(listening: socket.socket, address: str, tests: Sequence[str]) -> int:
    """The first run only imports. The second is without a change: they must pass, and it says how long each takes."""
    import pytest

    pytest.main([*_OPTIONS, "--collect-only", *tests])
    allowed_s: dict[str, float] = {}
    for each in tests:
        _forget_our_own()
        before_s = time.process_time()
        if code := pytest.main([*_OPTIONS, each]):
            return code
        allowed_s[each] = 2 + 5 * (time.process_time() - before_s)
    _forget_our_own()
    sys.dont_write_bytecode = True  # a changed module would be taken for the next one, made within the same second
    gc.freeze()
    listening.bind(address)
    listening.listen()
    while True:
        asking, _ = listening.accept()
        with asking:
            asking.sendall(bytes((_run(asking, allowed_s),)))


def _forget_our_own() -> None:
    for name in [each for each in sys.modules if each.partition(".")[0] in ("dialer", "tests")]:
        del sys.modules[name]


def _run(asking: socket.socket, allowed_s: Mapping[str, float]) -> int:
    child = os.fork()
    if child == 0:
        os.setsid()
        os._exit(_tested(allowed_s))
    over = os.pidfd_open(child)
    try:
        if over not in select.select((over, asking.fileno()), (), ())[0]:
            os.killpg(child, signal.SIGKILL)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) % 256
    finally:
        os.close(over)


def _tested(allowed_s: Mapping[str, float]) -> int:
    """Run them one by one until one fails, or works for longer than ``allowed_s``, however busy the machine is."""
    import pytest

    for each, most_s in allowed_s.items():
        signal.setitimer(signal.ITIMER_PROF, most_s)
        if code := pytest.main([*_OPTIONS, each]):
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
