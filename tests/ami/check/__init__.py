"""What `dialer check` asks a PBX."""
