"""What `dialer check` asks a PBX: what it says of itself, which modules it has, whether its events reach us."""
