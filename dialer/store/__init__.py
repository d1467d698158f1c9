"""Storage: the ports of :mod:`dialer.campaign.ports` that keep something, over one SQL database, and its backups.

``database`` opens, migrates and closes it. Statements are written once, for PostgreSQL too; what is special about
SQLite stays in ``sqlite`` and in the modules of backup and restore.
"""
