"""Administration: accounts, tokens, the calendar, backups."""
