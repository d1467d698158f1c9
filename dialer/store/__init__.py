"""Storage: what the ports beside the rules and the people ask for, over one SQL database.

``database`` opens and migrates it, reads and writes; ``schema`` has its tables, ``day``, ``records`` and ``people`` the
statements, which are written for PostgreSQL too. What each kind of database does in its own way is behind the port
``backend``: SQLite's is in ``sqlite``, the only kind there is so far.
"""
