"""Pictures of every page, with every scene that it can show."""
