"""Who asks and what they may see, without a server."""
