"""What the parts of the web share."""
