"""The real service between two private PBXs, and everything that breaks around it."""
