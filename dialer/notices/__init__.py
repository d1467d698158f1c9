"""The info platform: notices go out of the outbox until they are acknowledged, and the built-in board."""
