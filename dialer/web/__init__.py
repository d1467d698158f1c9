"""What people and programs see: the department's pages, the API, live events, health and metrics.

Each part of the department's work has a folder with its API, pages, templates and scripts; what they share is in
``kit``. :mod:`~dialer.web.parts` puts their tables together, :mod:`~dialer.web.server` serves them, and
:mod:`~dialer.web.private` serves one command of this machine while no service runs.
"""
