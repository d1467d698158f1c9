"""Who works with the dialer: people and systems, how they sign in, and what they may do."""
