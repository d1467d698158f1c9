"""What is SQLite's alone: connections, errors, the file and its owner, the log, copies, backups, some expressions."""
