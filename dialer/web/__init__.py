"""The HTTP face: an API for machines, health, metrics, live events and one plain status page."""
