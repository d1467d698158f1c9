"""Signing in and out, passwords, languages."""
