"""Test calls to agents' phones."""
