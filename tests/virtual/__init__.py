"""Whole days on a virtual clock: a simulated PBX, books in memory, and the invariants that are checked afterwards."""
