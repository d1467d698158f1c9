"""Who asks and what they may see: tokens, sessions, roles, the audit log."""
