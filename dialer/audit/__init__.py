"""The independent witness: our records compared with call records that somebody else wrote."""
