"""The day's work: its records, the rules, what is read of the day, and the engine that applies the rules.

Rules take ``now`` as a value; they do no I/O and read no clock. Messages come in at :mod:`~dialer.campaign.step`, which
knows commands, calls and strategies; :mod:`~dialer.campaign.engine` loads, commits and acts through the ports of
:mod:`~dialer.campaign.ports`. Which way the folders import each other is held by a contract in ``pyproject.toml``.
"""
