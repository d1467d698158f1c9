"""Backups as files with a checksum, and the folder that they are kept in."""
