"""The PBX and the machine: configuration, checks, test calls."""
