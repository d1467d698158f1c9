"""The independent witness: our books compared with call records that somebody else wrote."""
