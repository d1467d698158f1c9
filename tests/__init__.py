"""Tests; the folders mirror dialer/."""
