"""What is read: why somebody has not been called, the day's overview, calls looked up."""
