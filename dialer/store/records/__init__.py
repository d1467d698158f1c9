"""What is kept beside the day's work, and looked up: calls, recordings, orders, notices, figures."""
