"""What needs no sign-in: health, metrics, the API's description, the status page."""
