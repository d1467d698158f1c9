"""The info platform's board, and the notices on their way to it."""
