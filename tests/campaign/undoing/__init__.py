"""Whatever one message holds, and whatever a handler raises, ends that message alone."""
