"""Tests of ``dialer.store.people``."""
