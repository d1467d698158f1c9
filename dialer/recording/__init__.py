"""Recordings: taken in from the PBX, checked, kept, played, expired; and the orders that belong to them."""
