"""The composition root: settings -> parts -> one running service. Nothing else builds things.

Read :mod:`~dialer.app.service` from top to bottom; the other modules are what it is built of:
:mod:`~dialer.app.parts` (what a service and an offline command share), :mod:`~dialer.app.http` (what stands behind the
HTTP routes) and :mod:`~dialer.app.jobs` (what goes on beside the engine). :mod:`~dialer.app.local` is the same API for
one command while no service runs.
"""

from dialer.app.parts import Parts, offline
from dialer.app.service import Service, serve, service

__all__ = ["Parts", "Service", "offline", "serve", "service"]
