"""Reports of the day and the week, and the reconciliation."""
