"""The day's work: its records, the rules, what is read of the day, and the engine that applies the rules.

Rules take ``now`` as a value; they do no I/O and read no clock. :mod:`dialer.campaign.engine` loads, commits and acts
through the ports of :mod:`dialer.campaign.ports`, and :mod:`dialer.phonetests.service` times test calls of phones.
"""
