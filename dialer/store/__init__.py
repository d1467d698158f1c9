"""Storage: the ports of :mod:`dialer.campaign.ports` that keep something, over one SQL database.

``database`` opens, migrates and closes it; each other module implements one port. What is special
about SQLite is in ``sqlite``; every statement elsewhere is written for PostgreSQL too.
"""
