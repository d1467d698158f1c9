"""Who is called when, and for whom: one strategy a file."""
