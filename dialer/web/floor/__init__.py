"""The team leader's view of the day."""
