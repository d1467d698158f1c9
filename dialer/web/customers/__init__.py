"""The day's customers: import, search, detail, assignment, manual calls, orders."""
