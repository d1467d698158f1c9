"""Who works with the dialer: accounts, sessions, tokens, and what they did."""
