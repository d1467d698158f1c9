"""The day's work: the rules, the state of the day, and the engine that applies them.

Nothing in here does I/O except :mod:`dialer.campaign.engine`, which only calls the ports of
:mod:`dialer.campaign.ports`. Rules take ``now`` as a value and never read a clock.
"""
