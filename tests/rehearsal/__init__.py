"""Tests of the rehearsal room."""
