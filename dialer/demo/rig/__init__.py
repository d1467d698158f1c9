"""The rig: a private office PBX and a private outside world, both real Asterisk.

Tests, rehearsals and the demonstration run on it. Nothing of the machine is touched.
"""
