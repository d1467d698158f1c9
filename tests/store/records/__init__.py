"""Tests of ``dialer.store.records``."""
