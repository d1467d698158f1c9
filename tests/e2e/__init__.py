"""The pages in a real browser, before the real service, which calls over a real PBX."""
