"""Tests of ``dialer.store.sqlite``."""
