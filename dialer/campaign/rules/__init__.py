"""What follows from what. Pure: no clock, no I/O."""
