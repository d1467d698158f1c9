"""What is on record: recordings, orders, notices, and the comparison with call records."""
