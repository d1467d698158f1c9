"""The API of agents and their calls."""
