"""Administration: health, staff, phones, tokens, calendar, backups, settings, audit log."""
