"""The API of recordings."""
