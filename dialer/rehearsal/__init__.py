"""Rehearsals: private PBXs, a simulated PBX, the demonstration."""
