"""The API of administration."""
