"""Tests of the private PBXs."""
