"""What the PBX says of calls, until an attempt is over."""
