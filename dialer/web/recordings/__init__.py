"""Recordings: search, listen, annotate, protect."""
