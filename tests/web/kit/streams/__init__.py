"""What a page hears for as long as it is open."""
